"""What the API says of itself: its OpenAPI document, the page /docs that shows it without any other
host, and its catalogue of problems."""

from pathlib import Path
from typing import Any

import flask
import flask_swagger_ui

from schemas.documentation import OpenApiSchema, ProblemKindSchema
from server import errors
from server.api import examples, openapi, problems
from server.api.blueprint import Blueprint

blp = Blueprint("documentation", __name__, description="What the API says of itself.")
pages = flask.Blueprint("pages", __name__)

_DIST = Path(flask_swagger_ui.__file__).with_name("dist")
_KEPT_SECONDS = 3600
# Swagger UI shows its icons from data: urls and sets styles by script, which CSP allows.
_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Promessa: the API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon-32x32.png">
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
"""
_START = """\
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
});
"""


def register(app: flask.Flask) -> None:
    """Serve the page and its files from `app`, to everybody."""
    app.register_blueprint(pages)
    app.config["PUBLIC_ENDPOINTS"] |= {
        f"pages.{view}" for view in ("show", "send", "home", "home_of_docs")
    }


@blp.operation("GET", "/openapi.json", returns=OpenApiSchema, public=True)
def read_openapi() -> Any:
    """Read the OpenAPI document as JSON."""
    return flask.jsonify(openapi.document())


@blp.operation(
    "GET",
    "/openapi.yaml",
    public=True,
    doc={
        "responses": {
            "200": {
                "description": "The document, the same as /openapi.json.",
                "content": {
                    "application/yaml": {
                        "schema": OpenApiSchema,
                        "example": examples.TABLE["OpenApi"],
                    }
                },
            }
        }
    },
)
def read_openapi_yaml() -> Any:
    """Read the OpenAPI document as YAML."""
    return flask.Response(openapi.as_yaml(), content_type="application/yaml")


@blp.operation(
    "GET",
    "/problems/<code>",
    returns=ProblemKindSchema,
    public=True,
    raises=(errors.NotFound,),
)
def read_problem(code: str) -> Any:
    """Read what a problem's `type` stands for."""
    kind = problems.KINDS.get(code)
    if kind is None:
        codes = ", ".join(sorted(problems.KINDS))
        raise errors.NotFound(f"No problem has the code {code!r}; there are {codes}.")
    return problems.described(kind)


@pages.get("/")
def home() -> Any:
    """Lead to the page."""
    return flask.redirect("docs")


@pages.get("/docs/")
def home_of_docs() -> Any:
    """Lead to the page, whose links are relative to an address without the last slash."""
    return flask.redirect("../docs")


@pages.get("/docs")
def show() -> Any:
    """The page."""
    return _of_page(flask.Response(_PAGE, content_type="text/html; charset=utf-8"))


@pages.get("/docs/<path:name>")
def send(name: str) -> Any:
    """A file of the page."""
    if name == "start.js":
        return _of_page(flask.Response(_START, content_type="text/javascript; charset=utf-8"))
    response = flask.send_from_directory(_DIST, name, max_age=_KEPT_SECONDS)
    return _of_page(response)


def _of_page(response: flask.Response) -> flask.Response:
    response.headers["Content-Security-Policy"] = _POLICY
    return response
