"""The route table: every blueprint of the API, in the order of its documentation."""

from server.api import (
    assignments,
    auth,
    brands,
    checklists,
    clients,
    health,
    me,
    members,
    photos,
    promises,
    regions,
    store_exports,
    store_imports,
    stores,
    touchpoints,
    waves,
)
from server.api import health, photos, promises, regions, store_imports, stores, sync, touchpoints
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
    auth.blp,
    me.blp,
    brands.blp,
    members.blp,
    clients.blp,
    promises.blp,
    touchpoints.blp,
    checklists.blp,
    regions.blp,
    stores.blp,
    store_exports.blp,
    store_imports.blp,
    waves.blp,
    assignments.blp,
    photos.blp,
    sync.blp,
    rankings.blp,
    health.blp,
)
