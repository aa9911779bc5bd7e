"""The blueprint of all routes: one decorator says all that is true of an operation, and the same
words make the route, its checks and its page in openapi.yaml.

    @blp.operation("PATCH", "/<promise_id>", body=PromiseChangeSchema, returns=PromiseSchema,
                   edits=True)
    def change_promise(actor, body, if_match, brand_id, promise_id): ...
"""

import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import flask
import flask_smorest
import marshmallow as ma

from schemas.base import Shape
from server import errors
from server.api import problems
from server.api.authentication import present_actor
from server.api.parsing import Parser
from server.services import audit, editing

Handler = Callable[..., Any]
_BRAND = "<brand_id>"
_TAG = r'(?:W/)?"[^"]*"'
_TAGS = re.compile(rf"{_TAG}(?:[ \t]*,[ \t]*{_TAG})*")
_OURS = re.compile(r'(?<!W/)"([1-9]\d{0,8})"')
_MOST_TRIES = 100
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "The ETag of the version that the edit is based on; a list of them, or `*` "
    "for any version. A weak ETag matches none.",
}


class Blueprint(flask_smorest.Blueprint):
    """A noun's routes. `public_views` names the endpoints that ask nobody who they are."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.public_views: set[str] = set()

    def register_views_in_doc(self, api: Any, *args: Any, **options: Any) -> None:
        """Only when somebody asks for the document."""
        api.later(partial(super().register_views_in_doc, api, *args, **options))

    def operation(
        self,
        method: str,
        rule: str,
        *,
        returns: type[ma.Schema] | None = None,
        status: int = 200,
        query: type[ma.Schema] | None = None,
        body: type[ma.Schema] | None = None,
        form: type[ma.Schema] | None = None,
        raises: tuple[type[errors.Problem], ...] = (),
        edits: bool = False,
        public: bool = False,
        personal: bool = False,
        content_type: str | None = None,
        example: Any = None,
        headers: dict[str, Any] | None = None,
        doc: dict[str, Any] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Register a handler. It is called with keyword arguments: `actor` unless `public`,
        `query` (without its schema, no parameter is allowed, unless `public`), `body`, `form`
        where such a schema is given, `if_match` (a version) where it `edits`,
        and the path's. `raises` names problems beyond those that follow from the rest; `doc` is
        merged into the OpenAPI operation. What changes a brand and what is `personal` to read is an
        entry of the audit log. A result with a `version` gets its ETag."""

        def decorate(handler: Handler) -> Handler:
            asked = query or (None if public else Shape)
            noted = personal or (method != "GET" and _BRAND in (self.url_prefix or "") + rule)
            view = _view(handler, edits=edits, public=public, bare=query is None, noted=noted)
            if returns is not None or status == 204:
                view = self.response(
                    status, returns, content_type=content_type, example=example, headers=headers
                )(view)
            for location, schema in (("json", body), ("form", form), ("query", asked)):
                if schema is not None:
                    view = self.arguments(schema, location=location, **_argument(location, schema))(
                        view
                    )
            can_raise = set(raises) | _implied(self, rule, asked, body, form, edits, public)
            page: dict[str, Any] = {
                "operationId": handler.__name__,
                "responses": problems.documented(can_raise),
                "security": [] if public else [{"bearer": []}],
            }
            if edits:
                page["parameters"] = [_IF_MATCH]
            view = self.doc(**page)(view)
            view = self.doc(**doc)(view) if doc else view
            if public:
                self.public_views.add(handler.__name__)
            self.add_url_rule(rule, handler.__name__, view, methods=[method])
            return handler

        return decorate


_ARGUMENT: dict[str, dict[str, Any]] = {
    "json": {"arg_name": "body", "error_status_code": errors.Invalid.status},
    "form": {"arg_name": "form", "error_status_code": errors.InvalidTokenRequest.status},
    "query": {"arg_name": "query", "error_status_code": errors.Invalid.status},
}


def _argument(location: str, schema: type[ma.Schema]) -> dict[str, Any]:
    """A schema may say itself as what problem its faults are answered."""
    problem = getattr(schema, "REFUSED_AS", None)
    return _ARGUMENT[location] | ({"error_status_code": problem.status} if problem else {})


def _view(handler: Handler, *, edits: bool, public: bool, bare: bool, noted: bool) -> Handler:
    @wraps(handler)
    def view(**arguments: Any) -> Any:
        if "\x00" in flask.request.path:  # which PostgreSQL's text cannot even be asked for
            raise errors.NotFound("No id of ours holds the NUL character.")
        if bare:
            arguments.pop("query", None)
        if not public:
            # Set by `authenticate` before any body is read.
            arguments["actor"] = flask.g.actor
        result = _edited(handler, arguments) if edits else handler(**arguments)
        if noted:
            things = flask.request.view_args or {}
            audit.record(flask.g.actor, handler.__name__, things, flask.g.request_id)
        version = getattr(result, "version", None)
        if isinstance(version, int):
            return result, {"ETag": f'"{version}"'}
        return result

    return view


def authenticate(app: flask.Flask) -> None:
    """Ask every request who it is before its body is read, unless its view is public."""

    @app.before_request
    def set_actor() -> None:
        endpoint = flask.request.endpoint
        if endpoint is not None and endpoint not in app.config["PUBLIC_ENDPOINTS"]:
            flask.g.actor = present_actor()


def _edited(handler: Handler, arguments: dict[str, Any]) -> Any:
    """The edit, on whichever of the versions that If-Match names is the present one. Any version is
    tried again where another edit came between: each failure is that other's success."""
    *others, last = _if_match()
    for version in others:
        try:
            return handler(**arguments, if_match=version)
        except errors.PreconditionFailed:
            continue
    return handler(**arguments, if_match=last)


def _if_match() -> list[int]:
    """The versions that If-Match names (RFC 9110, 13.1.1), at least one."""
    header = flask.request.headers.get("If-Match", "").strip()
    if not header:
        raise errors.PreconditionRequired("Read it first, and send its ETag as If-Match.")
    if header == "*":
        return [editing.ANY_VERSION] * _MOST_TRIES
    named = [int(version) for version in _OURS.findall(header)] if _TAGS.fullmatch(header) else []
    if not named:
        raise errors.PreconditionFailed(f"If-Match {header!r} is no strong ETag of ours.")
    return named


def _implied(
    blueprint: Blueprint, rule: str, query: Any, body: Any, form: Any, edits: bool, public: bool
) -> set[type[errors.Problem]]:
    """The problems that follow from an operation's nature."""
    path = (blueprint.url_prefix or "") + rule
    implied: set[type[errors.Problem]] = {errors.Internal, errors.Unavailable}
    if not public:
        implied.add(errors.Unauthenticated)
    if _BRAND in path:
        implied |= {errors.Forbidden, errors.NotFound}
    if query is not None:
        implied |= {getattr(query, "REFUSED_AS", errors.Invalid), errors.MalformedRequest}
    if body is not None:
        implied |= {
            errors.Invalid,
            errors.MalformedRequest,
            errors.TooLarge,
            errors.UnsupportedMediaType,
        }
    if form is not None:
        implied |= {errors.InvalidTokenRequest, errors.TooLarge}
    if edits:
        implied |= {errors.PreconditionFailed, errors.PreconditionRequired}
    return implied
