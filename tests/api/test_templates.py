"""/v1/checklist-templates"""

import threading

import pytest
from flask.testing import FlaskClient

from server.db import connected
from server.domain.checklist import ItemType
from server.models import Promise, Touchpoint
from server.services import templates
from tests.cast import Cast
from tests.services.test_feeds import run

LATER = {
    "beauty_retail": [(3, ["access", "use"]), (14, ["help"])],
    "restaurant": [(7, ["afterwards"])],
}
"""What happens some days after the visit is asked then."""

NAMES = [template.name for template in templates.listed()]


def adopt(client: FlaskClient, cast: Cast, name: str, headers: dict[str, str]) -> tuple[int, dict]:
    path = f"/v1/brands/{cast.brand.id}/template-adoptions"
    answer = client.post(path, json={"template": name}, headers=headers)
    return answer.status_code, answer.json


def test_the_two_sectors_are_there(client: FlaskClient, cast: Cast) -> None:
    found = client.get("/v1/checklist-templates", headers=cast.bob.headers).json["items"]
    assert [one["name"] for one in found] == ["beauty_retail", "restaurant"]
    one = client.get("/v1/checklist-templates/restaurant", headers=cast.bob.headers).json
    assert [section["key"] for section in one["sections"]][1:5] == [
        "welcome",
        "teamwork",
        "quality",
        "farewell",
    ]
    missing = client.get("/v1/checklist-templates/moon", headers=cast.bob.headers)
    assert missing.status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_published_as_it_is(client: FlaskClient, cast: Cast, name: str) -> None:
    status, made = adopt(client, cast, name, cast.marta.headers)
    assert (status, made["problems"]) == (201, [])
    path = f"/v1/brands/{cast.brand.id}/checklists/{made['id']}/versions"
    published = client.post(path, headers=cast.marta.headers | {"If-Match": '"1"'})
    assert published.status_code == 201
    assert len(published.json["document"]["touchpoints"]) >= 10
    parts = [(part["delay"]["days"], part["sections"]) for part in published.json["parts"]]
    assert parts == LATER[name]


def test_adopting_twice_makes_no_promise_or_touchpoint_twice(
    client: FlaskClient, cast: Cast
) -> None:
    for _ in range(2):
        assert adopt(client, cast, "restaurant", cast.marta.headers)[0] == 201
    assert Promise.select().count() == len(templates.read("restaurant").promises)
    assert Touchpoint.select().count() == len(templates.read("restaurant").touchpoints)


def test_adoptions_at_once_take_turns(committing: str) -> None:
    with connected():
        cast = Cast()
        marta, brand_id = cast.marta.actor, cast.brand.id
    start = threading.Barrier(3)

    def adopt_too() -> None:
        start.wait(30)
        templates.adopt(marta, brand_id, "restaurant")

    run(*[adopt_too] * 3)
    with connected():
        assert Promise.select().count() == len(templates.read("restaurant").promises)
        assert Touchpoint.select().count() == len(templates.read("restaurant").touchpoints)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_measures_what_the_journey_is_judged_by(name: str) -> None:
    template = templates.read(name)
    items = [item for section in template.sections for item in section["items"]]
    themes = {item.get("tags", {}).get("theme") for item in items}
    assert {"personalisation", "omnichannel", "readiness"} <= themes
    meant = {item.get("tags", {}).get("intention") for item in items}
    assert {"before", "after"} <= meant
    for key, touchpoint in template.touchpoints.items():
        if touchpoint.get("lifecycle") == "strategic":
            assert {"expectation", "weakness", "opportunity"} <= touchpoint.keys(), key
            asked = {item["type"] for item in items if item.get("touchpoint") == key}
            # "dishes" is asked dish by dish.
            assert {"correspondence", "scale"} <= asked or key in ("dishes", "goodbye"), key


def test_bob_may_not_and_charlie_finds_nothing(client: FlaskClient, cast: Cast) -> None:
    assert adopt(client, cast, "restaurant", cast.bob.headers)[0] == 403
    assert adopt(client, cast, "restaurant", cast.charlie.headers)[0] == 404
    assert adopt(client, cast, "moon", cast.marta.headers)[0] == 404


def test_the_templates_show_every_kind_of_item() -> None:
    shown = {
        item["type"]
        for template in templates.listed()
        for section in template.sections
        for item in section["items"]
    }
    assert {str(kind) for kind in ItemType} - shown == {"photo", "place", "signature"}


def test_a_version_says_what_it_counts_for_what(client: FlaskClient, cast: Cast) -> None:
    made = adopt(client, cast, "beauty_retail", cast.marta.headers)[1]
    path = f"/v1/brands/{cast.brand.id}/checklists/{made['id']}/versions"
    client.post(path, headers=cast.marta.headers | {"If-Match": '"1"'})
    shares = client.get(f"{path}/1/weighting", headers=cast.bob.headers).json["shares"]
    assert set(shares["domain"]) == {"marketing", "service", "shopping", "usability"}
    assert sum(shares["stage"].values()) == pytest.approx(1, abs=1e-3)
    assert client.get(f"{path}/2/weighting", headers=cast.bob.headers).status_code == 404
