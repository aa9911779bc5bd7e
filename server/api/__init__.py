"""The route table: every blueprint of the API, in the order of its documentation."""

from server.api import documentation, health, promises
from server.api.blueprint import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = (
    promises.blp,
    health.blp,
    documentation.blp,
)
