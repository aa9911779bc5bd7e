"""/v1/brands/{brand}/mentions and mention-imports"""

from typing import Any

from schemas.mentions import MentionImportQuery, MentionPageSchema, MentionsQuery
from schemas.monthly_files import MonthlyImportSchema
from server.api import body
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import MalformedRequest, TooLarge, UnsupportedMediaType
from server.services import mentions
from server.services.selections import Filters

blp = Blueprint(
    "mentions",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="What customers said elsewhere, beside the scores.",
)

_FILE = body.csv_file(
    "A CSV file with the columns store (its code), month (YYYY-MM), reference (what "
    "the source calls it), rating (may be empty) and text. Leave the author out.",
    "store,month,reference,rating,text\nMI-01,2026-09,r-17,4,Kind and quick.\n",
)


@blp.operation("GET", "/mentions", query=MentionsQuery, returns=MentionPageSchema)
def list_mentions(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List what customers said elsewhere, beside the scores."""
    limit, cursor, source = query.pop("limit"), query.pop("cursor"), query.pop("source", None)
    filters = Filters(**query)
    return mentions.listed(actor, brand_id, filters, limit=limit, cursor=cursor, source=source)


@blp.operation(
    "POST",
    "/mention-imports",
    query=MentionImportQuery,
    returns=MonthlyImportSchema,
    raises=(MalformedRequest, TooLarge, UnsupportedMediaType),
    doc={"requestBody": _FILE},
)
def import_mentions(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Keep a source's mentions, in place of former ones of the same reference."""
    return mentions.imported(actor, brand_id, query["source"], body.csv())
