"""/v1/methods: how rankings are made, by the version that their figures name."""

from typing import Any

from schemas.methods import MethodSchema, MethodsSchema
from server.api.blueprint import Blueprint
from server.domain.methods import METHODS
from server.errors import NotFound

blp = Blueprint("methods", __name__, url_prefix="/v1/methods", description="How rankings are made.")


@blp.operation("GET", "", returns=MethodsSchema, public=True)
def list_methods() -> Any:
    """List the versions of the ranking's method."""
    return {"items": list(METHODS.values())}


@blp.operation("GET", "/<number>", returns=MethodSchema, public=True, raises=(NotFound,))
def read_method(number: str) -> Any:
    """Read a version of the ranking's method."""
    if number not in METHODS:
        raise NotFound(f"There is no version {number!r} of the method.")
    return METHODS[number]
