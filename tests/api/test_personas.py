"""/v1/brands/{brand}/personas, who suits them, and how they come to phones."""

from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import assert_query_count

from jobs import drain
from server import clock
from server.domain.actor import Role
from server.models import Assignment, Membership, ShopperTraits
from server.services import traits
from tests import factories, visits
from tests.cast import Cast, Person
from tests.phone import Phone

HURRIED: dict[str, Any] = {
    "name": "In a hurry",
    "behaviour": "Looks at the clock.",
    "functional_needs": "A gift within ten minutes.",
    "relational_needs": "To be spared small talk.",
    "ambitions": "To be known as who gives well.",
    "history": "Bought here twice.",
    "technology": "A phone and a tablet.",
    "paths": "From the site to the shop.",
    "translations": {"it": {"name": "Di fretta", "behaviour": "Guarda l'orologio."}},
    "traits": {"devices": ["ios", "tablet"], "channels": ["web", "store"], "languages": ["it"]},
}


def url(cast: Cast, *parts: str) -> str:
    return "/".join((f"/v1/brands/{cast.brand.id}/personas", *parts))


def make(client: FlaskClient, cast: Cast, **values: Any) -> dict[str, Any]:
    made = client.post(url(cast), json=HURRIED | values, headers=cast.marta.headers)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json
    return found


def say(client: FlaskClient, cast: Cast, person: Person, **said: list[str]) -> None:
    path = f"/v1/brands/{cast.brand.id}/my-traits"
    answer = client.put(path, json=said, headers=person.headers)
    assert (answer.status_code, answer.json) == (200, said)


def suited(client: FlaskClient, cast: Cast, persona_id: str, **query: int) -> list[dict[str, Any]]:
    path = url(cast, persona_id, "shoppers")
    found = client.get(path, query_string=query, headers=cast.marta.headers)
    assert found.status_code == 200, found.text
    items: list[dict[str, Any]] = found.json["items"]
    return items


def test_marta_makes_a_persona_bob_reads_it_and_charlie_finds_nothing(
    client: FlaskClient, cast: Cast
) -> None:
    made = make(client, cast)
    read = client.get(url(cast, made["id"]), headers=cast.bob.headers)
    assert read.status_code == 200
    assert {name: read.json[name] for name in HURRIED if name != "translations"} == {
        name: value for name, value in HURRIED.items() if name != "translations"
    }
    assert read.json["translations"]["it"]["name"] == "Di fretta"
    assert client.post(url(cast), json=HURRIED, headers=cast.bob.headers).status_code == 403
    for path in (url(cast), url(cast, made["id"]), url(cast, made["id"], "shoppers")):
        assert client.get(path, headers=cast.charlie.headers).status_code == 404


def test_a_trait_is_one_of_few_words(client: FlaskClient, cast: Cast) -> None:
    wrong = {"traits": {"devices": ["fax"], "religion": ["any"], "languages": ["ITALIAN!"]}}
    answer = client.post(url(cast), json=HURRIED | wrong, headers=cast.marta.headers)
    assert answer.status_code == 422
    places = {error["pointer"] for error in answer.json["errors"]}
    assert places == {"/traits/devices/0", "/traits/religion", "/traits/languages/0"}


def test_an_archived_persona_is_given_to_nobody(client: FlaskClient, cast: Cast) -> None:
    made = make(client, cast)
    headers = cast.marta.headers | {"If-Match": '"1"'}
    assert client.delete(url(cast, made["id"]), headers=headers).status_code == 200
    assert client.get(url(cast), headers=cast.marta.headers).json["items"] == []
    foreign = factories.persona(cast.other_brand.id)
    wave, store = factories.wave(cast.brand.id), factories.store(cast.brand.id)
    items = [
        {"store_id": store.id, "shopper_id": cast.sonia.account_id, "persona_id": persona_id}
        for persona_id in (made["id"], foreign.id)
    ]
    path = f"/v1/brands/{cast.brand.id}/assignments"
    refused = client.post(
        path, json={"wave_id": wave.id, "items": items}, headers=cast.marta.headers
    )
    assert refused.status_code == 422
    places = [error["pointer"] for error in refused.json["errors"]]
    assert places == ["/items/0/persona_id", "/items/1/persona_id"]


def test_the_phone_gets_who_to_play_with_the_assignment(
    client: FlaskClient, phone: Phone, cast: Cast
) -> None:
    made = make(client, cast)
    wave, store = factories.wave(cast.brand.id), factories.store(cast.brand.id)
    item = {"store_id": store.id, "shopper_id": cast.sonia.account_id, "persona_id": made["id"]}
    path = f"/v1/brands/{cast.brand.id}/assignments"
    offered = client.post(
        path, json={"wave_id": wave.id, "items": [item]}, headers=cast.marta.headers
    ).json["items"][0]
    assert offered["persona_id"] == made["id"]
    changes = phone.pull()
    assert changes["assignments"]["updated"][0]["persona_id"] == made["id"]
    (row,) = changes["personas"]["updated"]
    assert orjson.loads(row["traits"]) == HURRIED["traits"]
    assert orjson.loads(row["translations"])["it"]["name"] == "Di fretta"
    texts = set(HURRIED) - {"traits", "translations"}
    assert {name: row[name] for name in texts} == {name: HURRIED[name] for name in texts}
    edit = cast.marta.headers | {"If-Match": '"1"'}
    client.patch(url(cast, made["id"]), json={"history": "None."}, headers=edit)
    drain.drain("persona.changed")
    assert phone.pull()["personas"]["updated"][0]["history"] == "None."


def test_an_open_assignment_can_be_given_another_persona(
    client: FlaskClient, phone: Phone, cast: Cast
) -> None:
    assignment = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.pull()
    path = f"/v1/brands/{cast.brand.id}/assignments/{assignment.id}"
    edit = cast.marta.headers | {"If-Match": '"1"'}
    refused = client.patch(path, json={"persona_id": "nobody"}, headers=edit)
    assert refused.json["errors"][0]["pointer"] == "/persona_id"
    made = make(client, cast)
    assert client.patch(path, json={"persona_id": made["id"]}, headers=edit).status_code == 200
    changes = phone.pull()
    assert changes["assignments"]["updated"][0]["persona_id"] == made["id"]
    assert [row["id"] for row in changes["personas"]["updated"]] == [made["id"]]
    edit = cast.marta.headers | {"If-Match": '"2"'}
    assert client.patch(path, json={"persona_id": None}, headers=edit).json["persona_id"] is None


def test_who_passes_the_visit_on_passes_the_persona_on(client: FlaskClient, cast: Cast) -> None:
    persona = factories.persona(cast.brand.id)
    first = visits.assignment(cast.brand.id, cast.sonia.account_id, persona_id=persona.id)
    headers = cast.marta.headers | {"If-Match": '"1"'}
    archived = client.delete(url(cast, persona.id), headers=headers)
    assert archived.status_code == 200, "what is archived stays with visits that have it"
    path = f"/v1/brands/{cast.brand.id}/assignments/{first.id}/reassignment"
    body = {"shopper_id": cast.sergio.account_id}
    moved = client.post(path, json=body, headers=cast.marta.headers)
    assert moved.json["persona_id"] == persona.id, moved.text
    held = Phone(client, cast.sergio).pull()["personas"]["updated"]
    assert [row["id"] for row in held] == [persona.id]


def test_who_said_what_fits_comes_first_and_who_said_otherwise_not_at_all(
    client: FlaskClient, cast: Cast
) -> None:
    made = make(client, cast)
    olga, ugo = (cast.person(name, cast.sonia.actor.grants[0].role) for name in ("olga", "ugo"))
    say(client, cast, cast.sonia, devices=["ios", "tablet"], languages=["it", "en"])
    say(client, cast, cast.sergio, devices=["android"])
    say(client, cast, olga, languages=["it"])
    sonia, third, last = suited(client, cast, made["id"])
    assert sonia == {
        "shopper_id": cast.sonia.account_id,
        "met": ["devices", "languages"],
        "unsaid": ["channels"],
    }
    assert (third["shopper_id"], third["met"]) == (olga.account_id, ["languages"])
    assert (last["shopper_id"], last["met"]) == (ugo.account_id, [])
    assert len(suited(client, cast, made["id"], limit=1)) == 1
    Membership.update(suspended=True).where(Membership.account_id == olga.account_id).execute()
    assert len(suited(client, cast, made["id"])) == 2
    with assert_query_count(2):
        traits.suited(cast.marta.actor, cast.brand.id, made["id"], limit=9)


def test_what_one_said_is_ones_own(client: FlaskClient, cast: Cast) -> None:
    path = f"/v1/brands/{cast.brand.id}/my-traits"
    assert client.get(path, headers=cast.sonia.headers).json == {}
    say(client, cast, cast.sonia, age_bands=["25-34"])
    say(client, cast, cast.sonia, customs=["member"])
    assert client.get(path, headers=cast.sonia.headers).json == {"customs": ["member"]}
    export = client.get("/v1/me/export", headers=cast.sonia.headers).json
    assert [row["traits"] for row in export["held"]["traits"]] == [{"customs": ["member"]}]
    for person in (cast.marta, cast.bob):
        assert client.put(path, json={}, headers=person.headers).status_code == 403
    assert client.get(path, headers=cast.charlie.headers).status_code == 404
    assert client.delete(path, headers=cast.sonia.headers).status_code == 204
    assert ShopperTraits.select().count() == 0


def membership(cast: Cast, person: Person, role: Role = Role.SHOPPER) -> Membership:
    found: Membership = Membership.get(
        Membership.brand_id == cast.brand.id,
        Membership.account_id == person.account_id,
        Membership.role == str(role),
    )
    return found


def leaves(client: FlaskClient, cast: Cast, member: Membership) -> None:
    path = f"/v1/brands/{cast.brand.id}/members/{member.id}"
    edit = cast.alice.headers | {"If-Match": f'"{member.version}"'}
    assert client.delete(path, headers=edit).status_code == 200


def test_what_one_said_goes_with_the_role_of_a_shopper(client: FlaskClient, cast: Cast) -> None:
    reviewing = factories.membership(cast.sonia.account_id, cast.brand.id, Role.REVIEWER)
    elsewhere = {"brand_id": cast.other_brand.id, "account_id": cast.sonia.account_id}
    ShopperTraits.create(**elsewhere, traits={}, said_at=clock.now())
    for person in (cast.sonia, cast.sergio):
        say(client, cast, person, age_bands=["25-34"])
    leaves(client, cast, reviewing)
    assert ShopperTraits.select().count() == 3
    leaves(client, cast, membership(cast, cast.sonia))
    left = ShopperTraits.select(ShopperTraits.brand_id, ShopperTraits.account_id).tuples()
    assert set(left) == {
        (cast.brand.id, cast.sergio.account_id),
        (cast.other_brand.id, cast.sonia.account_id),
    }


def test_who_is_suspended_reads_what_they_said_and_takes_it_back(
    client: FlaskClient, cast: Cast
) -> None:
    say(client, cast, cast.sonia, age_bands=["25-34"])
    path = f"/v1/brands/{cast.brand.id}"
    member = membership(cast, cast.sonia)
    edit = cast.alice.headers | {"If-Match": f'"{member.version}"'}
    suspended = client.patch(f"{path}/members/{member.id}", json={"suspended": True}, headers=edit)
    assert suspended.status_code == 200, suspended.text
    mine = client.get(f"{path}/my-traits", headers=cast.sonia.headers)
    assert mine.json == {"age_bands": ["25-34"]}
    gone = client.delete(f"{path}/my-traits", headers=cast.sonia.headers)
    assert (gone.status_code, ShopperTraits.select().count()) == (204, 0)


@pytest.mark.parametrize("name", ["sonia", "sergio"])
def test_shoppers_read_no_persona_but_their_own(client: FlaskClient, cast: Cast, name: str) -> None:
    persona = factories.persona(cast.brand.id)
    visits.assignment(cast.brand.id, cast.sonia.account_id, persona_id=persona.id)
    person = getattr(cast, name)
    assert client.get(url(cast, persona.id), headers=person.headers).status_code == 403
    held = [row["id"] for row in Phone(client, person).pull()["personas"]["updated"]]
    assert (
        held
        == [persona.id]
        * Assignment.select().where(Assignment.shopper_id == person.account_id).count()
    )
