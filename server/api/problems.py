"""Problems on the wire: every error of an app becomes application/problem+json, and every
operation documents those that it can give."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

import flask
import orjson
import peewee
from werkzeug.exceptions import HTTPException

from schemas.problems import ProblemSchema
from server import errors
from server.errors import Problem

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)

_BY_STATUS: dict[int, type[Problem]] = {
    400: errors.MalformedRequest,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.TooLarge,
    415: errors.UnsupportedMediaType,
    416: errors.RangeNotSatisfiable,
    429: errors.TooManyRequests,
}


def _kinds(base: type[Problem]) -> Iterator[type[Problem]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


KINDS = {kind.code: kind for kind in _kinds(Problem)}
"""The catalogue by code."""


def register(app: flask.Flask) -> None:
    """Answer every error of `app` with its problem."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, _of_werkzeug)
    app.register_error_handler(peewee.OperationalError, _of_database)
    app.register_error_handler(peewee.InterfaceError, _of_database)
    app.register_error_handler(TimeoutError, _of_silence)
    app.register_error_handler(Exception, _of_fault)


def answer(problem: Problem) -> flask.Response:
    """The response of a problem."""
    response = flask.Response(
        orjson.dumps(problem.document()), status=problem.status, content_type=MEDIA_TYPE
    )
    response.headers.extend(problem.headers)
    return response


def documented(problems: Iterable[type[Problem]]) -> dict[str, Any]:
    """OpenAPI responses of the given problems: one per status, with an example per code."""
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in sorted(set(problems), key=lambda each: (each.status, each.code)):
        by_status.setdefault(problem.status, []).append(problem)
    return {str(status): _documented(same) for status, same in by_status.items()}


def _documented(problems: list[type[Problem]]) -> dict[str, Any]:
    content = {
        "schema": ProblemSchema,
        "examples": {problem.code: {"value": described(problem)} for problem in problems},
    }
    return {
        "description": "; ".join(f"`{problem.code}`: {problem.title}" for problem in problems),
        "content": {MEDIA_TYPE: content},
    }


def described(problem: type[Problem]) -> dict[str, Any]:
    """A problem's document that says when it is answered."""
    detail = (problem.__doc__ or problem.title).strip()
    return problem(" ".join(detail.split())).document()


def _of_werkzeug(error: HTTPException) -> flask.Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    kind = _BY_STATUS.get(status, errors.MalformedRequest if status < 500 else errors.Internal)
    response = answer(kind(_detail(error)))
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range", "Retry-After"):
            response.headers[name] = value
    return response


def _detail(error: HTTPException) -> str:
    if error.code == 404:
        return f"There is nothing at {flask.request.path}: see /docs for what there is."
    return error.description or error.name


def _of_database(error: Exception) -> flask.Response:
    _log.exception("database unavailable")
    return answer(errors.Unavailable("The database does not answer: try again in a while."))


def _of_silence(error: TimeoutError) -> flask.Response:
    return answer(errors.MalformedRequest("The body stopped arriving: send it again."))


def _of_fault(error: Exception) -> flask.Response:
    _log.exception("fault in %s %s", flask.request.method, flask.request.path)
    return answer(errors.Internal("Promessa failed at this; the fault is in its log."))
