"""What the law asks for: erasing a person, and telling what is held about them."""

from typing import Any

from schemas.base import Paging
from schemas.privacy import (
    ErasurePageSchema,
    ErasureSchema,
    PersonalDataSchema,
    RemovalPageSchema,
    RetentionNewSchema,
    RetentionSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Conflict, Forbidden
from server.services import erasures, personal_data, retention

blp = Blueprint(
    "privacy",
    __name__,
    url_prefix="/v1",
    description="What the law asks for: erasure, and what is held about a person.",
)
_MEMBER = "/brands/<brand_id>/members/<membership_id>"


@blp.operation("POST", f"{_MEMBER}/erasure", returns=ErasureSchema, status=202, raises=(Conflict,))
def erase_member(actor: Actor, brand_id: str, membership_id: str) -> Any:
    """Erase a person from the brand.

    All their roles end at once; a job overwrites their texts, places, devices and moments, and
    deletes their photos. Scores and sums stay, under a pseudonym. It cannot be undone.
    """
    return erasures.request(actor, brand_id, membership_id)


@blp.operation(
    "GET", "/brands/<brand_id>/erasures", query=Paging, returns=ErasurePageSchema, personal=True
)
def list_erasures(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List who asked for which erasure, and what became of it."""
    return erasures.listed(actor, brand_id, **query)


@blp.operation("GET", f"{_MEMBER}/export", returns=PersonalDataSchema, personal=True)
def export_member(actor: Actor, brand_id: str, membership_id: str) -> Any:
    """Read all that the brand holds about a person."""
    return {"held": personal_data.of_member(actor, brand_id, membership_id)}


@blp.operation("GET", "/me/export", returns=PersonalDataSchema, raises=(Forbidden,))
def export_me(actor: Actor) -> Any:
    """Read all that is held about oneself, in all brands."""
    return {"held": personal_data.of_me(actor)}


@blp.operation("GET", "/brands/<brand_id>/retention", returns=RetentionSchema)
def read_retention(actor: Actor, brand_id: str) -> Any:
    """Read for how many days the brand keeps what."""
    return retention.read(actor, brand_id)


@blp.operation(
    "PUT", "/brands/<brand_id>/retention", body=RetentionNewSchema, returns=RetentionSchema
)
def replace_retention(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Say for how many days the brand keeps what; once a day the rest is removed for good."""
    return retention.replace(actor, brand_id, body)


@blp.operation(
    "GET", "/brands/<brand_id>/retention-report", query=Paging, returns=RemovalPageSchema
)
def read_retention_report(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List what was removed when, by which rule."""
    return retention.report(actor, brand_id, **query)
