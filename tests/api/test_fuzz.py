"""Schemathesis sends what fits the OpenAPI document and what does not, the same in every run, with
a token and ids that are good; each answer must be as the document says. What does not fit takes it
a minute and finds little beyond test_bad_input: `make fuzz` runs it."""

from typing import Any

import flask
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server import db
from server.api import openapi
from server.domain import uploads
from tests.api.conformance import Good, Request
from tests.cast import Cast

HEADERS = {"Authorization", "If-Match"}
schemathesis.serializer.alias(uploads.MEDIA_TYPE, "application/octet-stream")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


SETTINGS = hypothesis.settings(
    max_examples=6,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("bound_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "mode",
    [
        GenerationMode.POSITIVE,
        pytest.param(GenerationMode.NEGATIVE, marks=pytest.mark.fuzz),
    ],
)
def test_answers_are_as_documented(app: flask.Flask, cast: Cast, mode: GenerationMode) -> None:
    with app.app_context():
        good = Good(openapi.document(), cast, app.test_client())
    requests = {request.name: request for request in good.requests()}
    complaints: dict[str, str] = {}
    for found in schemathesis.openapi.from_wsgi("/openapi.json", app).get_all_operations():
        operation = found.ok()
        request = requests[operation.definition.raw["operationId"]]
        try:
            send_many(operation, request, mode)
        except Unsatisfiable:
            continue  # nothing to send, as nothing about it can be wrong
        except (FailureGroup, Failure) as error:
            complaints[request.name] = str(error)
    assert complaints == {}, "\n".join(complaints.values())


def send_many(operation: Any, request: Request, mode: GenerationMode) -> None:
    """What schemathesis thinks of, as who may, to what is there; nothing of it stays."""
    headers = {name: request.headers[name] for name in HEADERS & request.headers.keys()}
    headers["Accept-Encoding"] = "identity"  # schemathesis does not unzip what an app answers

    @SETTINGS
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        case.path_parameters = {name: request.ids[name] for name in request.parameters}
        with db.database.atomic() as savepoint:
            answer = case.call(headers=headers)
            savepoint.rollback()
        case.validate_response(answer, checks=CHECKS)

    send()
