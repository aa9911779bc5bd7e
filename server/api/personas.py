"""/v1/brands/{brand}/personas"""

from typing import Any

from schemas.base import Listing
from schemas.personas import (
    PersonaChangeSchema,
    PersonaNewSchema,
    PersonaPageSchema,
    PersonaSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import personas

blp = Blueprint(
    "personas",
    __name__,
    url_prefix="/v1/brands/<brand_id>/personas",
    description="Who shoppers play, and whom it suits.",
)


@blp.operation("GET", "", query=Listing, returns=PersonaPageSchema)
def list_personas(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's personas."""
    return personas.listed(actor, brand_id, **query)


@blp.operation("POST", "", body=PersonaNewSchema, returns=PersonaSchema, status=201)
def create_persona(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Make a persona."""
    return personas.create(actor, brand_id, body)


@blp.operation("GET", "/<persona_id>", returns=PersonaSchema)
def read_persona(actor: Actor, brand_id: str, persona_id: str) -> Any:
    """Read a persona."""
    return personas.read(actor, brand_id, persona_id)


@blp.operation(
    "PATCH", "/<persona_id>", body=PersonaChangeSchema, returns=PersonaSchema, edits=True
)
def change_persona(
    actor: Actor, brand_id: str, persona_id: str, body: dict[str, Any], if_match: int
) -> Any:
    """Change a persona."""
    return personas.change(actor, brand_id, persona_id, if_match, body)


@blp.operation("DELETE", "/<persona_id>", returns=PersonaSchema, edits=True)
def archive_persona(actor: Actor, brand_id: str, persona_id: str, if_match: int) -> Any:
    """Archive a persona; assignments that name it keep it."""
    return personas.archive(actor, brand_id, persona_id, if_match)
