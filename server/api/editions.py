"""/v1/brands/{brand}/reports/{report}/revisions/{number}/editions"""

from typing import Any

from schemas.records import EditionNewSchema, EditionsSchema, RedactionsSchema
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Conflict
from server.services import editions

blp = Blueprint(
    "editions",
    __name__,
    url_prefix="/v1/brands/<brand_id>/reports/<report_id>/revisions/<int:number>",
    description="Texts as stores read them, beside the shopper's own words.",
)


@blp.operation("GET", "/redactions", returns=RedactionsSchema, personal=True)
def propose_redactions(actor: Actor, brand_id: str, report_id: str, number: int) -> Any:
    """Find the names of the store's staff in a revision's texts."""
    return {"items": editions.proposed(actor, brand_id, report_id, number)}


@blp.operation("GET", "/editions", returns=EditionsSchema, personal=True)
def list_editions(actor: Actor, brand_id: str, report_id: str, number: int) -> Any:
    """List all editions of a revision's texts."""
    return {"items": editions.listed(actor, brand_id, report_id, number)}


@blp.operation(
    "POST",
    "/editions",
    body=EditionNewSchema,
    returns=EditionsSchema,
    status=201,
    raises=(Conflict,),
)
def create_edition(
    actor: Actor, brand_id: str, report_id: str, number: int, body: dict[str, Any]
) -> Any:
    """Write texts as stores are to read them; the shopper's own words stay as they are."""
    return {"items": editions.create(actor, brand_id, report_id, number, body["edits"])}
