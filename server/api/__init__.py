"""The route table: every blueprint of the API, in the order of its documentation."""

from server.api import (
    health,
    photos,
    promises,
    regions,
    reports,
    store_imports,
    stores,
    sync,
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
    sync.blp,
    reports.blp,
    health.blp,
)
