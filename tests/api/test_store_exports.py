"""/v1/brands/{brand}/stores.csv"""

import csv
from typing import Any

from flask.testing import FlaskClient
from playhouse.test_utils import count_queries

from server.domain.actor import Role
from tests import factories
from tests.cast import Cast


def export(client: FlaskClient, cast: Cast, who: Any, **query: str) -> Any:
    url = f"/v1/brands/{cast.brand.id}/stores.csv"
    return client.get(url, headers=who.headers, query_string=query)


def rows(answer: Any) -> list[dict[str, str]]:
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.DictReader(answer.data.decode("utf-8-sig").splitlines()))


def test_text_stays_text_and_numbers_numbers(client: FlaskClient, cast: Cast) -> None:
    south = factories.region(cast.brand.id, "=Sud")
    place = {"latitude": -37.5, "longitude": -9.25}
    factories.store(cast.brand.id, "S1", region_id=south.id, name="@x", address="+39", **place)
    factories.store(cast.brand.id, "S2", archived_at=cast.brand.created_at)
    (store,) = rows(export(client, cast, cast.bob))
    assert (store["region"], store["name"], store["address"]) == ("'=Sud", "'@x", "'+39")
    assert (store["latitude"], store["longitude"], store["city"]) == ("-37.5", "-9.25", "")


def test_everyone_exports_what_they_see(client: FlaskClient, cast: Cast) -> None:
    north = factories.region(cast.brand.id, "North")
    factories.store(cast.brand.id, "N1", region_id=north.id)
    factories.store(cast.brand.id, "S1", format="corner")
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=north.id)
    assert [store["code"] for store in rows(export(client, cast, rita))] == ["N1"]
    assert [store["code"] for store in rows(export(client, cast, cast.bob))] == ["N1", "S1"]
    corners = export(client, cast, cast.bob, format="corner")
    assert [store["code"] for store in rows(corners)] == ["S1"]
    assert export(client, cast, cast.charlie).status_code == 404
    assert export(client, cast, cast.sonia).status_code == 403


def test_the_import_reads_an_export_back_unchanged(client: FlaskClient, cast: Cast) -> None:
    region = factories.region(cast.brand.id, "Sud")
    factories.store(cast.brand.id, "S1", region_id=region.id, latitude=40.8, longitude=14.2)
    factories.store(cast.brand.id, "-MI", name="=1+1", region_id=region.id)
    alice = cast.alice
    with count_queries() as counter:
        file = export(client, cast, alice).data
    assert counter.count == 2
    headers = cast.alice.headers | {"Content-Type": "text/csv"}
    url = f"/v1/brands/{cast.brand.id}/store-imports"
    back = client.post(url, data=file, headers=headers, query_string={"map": "region=region"})
    assert (back.json["unchanged"], back.json["refused"]) == (2, 0)
