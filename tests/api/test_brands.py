"""/v1/brands"""

import pytest
from flask.testing import FlaskClient

from server.domain.actor import Role
from server.models import Brand
from tests import factories
from tests.cast import Cast


def edit(headers: dict[str, str]) -> dict[str, str]:
    return headers | {"If-Match": '"1"'}


def test_everyone_lists_their_own_brands(client: FlaskClient, cast: Cast) -> None:
    factories.membership(cast.sonia.account_id, cast.other_brand.id, Role.SHOPPER)
    brands = {
        person: [item["name"] for item in client.get("/v1/brands", headers=headers).json["items"]]
        for person, headers in (
            ("bob", cast.bob.headers),
            ("charlie", cast.charlie.headers),
            ("sonia", cast.sonia.headers),
        )
    }
    assert brands == {"bob": ["Aurea"], "charlie": ["Borealis"], "sonia": ["Aurea", "Borealis"]}


def test_alice_changes_her_brand(client: FlaskClient, cast: Cast) -> None:
    path, headers = f"/v1/brands/{cast.brand.id}", edit(cast.alice.headers)
    body = {"name": "Aurea Profumi", "locales": ["it", "en-GB"], "auto_approve": True}
    body |= {"times_shown": "week"}
    changed = client.patch(path, json=body, headers=headers)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert changed.json | body == changed.json
    assert client.get(path, headers=cast.bob.headers).json == changed.json
    assert client.patch(path, json=body, headers=headers).status_code == 412


def test_others_do_not(client: FlaskClient, cast: Cast) -> None:
    path = f"/v1/brands/{cast.brand.id}"
    for person, status in ((cast.bob, 403), (cast.sonia, 403), (cast.charlie, 404)):
        answer = client.patch(path, json={"name": "X"}, headers=edit(person.headers))
        assert answer.status_code == status
    assert client.get(path, headers=cast.charlie.headers).status_code == 404
    assert Brand.get_by_id(cast.brand.id).name == "Aurea"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"locales": []},
        {"locales": ["it", "it"]},
        {"locales": ["Italian!"]},
        {"name": ""},
        {"auto_approve": "yes"},
        {"times_shown": "day"},
        {"id": "x"},
    ],
)
def test_wrong_changes_are_refused(
    client: FlaskClient, cast: Cast, body: dict[str, object]
) -> None:
    path = f"/v1/brands/{cast.brand.id}"
    assert client.patch(path, json=body, headers=edit(cast.alice.headers)).status_code == 422
