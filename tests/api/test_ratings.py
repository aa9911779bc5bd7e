"""How good a shopper's work was: the brand's word, and the shopper's to read."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from server.models import Rating
from tests import visits
from tests.cast import Cast, Person
from tests.phone import Phone, visit


def visited(client: FlaskClient, cast: Cast, person: Person) -> str:
    made = visits.assignment(cast.brand.id, person.account_id)
    Phone(client, person).push(visit(made.id))
    return f"{made.id}.1"


def rate(client: FlaskClient, cast: Cast, report_id: str, rating: Any, **more: Any) -> Any:
    path = f"/v1/brands/{cast.brand.id}/reports/{report_id}/revisions/1/rating"
    return client.put(path, json={"rating": rating} | more, headers=cast.bob.headers)


def test_a_rating_is_the_brands_and_the_shoppers(client: FlaskClient, cast: Cast) -> None:
    one, other = visited(client, cast, cast.sonia), visited(client, cast, cast.sonia)
    assert rate(client, cast, one, 2).status_code == 200
    again = rate(client, cast, one, 5, message="Mended at once.")
    assert (again.status_code, again.json["rated_by"]) == (200, cast.bob.account_id)
    rate(client, cast, other, 4)
    mine = client.get("/v1/me/ratings", headers=cast.sonia.headers).json
    assert [(each["report_id"], each["rating"], each["message"]) for each in mine["items"]] == [
        (one, 5, "Mended at once."),
        (other, 4, None),
    ]
    assert mine["mean"] == 4.5
    assert cast.bob.account_id not in str(mine)
    none = client.get("/v1/me/ratings", headers=cast.sergio.headers).json
    assert none == {"items": [], "mean": None}
    path = f"/v1/brands/{cast.brand.id}/reports/{one}"
    (told,) = client.get(path, headers=cast.bob.headers).json["ratings"]
    assert (told["rating"], told["revision_id"]) == (5, f"{one}.r1")


def test_the_means_of_all_shoppers_by_page(client: FlaskClient, cast: Cast) -> None:
    for person, ratings in ((cast.sonia, (5, 4)), (cast.sergio, (1,))):
        for rating in ratings:
            rate(client, cast, visited(client, cast, person), rating)
    path, bob = f"/v1/brands/{cast.brand.id}/shopper-ratings", cast.bob.headers
    found, cursor = {}, None
    for _ in range(2):
        query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = client.get(path, query_string=query, headers=bob).json
        found |= {each["shopper_id"]: (each["ratings"], each["mean"]) for each in page["items"]}
        cursor = page["next_cursor"]
    assert cursor is None
    assert found == {cast.sonia.account_id: (2, 4.5), cast.sergio.account_id: (1, 1.0)}
    of_one = client.get(f"{path}?shopper={cast.sergio.account_id}", headers=bob).json["items"]
    assert [each["mean"] for each in of_one] == [1.0]


@pytest.mark.parametrize("rating", [0, 6, 4.5, "4", None, True])
def test_it_is_a_whole_number_from_1_to_5(client: FlaskClient, cast: Cast, rating: Any) -> None:
    refused = rate(client, cast, visited(client, cast, cast.sonia), rating)
    assert (refused.status_code, Rating.select().count()) == (422, 0)
