"""The route table: every blueprint of the API, in the order of its documentation."""

from server.api import health, photos, promises, regions, stores, touchpoints
from server.api.blueprint import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = (
    promises.blp,
    photos.blp,
    touchpoints.blp,
    regions.blp,
    stores.blp,
    health.blp,
)
