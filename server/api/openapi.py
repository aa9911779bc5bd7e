"""What openapi.yaml says beside the operations, and the whole of it as a document."""

import re
import threading
from typing import Any

import flask
import orjson
import yaml

from server.api import examples

DESCRIPTION = """\
Promessa serves touchpoint checklists to mystery shoppers' phones, accepts their visit reports
however late, twice or out of order they arrive, and ranks stores by what the brand promised.

Times are ISO 8601 with offset, except in `/v1/sync`, whose times are integer milliseconds UTC.
Ids are opaque strings. Every error is `application/problem+json` (RFC 9457); switch on its `code`.
Before any route looks at it, a request line over 64 KiB is `uri-too-long` (414), header fields over
8 KiB each or 64 KiB together are `headers-too-large` (431), and what is no HTTP is
`malformed-request` (400); a request that does not arrive within 10 seconds is not answered.
Lists are paged by `cursor`. What people edit carries an ETag, and an edit sends it as If-Match.
"""

OPENAPI: dict[str, Any] = {
    "API_TITLE": "Promessa",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {"description": DESCRIPTION, "license": {"name": "Proprietary"}},
        "servers": [{"url": "/", "description": "This server"}],
        "components": {
            "securitySchemes": {
                "client": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "An integrator's client_id and client_secret.",
                },
                "bearer": {
                    "type": "oauth2",
                    "description": "An access token of /v1/auth/token, as a Bearer token.",
                    "flows": {
                        "password": {
                            "tokenUrl": "/v1/auth/token",
                            "refreshUrl": "/v1/auth/token",
                            "scopes": {},
                        },
                        "clientCredentials": {"tokenUrl": "/v1/auth/token", "scopes": {}},
                    },
                },
            }
        },
    },
}

_writing = threading.Lock()
_BY_NAME = {
    "brand_id": "The brand's id. Another's brand is a 404.",
    "code": "The code of a problem.",
    "plot": "What is drawn.",
    "ending": "How it is given.",
}


def document() -> dict[str, Any]:
    """The OpenAPI document of the current app, made once."""
    extensions = flask.current_app.extensions
    with _writing:
        if "promessa-openapi" not in extensions:
            extensions["promessa-openapi"] = _tidied(extensions["promessa-api"].written())
    found: dict[str, Any] = extensions["promessa-openapi"]
    return found


def as_yaml() -> str:
    """The document as YAML, the same for the same code; made once, as it takes a while."""
    extensions = flask.current_app.extensions
    if "promessa-openapi-yaml" not in extensions:
        extensions["promessa-openapi-yaml"] = yaml.dump(
            document(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
        )
    found: str = extensions["promessa-openapi-yaml"]
    return found


def _tidied(spec: dict[str, Any]) -> dict[str, Any]:
    """Plain data, in a fixed order: described paths first, components that nothing uses dropped,
    an example of everything."""
    spec = orjson.loads(orjson.dumps(spec, default=dict))
    for path in spec["paths"].values():
        for parameter in path.get("parameters", ()):
            parameter.setdefault("description", _described(parameter["name"]))
        for operation in path.values():
            if isinstance(operation, dict):
                operation["responses"] = dict(sorted(operation["responses"].items()))
    components = spec.pop("components")
    components["schemas"] = _used(components["schemas"], spec["paths"])
    spec["components"] = components
    examples.illustrate(spec)
    return spec


def _described(name: str) -> str:
    noun = name.removesuffix("_id").replace("_", " ")
    return _BY_NAME.get(name, f"The {noun}'s id." if name.endswith("_id") else f"The {noun}.")


def _used(schemas: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """The schemas that the paths lead to, by name."""
    used: set[str] = set()
    waiting = _references(paths)
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting |= _references(schemas[name])
    return {name: schemas[name] for name in sorted(used)}


def _references(part: Any) -> set[str]:
    text = orjson.dumps(part).decode()
    return set(re.findall(r'"#/components/schemas/([^"]+)"', text))


class _Dumper(yaml.CSafeDumper):
    """Text of several lines as a block, and equal parts written out instead of as anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always: an anchor is hard to read."""
        return True


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
