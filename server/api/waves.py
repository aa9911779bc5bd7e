"""/v1/brands/{brand}/waves"""

from typing import Any

from schemas.base import Listing
from schemas.waves import (
    WaveChangeSchema,
    WaveNewSchema,
    WavePageSchema,
    WaveSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import waves

blp = Blueprint(
    "waves",
    __name__,
    url_prefix="/v1/brands/<brand_id>/waves",
    description="Campaigns of visits with one checklist and one window.",
)


@blp.operation("GET", "", query=Listing, returns=WavePageSchema)
def list_waves(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's waves."""
    return waves.listed(actor, brand_id, **query)


@blp.operation("POST", "", body=WaveNewSchema, returns=WaveSchema, status=201)
def create_wave(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Plan a wave."""
    return waves.create(actor, brand_id, body)


@blp.operation("GET", "/<wave_id>", returns=WaveSchema)
def read_wave(actor: Actor, brand_id: str, wave_id: str) -> Any:
    """Read a wave."""
    return waves.read(actor, brand_id, wave_id)


@blp.operation("PATCH", "/<wave_id>", body=WaveChangeSchema, returns=WaveSchema, edits=True)
def change_wave(
    actor: Actor, brand_id: str, wave_id: str, body: dict[str, Any], if_match: int
) -> Any:
    """Change a wave."""
    return waves.change(actor, brand_id, wave_id, if_match, body)


@blp.operation("DELETE", "/<wave_id>", returns=WaveSchema, edits=True)
def archive_wave(actor: Actor, brand_id: str, wave_id: str, if_match: int) -> Any:
    """Archive a wave; its assignments go on."""
    return waves.archive(actor, brand_id, wave_id, if_match)
