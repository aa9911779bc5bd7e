"""Records that the law asks for: who did what, who agreed to what, what staff were told."""

from typing import Any

from schemas.base import Paging
from schemas.records import (
    AuditEntryPageSchema,
    AuditListing,
    ConsentListing,
    ConsentNewSchema,
    ConsentPageSchema,
    ConsentSchema,
    ConsentsSchema,
    DisclosureNewSchema,
    DisclosurePageSchema,
    DisclosureSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import audit, consents

blp = Blueprint(
    "records",
    __name__,
    url_prefix="/v1",
    description="Who did what, who agreed to what, and what stores' staff were told.",
)
_BRAND = "/brands/<brand_id>"


@blp.operation("GET", f"{_BRAND}/audit-log", query=AuditListing, returns=AuditEntryPageSchema)
def list_audit_entries(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List who read personal data and who changed what, oldest first."""
    return audit.listed(actor, brand_id, **query)


@blp.operation(
    "POST", f"{_BRAND}/consents", body=ConsentNewSchema, returns=ConsentSchema, status=201
)
def give_consent(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Keep one's own word on a text of the brand's: agreed, or taken back."""
    return consents.give(actor, brand_id, body)


@blp.operation(
    "GET", f"{_BRAND}/consents", query=ConsentListing, returns=ConsentPageSchema, personal=True
)
def list_consents(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List what the brand's people agreed to."""
    return consents.listed(actor, brand_id, **query)


@blp.operation("GET", "/me/consents", returns=ConsentsSchema)
def list_my_consents(actor: Actor) -> Any:
    """List what one has agreed to, in all brands."""
    return {"items": consents.mine(actor)}


@blp.operation(
    "POST", f"{_BRAND}/disclosures", body=DisclosureNewSchema, returns=DisclosureSchema, status=201
)
def create_disclosure(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Record that staff were told that visits take place, to what end and on which basis."""
    return consents.disclose(actor, brand_id, **body)


@blp.operation("GET", f"{_BRAND}/disclosures", query=Paging, returns=DisclosurePageSchema)
def list_disclosures(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List what the staff of one's stores were told."""
    return consents.disclosed(actor, brand_id, **query)
