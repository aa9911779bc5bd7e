"""The Flask application."""

from collections.abc import Callable
from typing import Any

import flask
import flask_smorest
import orjson
from flask.json.provider import JSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from server import config, db
from server.api import BLUEPRINTS, documentation, problems, requests, tus
from server.api.blueprint import authenticate
from server.api.openapi import OPENAPI
from server.config import Settings


def create_app(settings: Settings | None = None) -> flask.Flask:
    """The application on `settings` (default: the environment's)."""
    settings = config.use(settings or config.load())
    if db.database.obj is None:
        db.initialize(settings.database_url)
    app = flask.Flask("promessa", static_folder=None)
    app.config.update(OPENAPI)
    app.json = OrjsonProvider(app)
    app.url_map.merge_slashes = False  # an id that is a slash is no id, and no redirect
    requests.register(app)
    _limit_silence(app, settings.silence)
    _connect_per_request(app)
    problems.register(app)
    _register_blueprints(app)
    authenticate(app)
    _secure_headers(app)
    tus.speak(app)
    _see_through_proxies(app, settings.trusted_proxies)
    return app


class OrjsonProvider(JSONProvider):
    """Answers through orjson."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """JSON text."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Python from JSON text."""
        return orjson.loads(s)


class Api(flask_smorest.Api):
    """flask-smorest's API without its default error shape: ours are problems."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: flask.Flask) -> None:
        self._unwritten: list[Callable[[], None]] = []
        super().__init__(app)

    def later(self, write: Callable[[], None]) -> None:
        """Take what writes a blueprint's operations into `spec`."""
        self._unwritten.append(write)

    def written(self) -> dict[str, Any]:
        """All that operations say of themselves. It takes as long as the rest of the application's
        start, and most processes are never asked. Not for two threads at once."""
        while self._unwritten:
            self._unwritten.pop(0)()
        spec: dict[str, Any] = self.spec.to_dict()
        return spec

    def _register_responses(self) -> None:
        """Every operation declares its own."""

    def _register_error_handlers(self) -> None:
        """`problems.register` did."""


def _register_blueprints(app: flask.Flask) -> None:
    api = Api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.config["PUBLIC_ENDPOINTS"] = {
        f"{blueprint.name}.{view}" for blueprint in BLUEPRINTS for view in blueprint.public_views
    }
    documentation.register(app)
    app.extensions["promessa-api"] = api


def _limit_silence(app: flask.Flask, seconds: int) -> None:
    """Who stops reading an answer must not hold a slot: gunicorn itself would wait for ever."""

    @app.before_request
    def limit() -> None:
        link = flask.request.environ.get("gunicorn.socket")
        if link is not None:
            link.settimeout(seconds)


def _connect_per_request(app: flask.Flask) -> None:
    @app.before_request
    def connect() -> None:
        flask.g.opened = db.database.connect(reuse_if_open=True)

    @app.teardown_request
    def close(_: BaseException | None) -> None:
        if flask.g.pop("opened", False):
            db.database.close()


def _see_through_proxies(app: flask.Flask, count: int) -> None:
    """Take the caller's address and scheme from as many proxies as are ours: anybody can send
    these headers, so not from one more."""
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]


def _secure_headers(app: flask.Flask) -> None:
    @app.after_request
    def secure(response: flask.Response) -> flask.Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault(
            "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"
        )
        return response
