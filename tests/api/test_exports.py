"""Rankings and figures as files: pictures, tables, workbooks, pages."""

import csv
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from server.domain.actor import Role
from server.models import Ranking, Region, Store
from server.services import publishing
from tests import factories, programme
from tests.cast import Cast, Person
from tests.chain import Chain, count_queries, url
from tests.programme import DAY

FIGURES = ("gaps", "trend", "heat", "matrix")
SECRETS = ("shopper-1", "severity:", "device", "2026-03-", str(int(DAY.timestamp())))
"""What no export may hold: who, on what, when."""


@pytest.fixture
def chain(cast: Cast) -> Chain:
    return Chain(cast)


def get(client: FlaskClient, cast: Cast, path: str, who: Person, **query: str) -> TestResponse:
    return client.get(url(cast, path), query_string=query, headers=who.headers)


def ok(client: FlaskClient, cast: Cast, path: str, who: Person, **query: str) -> TestResponse:
    answer = get(client, cast, path, who, **query)
    assert answer.status_code == 200, (path, answer.json)
    return answer


def rows(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def book(answer: TestResponse) -> Any:
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def paths(store: Store, region: Region) -> list[str]:
    """One of each kind of export."""
    return [
        "rankings.xlsx",
        "rankings.svg",
        "rankings/groups.csv",
        "coverage.csv",
        "figures/gaps.svg",
        "figures/trend.csv",
        f"stores/{store.id}/figures/heat.svg",
        f"stores/{store.id}/figures/matrix.csv",
        f"stores/{store.id}/report.pdf",
        f"regions/{region.id}/report.pdf",
    ]


def test_bob_reads_and_charlie_and_sonia_do_not(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    for path in paths(chain.milan, chain.north):
        people = (cast.bob, cast.charlie, cast.sonia)
        statuses = [get(client, cast, path, person).status_code for person in people]
        assert statuses == [200, 404, 403], path
        assert client.get(url(cast, path)).status_code == 401


def test_managers_get_what_is_theirs(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id=chain.north.id)
    sara = cast.person("sara", Role.STORE_MANAGER, store_id=chain.rome.id)
    for who, seen, unseen in (
        (rita, {"Store MI", "Store TO"}, {"Store RM"}),
        (sara, {"Store RM"}, {"Store MI", "Store TO"}),
    ):
        text = ok(client, cast, "rankings.svg", who).text
        assert all(name in text for name in seen)
        assert not any(name in text for name in unseen)
        sheet = book(ok(client, cast, "rankings.xlsx", who))["Ranking"]
        assert {cell.value for cell in sheet["E"]} == seen | {"store_name"}
    for path in paths(chain.rome, chain.south)[6:]:
        assert get(client, cast, path, rita).status_code == 404, path
    for path in paths(chain.milan, chain.north)[6:]:
        assert get(client, cast, path, sara).status_code == 404, path
    assert ok(client, cast, f"stores/{chain.rome.id}/report.pdf", sara).data.startswith(b"%PDF-")
    ok(client, cast, f"regions/{chain.piedmont.id}/report.pdf", rita)


def test_pictures_of_a_store_and_of_stores_together(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    for place in (f"stores/{chain.milan.id}/figures", "figures"):
        for name in FIGURES:
            svg = ok(client, cast, f"{place}/{name}.svg", cast.bob, period="2026-03")
            assert svg.headers["Content-Type"] == "image/svg+xml"
            assert "style-src 'unsafe-inline'" in svg.headers["Content-Security-Policy"]
            assert "Aurea, 2026-03" in svg.text
    for path in ("figures/gaps.png", f"stores/{chain.naples.id}/figures/heat.png", "rankings.png"):
        png = ok(client, cast, path, cast.bob, region=chain.south.id)
        with Image.open(io.BytesIO(png.data)) as image:
            assert (image.format, image.width > 500) == ("PNG", True)


def test_pictures_show_what_the_filters_choose(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    text = ok(client, cast, "rankings.svg", cast.bob, promise=chain.spring.promise.id).text
    assert "Aurea, all months: stores by promise enthusiastic" in text
    north = ok(client, cast, "rankings.svg", cast.bob, region=chain.north.id).text
    assert ("Aurea, North" in north, "Store RM" in north) == (True, False)
    wrong = get(client, cast, "figures/gaps.svg", cast.bob, period="March")
    assert (wrong.status_code, wrong.mimetype) == (422, "application/problem+json")
    assert get(client, cast, "rankings.svg", cast.bob, region="nowhere").status_code == 404


def test_tables_say_what_pictures_show(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    (month,) = rows(ok(client, cast, "figures/trend.csv", cast.bob))
    assert (month["month"], month["n"], month["score"]) == ("2026-03", "7", "53.571")
    # Σy = 375, Σy² = 25625: s² = 922.62, se = 11.4806, t(6) = 2.4469.
    assert float(month["interval95_low"]) == pytest.approx(53.571 - 2.4469 * 11.4806, abs=0.01)
    (promise,) = rows(ok(client, cast, f"stores/{chain.rome.id}/figures/gaps.csv", cast.bob))
    place = client.get(url(cast, f"stores/{chain.rome.id}/figures"), headers=cast.bob.headers).json[
        "ranking"
    ]["promises"][0]
    assert float(promise["score"]) == place["score"]
    assert float(promise["interval95_high"]) == place["interval"][1]
    groups = rows(ok(client, cast, "rankings/groups.csv", cast.bob, by="ownership"))
    assert {one["value"]: one["n_stores"] for one in groups} == {"direct": "2", "franchise": "1"}
    assert rows(ok(client, cast, "figures/heat.csv", cast.bob)) == []
    factories.touchpoint(cast.brand.id, name="=The window")
    assert rows(ok(client, cast, "coverage.csv", cast.bob))[0]["name"] == "'=The window"


def test_a_workbook(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    for store, name in ((chain.rome, '=HYPERLINK("x")'), (chain.milan, "@M"), (chain.turin, "-T")):
        Store.update(name=name).where(Store.id == store.id).execute()
    answer = ok(client, cast, "rankings.xlsx", cast.bob, period="2026-03")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rankings.xlsx"'
    opened = book(answer)
    assert opened.sheetnames == ["Ranking", "Promises", "Promises by store", "Notes"]
    page = opened["Ranking"]
    header = [cell.value for cell in page[1]]
    names = page[2][header.index("store_name")], page[4][header.index("store_name")]
    assert [(cell.value, cell.data_type) for cell in names] == [
        ("'@M", "s"),
        ('\'=HYPERLINK("x")', "s"),
    ]
    assert page[2][header.index("raw_mean")].value == 75.0
    assert page[2][header.index("provisional")].value is True
    assert len(page._charts) == 1
    (promise,) = opened["Promises"].iter_rows(min_row=2, values_only=True)
    assert promise[0] == "enthusiastic"
    assert [cell.value for cell in opened["Promises by store"][1]][:3] == [
        "store_code",
        "store_name",
        "enthusiastic score",
    ]
    notes = {row[0]: row[1] for row in opened["Notes"].iter_rows(values_only=True) if row[0]}
    assert notes["Stores"] == "Aurea, 2026-03"
    assert {"rank_interval90", "How to read it", "Method 3", "Mind"} <= notes.keys()
    made = Ranking.select().order_by(Ranking.computed_at.desc()).get().computed_at
    assert opened.properties.created == made.replace(microsecond=0, tzinfo=None)
    assert opened.properties.creator == "Promessa"
    assert opened.properties.lastModifiedBy in (None, "Promessa")


def test_no_export_names_a_shopper_or_a_time(client: FlaskClient, cast: Cast, chain: Chain) -> None:
    for path in [*paths(chain.milan, chain.italy), "rankings.png", "figures/trend.png"]:
        data = ok(client, cast, path, cast.alice).data
        if path.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                data = b"".join(packed.read(name) for name in packed.namelist())
        for secret in SECRETS:
            assert secret.encode() not in data, (path, secret)


def test_pages_bear_the_ranking_s_date_and_nothing_else_does(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    path = f"regions/{chain.italy.id}/report.pdf"
    first = ok(client, cast, path, cast.bob, period="2026-03").data
    assert first == ok(client, cast, path, cast.bob, period="2026-03").data
    made = Ranking.select().order_by(Ranking.computed_at.desc()).get().computed_at
    assert set(re.findall(rb"D:(\d{14})", first)) == {f"{made:%Y%m%d%H%M%S}".encode()}
    empty = ok(client, cast, f"stores/{chain.naples.id}/report.pdf", cast.bob, period="2020-01")
    assert empty.data.startswith(b"%PDF-")


def test_of_many_stores_a_picture_shows_some_and_costs_the_same_queries(
    client: FlaskClient, cast: Cast, chain: Chain
) -> None:
    publishing.publish(cast.brand.id)
    names = ["rankings.svg", "rankings.xlsx", "figures/gaps.svg"]
    names.append(f"stores/{chain.milan.id}/report.pdf")
    bob = cast.bob
    before = [count_queries(lambda n=name: ok(client, cast, n, bob)) for name in names]
    for number in range(70):
        store = programme.store(cast.brand.id, f"X{number:02}", region_id=chain.south.id)
        chain.visit(store, number % 5)
    publishing.publish(cast.brand.id)
    after = [count_queries(lambda n=name: ok(client, cast, n, bob)) for name in names]
    assert after == before
    assert max(after) < 10
    text = ok(client, cast, "rankings.svg", cast.bob).text
    assert "… 13 more …" in text
    assert len(set(re.findall(r"Store \w+", text))) == 60
    assert book(ok(client, cast, "rankings.xlsx", cast.bob))["Ranking"].max_row == 74
    report = ok(client, cast, f"regions/{chain.italy.id}/report.pdf", bob).data
    assert report.count(b"/Type /Page\n") <= 6
