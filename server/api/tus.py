"""What tus 1.0 asks of every exchange at /v1/uploads, whichever route there is or is not."""

from collections.abc import Callable, Iterable
from typing import Any

import flask

from server.domain.uploads import VERSION

PATH = "/v1/uploads"

_Wsgi = Callable[..., Iterable[bytes]]


def speak(app: flask.Flask) -> None:
    """Before a route is looked for, take the method that X-HTTP-Method-Override names; say
    Tus-Resumable in every answer."""
    inner: _Wsgi = app.wsgi_app

    def outer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != PATH and not path.startswith(f"{PATH}/"):
            return inner(environ, start_response)
        override = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").strip()
        if override:
            environ["REQUEST_METHOD"] = override.upper()

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, ("Tus-Resumable", VERSION)], *more)

        return inner(environ, start)

    app.wsgi_app = outer  # type: ignore[method-assign]
