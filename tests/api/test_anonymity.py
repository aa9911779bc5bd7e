"""What stores are answered holds nothing of a person, a moment or a file: every GET route, asked by
those who manage a store and a region of a programme in which every column is filled."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import flask
import pytest
from flask.testing import FlaskClient

from server.api import openapi
from server.domain.actor import Role
from tests.api import populated
from tests.api.conformance import Good, Request
from tests.api.populated import EDITED, OPEN, PERSONAL, SAID
from tests.cast import Cast, Person

NAMES = frozenset(
    {"shopper_id", "shopper_name", "reviewer_id", "decided_by", "report_id", "revision_id"}
    | {"assignment_id", "photo_id", "taken_at", "answered_at", "started_at", "ended_at"}
    | {"submitted_at", "proposed_at", "responded_at", "frozen_at", "visited_at", "device"}
    | {"file_name", "filename", "exif", "facts", "ip", "accuracy_m", "sha256"}
)
"""Names that no object of an answer to a store may have."""

_TIMES = frozenset(
    {"created_at", "updated_at", "archived_at", "published_at", "opens_at", "closes_at"}
    | {"computed_at", "since", "imported_at", "seen_at", "revoked_at"}
)
"""Names under which stores read a moment: of the brand's things, and of their own devices."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_QUERIES = ([], [("measure", "visit")], [("since", "1")], [("archived", "true")])


@pytest.fixture
def good(app: flask.Flask, cast: Cast) -> Good:
    with app.app_context():
        made = Good(openapi.document(), cast, app.test_client())
    populated.populate(app.test_client(), made, cast)
    return made


@pytest.fixture
def secrets(good: Good) -> dict[str, str]:
    """Everything personal, before those who ask are there."""
    populated.mark()
    return populated.personal()


@pytest.fixture
def managers(secrets: dict[str, str], good: Good, cast: Cast) -> list[Person]:
    return [
        cast.person("regina", Role.REGIONAL_MANAGER, region_id=good.ids["region_id"]),
        cast.person("stefano", Role.STORE_MANAGER, store_id=good.ids["store_id"]),
    ]


def read(client: FlaskClient, good: Good, person: Person) -> Iterator[tuple[Request, Any]]:
    """All that a person is answered to any GET, and what a link leads to."""
    for request in good.requests():
        if request.method == "GET" and request.path.startswith("/v1"):
            for query in _QUERIES:
                if {name for name, _ in query} <= request.queried.keys():
                    asked = request.but(headers=person.headers, query=query)
                    yield asked, (answer := asked.send(client))
                    if answer.status_code == 302:
                        link = urlsplit(answer.headers["Location"]).path
                        yield asked, client.get(link, buffered=True)


def unpacked(data: bytes) -> str:
    """What an answer says; a workbook's parts, and a page's streams, as they are before packing."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            data = b"\n".join(parts.read(name) for name in parts.namelist())
    if data.startswith(b"%PDF"):
        streams = re.findall(rb"stream\r?\n(\x78.*?)\r?\nendstream", data, re.DOTALL)
        data += b"\n".join(zlib.decompressobj().decompress(each) for each in streams)
    return data.decode("latin-1")


def test_nothing_personal_is_answered_to_stores(
    client: FlaskClient, good: Good, secrets: dict[str, str], managers: list[Person]
) -> None:
    heard, leaks = set(), []
    for person in managers:
        for request, answer in read(client, good, person):
            whole = f"{answer.headers}\n{unpacked(answer.get_data())}"
            if answer.status_code < 400:
                heard.add(request.name)
            else:  # what was asked for is said again
                for known in request.ids.values():
                    whole = whole.replace(repr(known), "")
            leaks += [f"{request.name} tells {secrets[text]}" for text in secrets if text in whole]
    assert leaks == []
    files = {"export_rankings", "export_ranking_workbook", "print_store"}
    assert {"read_store_figures", "read_shared_photo", "read_me"} | files < heard


def test_no_answer_to_stores_has_a_personal_field(
    client: FlaskClient, good: Good, managers: list[Person]
) -> None:
    wrong = set()
    for person in managers:
        for request, answer in read(client, good, person):
            if answer.is_json and answer.status_code < 400:
                wrong |= {f"{request.name}: {name}" for name in _wrong(answer.json)}
    assert wrong == set()


def _wrong(value: Any, under: str = "") -> Iterator[str]:
    """Names of NAMES, and moments under names that are not of _TIMES."""
    if isinstance(value, dict):
        yield from NAMES & value.keys()
        for name, each in value.items():
            yield from _wrong(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _wrong(each, under)
    elif isinstance(value, str) and _MOMENT.search(value) and under not in _TIMES:
        yield f"{under} is {value}"


def test_stores_read_what_was_said(client: FlaskClient, good: Good, managers: list[Person]) -> None:
    """So the walk did pass a visit."""
    path = f"/v1/brands/{good.ids['brand_id']}/stores/{good.ids['store_id']}/figures"
    for person in managers:
        told = client.get(path, headers=person.headers).json["verbatims"]
        assert {one["text"] for one in told} == {SAID, EDITED}


def test_every_column_of_people_is_personal_or_open() -> None:
    for table, names in PERSONAL.items():
        fields = set(table._meta.sorted_field_names)
        assert not set(names) & set(OPEN[table]), table
        assert fields == set(names) | set(OPEN[table]), table
