"""The route table: every blueprint of the API, in the order of its documentation."""

from server.api import (
    assignments,
    checklists,
    health,
    photos,
    promises,
    regions,
    store_imports,
    stores,
    touchpoints,
    waves,
)
from server.api.blueprint import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = (
    promises.blp,
    touchpoints.blp,
    checklists.blp,
    regions.blp,
    stores.blp,
    store_imports.blp,
    waves.blp,
    assignments.blp,
    photos.blp,
    health.blp,
)
