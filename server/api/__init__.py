"""The route table: every blueprint of the API, in the order of its documentation."""

from server.api import auth, brands, clients, health, me, members, promises
from server.api.blueprint import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = (
    auth.blp,
    me.blp,
    brands.blp,
    members.blp,
    clients.blp,
    promises.blp,
    health.blp,
)
