"""The route table: every blueprint of the API, in the order of its documentation."""

from server.api import (
    health,
    photos,
    promises,
    rankings,
    regions,
    store_imports,
    stores,
    touchpoints,
)
from server.api.blueprint import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = (
    promises.blp,
    touchpoints.blp,
    regions.blp,
    stores.blp,
    store_imports.blp,
    photos.blp,
    rankings.blp,
    health.blp,
)
