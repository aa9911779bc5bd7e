"""What is said of every request: its id, given back and in every log line, and one line when it is
answered. Never the query string, which may hold a link's signature."""

import logging
import re
import time
import uuid

import flask

from server import logs

_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Asked every few seconds by whoever watches us.
_PROBES = ("/healthz", "/readyz")
_log = logging.getLogger("promessa.request")


def register(app: flask.Flask) -> None:
    """Follow every request of `app`; to be called before anything that may refuse one."""

    @app.before_request
    def begin() -> None:
        flask.g.began = time.perf_counter()
        flask.g.request_id = _request_id()
        logs.bind(request_id=flask.g.request_id)

    @app.after_request
    def tell(response: flask.Response) -> flask.Response:
        response.headers["X-Request-Id"] = flask.g.request_id
        actor = flask.g.get("actor")
        _log.log(
            logging.DEBUG if flask.request.path in _PROBES else logging.INFO,
            "%s %s %d",
            flask.request.method,
            flask.request.path,
            response.status_code,
            extra={
                "method": flask.request.method,
                "path": flask.request.path,
                "status": response.status_code,
                "ms": round((time.perf_counter() - flask.g.began) * 1000, 1),
                "actor": actor.name if actor else None,
            },
        )
        return response


def _request_id() -> str:
    """The client's X-Request-Id where it is a sane word, else a new one."""
    given = flask.request.headers.get("X-Request-Id", "")
    return given if _SANE.fullmatch(given) else uuid.uuid4().hex
