"""/v1/brands/{brand}/stores.csv"""

from typing import Any

import flask

from schemas.stores import StoreFilter
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import stores

blp = Blueprint(
    "store-exports",
    __name__,
    url_prefix="/v1/brands/<brand_id>",
    description="Stores as a CSV file.",
)

_FILE = {
    "description": "UTF-8 with a byte order mark; text that a spreadsheet would run as a formula "
    "has an apostrophe in front.",
    "content": {
        "text/csv": {
            "schema": {"type": "string"},
            "example": "code,name,region,address,city\nNA-01,Napoli Chiaia,Sud,,Napoli\n",
        }
    },
}


@blp.operation("GET", "/stores.csv", query=StoreFilter, doc={"responses": {"200": _FILE}})
def export_stores(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Export the live stores that you may see."""
    text = stores.exported(actor, brand_id, **query)
    headers = {"Content-Disposition": 'attachment; filename="stores.csv"'}
    return flask.Response(text.encode("utf-8-sig"), content_type="text/csv", headers=headers)
