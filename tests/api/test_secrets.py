"""No answer holds a password, a hash or a secret, but the one that shows a new client's."""

import re
from typing import Any

import flask

from server.api import openapi

TELLING = re.compile("password|hash|secret", re.IGNORECASE)


def answered(app: flask.Flask) -> dict[str, Any]:
    """The schemas that any answer of any route is made of, by name."""
    with app.app_context():
        spec = openapi.document()
    schemas = spec["components"]["schemas"]
    found: dict[str, Any] = {}
    waiting = [
        content
        for path in spec["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        for content in operation.get("responses", {}).values()
    ]
    while waiting:
        for name in re.findall(r"#/components/schemas/(\w+)", str(waiting.pop())):
            if name not in found:
                found[name] = schemas[name]
                waiting.append(schemas[name])
    return found


def test_no_answer_tells_a_secret(app: flask.Flask) -> None:
    schemas = answered(app)
    assert {"Member", "Me", "Client", "Device", "Token"} <= set(schemas)
    telling = {
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field in schema.get("properties", {})
        if TELLING.search(field)
    }
    assert telling == {"ClientMade.secret"}
