"""Staff lists, the names they find in shoppers' words, and editions of these words for stores."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs import drain
from server.domain.actor import Role
from server.domain.erasing import ERASED
from server.models import Assignment, Report, Revision
from server.services import editions, scores
from tests import visits
from tests.cast import Cast
from tests.phone import Phone, answer, visit

WORDS = "Anna was rude."


@pytest.fixture
def made(client: FlaskClient, cast: Cast) -> Assignment:
    """An approved visit with a summary and an answer in words."""
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    rows = visit(made.id, summary="All went well.", answer_count=3)
    rows["answers"].append(answer(made.id, "words", WORDS, note="I asked Ms Bianchi."))
    Phone(client, cast.sonia).push(rows)
    drain.drain("revision.frozen")
    path = url(made, "approval")
    assert client.post(path, json={}, headers=cast.bob.headers).status_code == 201
    drain.drain("revision.approved")
    assert client.get(read(made), headers=cast.marta.headers).json["n_visits"] == 1
    return made


def url(made: Assignment, what: str) -> str:
    return f"/v1/brands/{made.brand_id}/reports/{made.id}.1/revisions/1/{what}"


def read(made: Assignment) -> str:
    return f"/v1/brands/{made.brand_id}/stores/{made.store_id}/figures"


def staff(made: Assignment) -> str:
    return f"/v1/brands/{made.brand_id}/stores/{made.store_id}/staff"


def hire(client: FlaskClient, cast: Cast, made: Assignment) -> Any:
    body = {"name": "Anna Bianchi", "role": "adviser"}
    answer = client.post(staff(made), json=body, headers=cast.marta.headers)
    assert answer.status_code == 201
    return answer.json


def seen(client: FlaskClient, cast: Cast, made: Assignment) -> set[str]:
    """What the store reads."""
    boss = cast.person("boss", Role.STORE_MANAGER, store_id=made.store_id)
    told = client.get(read(made), headers=boss.headers).json["verbatims"]
    return {one["text"] for one in told}


def test_stores_read_roles_for_the_names_of_their_staff(
    client: FlaskClient, cast: Cast, made: Assignment
) -> None:
    assert seen(client, cast, made) == {"All went well.", WORDS, "I asked Ms Bianchi."}
    member = hire(client, cast, made)
    redacted = {"All went well.", "[adviser] was rude.", "I asked Ms [adviser]."}
    assert seen(client, cast, made) == redacted
    path, headers = f"{staff(made)}/{member['id']}", cast.marta.headers | {"If-Match": '"1"'}
    changed = client.patch(path, json={"role": "colleague"}, headers=headers)
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    assert "[colleague] was rude." in seen(client, cast, made)
    assert client.delete(path, headers=headers).status_code == 412
    assert client.delete(path, headers=headers | {"If-Match": '"2"'}).status_code == 204
    assert client.get(staff(made), headers=cast.bob.headers).json["items"] == []


def test_a_reviewer_is_shown_the_names(client: FlaskClient, cast: Cast, made: Assignment) -> None:
    hire(client, cast, made)
    found = client.get(url(made, "redactions"), headers=cast.bob.headers).json["items"]
    by_text = {(one["item_key"], one["field"]): one for one in found}
    assert by_text.keys() == {(None, "summary"), ("words", "value"), ("words", "note")}
    assert by_text["words", "value"] == {
        "item_key": "words",
        "field": "value",
        "text": WORDS,
        "spans": [{"start": 0, "end": 4, "role": "adviser"}],
        "redacted": "[adviser] was rude.",
    }
    assert by_text[None, "summary"]["spans"] == []


def test_the_last_edition_is_what_stores_read(
    client: FlaskClient, cast: Cast, made: Assignment
) -> None:
    before = [(row.id, row.document) for row in [*Report.select(), *Revision.select()]]
    for text in ("Somebody was rude.", "The welcome was cold."):
        edit = {"item_key": "words", "field": "value", "text": text}
        path = url(made, "editions")
        answered = client.post(path, json={"edits": [edit]}, headers=cast.bob.headers)
        assert answered.status_code == 201
    listed = client.get(url(made, "editions"), headers=cast.bob.headers).json["items"]
    assert listed == answered.json["items"]
    assert [(one["number"], one["by"]) for one in listed] == [
        (1, cast.bob.account_id),
        (2, cast.bob.account_id),
    ]
    expected = {"All went well.", "The welcome was cold.", "I asked Ms Bianchi."}
    assert seen(client, cast, made) == expected
    assert [(row.id, row.document) for row in [*Report.select(), *Revision.select()]] == before


def test_an_empty_edition_hides_a_text(client: FlaskClient, cast: Cast, made: Assignment) -> None:
    edits = [{"item_key": "words", "field": field, "text": ""} for field in ("value", "note")]
    path = url(made, "editions")
    client.post(path, json={"edits": edits}, headers=cast.bob.headers)
    assert seen(client, cast, made) == {"All went well."}


@pytest.mark.parametrize(
    "edit",
    [
        {"item_key": "greeting", "field": "value", "text": "No."},
        {"item_key": "nothing", "field": "note", "text": "No."},
        {"item_key": None, "field": "note", "text": "No."},
    ],
)
def test_an_edition_is_of_a_text_that_is_there(
    client: FlaskClient, cast: Cast, made: Assignment, edit: dict[str, Any]
) -> None:
    path = url(made, "editions")
    refused = client.post(path, json={"edits": [edit]}, headers=cast.bob.headers)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/edits/0"


def test_editions_are_kept_out_of_scores(client: FlaskClient, cast: Cast, made: Assignment) -> None:
    edit = {"item_key": "words", "field": "value", "text": ""}
    client.post(url(made, "editions"), json={"edits": [edit]}, headers=cast.bob.headers)
    before = client.get(read(made), headers=cast.marta.headers).json["raw_mean"]
    scores.count(f"{made.id}.1.r1")
    assert client.get(read(made), headers=cast.marta.headers).json["raw_mean"] == before


def test_words_within_answers_are_read_as_texts_are(cast: Cast) -> None:
    kinds = {"incident": "incident", "gift": "extra", "chance": "missed_opportunity"}
    kinds |= {"gifts": "extra", "gone": "extra", "none": "extra"}
    items = [{"key": key, "type": kind, "prompt": {"en": "?"}} for key, kind in kinds.items()]
    version = visits.checklist_version(cast.brand.id, items)
    values = {
        "incident": {"happened": True, "severity": "grave", "verbatim": "She shouted."},
        "gift": {"given": True, "kind": "A ribbon"},
        "chance": {"missed": False},
        "gifts": [{"kind": "A drink"}, {"kind": "Soap", "worth": 300}],
        "gone": [{"kind": ERASED}, {"kind": ERASED}],
        "none": [],
    }
    said = {key: {"value": value, "note": None} for key, value in values.items()}
    found = dict(editions.texts({"fields": {}, "answers": said}, version.id))
    assert found == {
        ("incident", "value"): "She shouted.",
        ("gift", "value"): "A ribbon",
        ("gifts", "value"): "A drink; Soap",
        ("gone", "value"): ERASED,
    }
