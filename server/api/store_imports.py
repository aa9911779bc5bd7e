"""/v1/brands/{brand}/store-imports"""

from typing import Any

from schemas.store_imports import StoreImportQuery, StoreImportSchema
from server.api import body
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Duplicate, MalformedRequest, TooLarge, UnsupportedMediaType
from server.services import store_imports

blp = Blueprint(
    "store-imports",
    __name__,
    url_prefix="/v1/brands/<brand_id>/store-imports",
    description="Stores out of a CSV file, by code.",
)

_FILE = body.csv_file(
    "A CSV file with a header; encoding and delimiter are guessed.",
    "code,name,city,country\nNA-01,Napoli Chiaia,Napoli,IT\n",
)


@blp.operation(
    "POST",
    "",
    query=StoreImportQuery,
    returns=StoreImportSchema,
    raises=(Duplicate, MalformedRequest, TooLarge, UnsupportedMediaType),
    doc={"requestBody": _FILE},
)
def import_stores(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """Create or change a store for each row of a CSV file.

    All rows that can be imported are, in one transaction; the others are answered with line and
    reason. A column that is mapped speaks for its field: an empty cell empties it. A field that
    cannot be right (a point outside its country, an unknown time zone) is left out, with a warning.
    """
    said = {name: [query.pop(name)] for name in ("map", "default") if query.get(name)}
    options = store_imports.Options(**query | {"map": (), "default": ()} | said)
    return store_imports.run(actor, brand_id, body.csv(), options)
