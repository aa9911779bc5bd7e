"""The journey as visits found it, counted answers, coherence over stores and channels, what goes
together: everything beside the scores."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from server.models import Checklist, ChecklistVersion, Touchpoint
from server.services import editing
from tests import factories
from tests.api.house import House, get
from tests.cast import Cast

TEN = {"type": "scale", "min": 0, "max": 10, "weight": 0}


class Street(House):
    """The house, with a site, and questions that are asked and not scored."""

    def _version(self, brand_id: str) -> ChecklistVersion:
        self.site = factories.touchpoint(brand_id, name="The site", channel="web", stage="discover")
        made = super()._version(brand_id)
        clear = [{"promise": self.clear.id}]
        choices = [{"key": key, "label": {"en": key}} for key in ("good", "outstanding")]
        more: list[dict[str, Any]] = [
            self._item("site_clear", self.site, [self.clear.id]),
            {"key": "before", "tags": {"intention": "before"}, **TEN},
            {"key": "after", "tags": {"intention": "after"}, **TEN},
            {"key": "mood", **TEN},
            {"key": "overall", "type": "single_choice", "weight": 0, "choices": choices},
            {"key": "spent", "type": "money", "weight": 0},
            {"key": "as_expected", "type": "correspondence", "touchpoint": self.welcome.id}
            | {"promises": clear, "weight": 0},
            {"key": "missed", "type": "missed_opportunity", "touchpoint": self.welcome.id},
            {"key": "clear_nps", "type": "nps", "promises": clear, "weight": 0},
        ]
        document = made.document
        document["sections"][0]["items"] += [{"prompt": {"en": "?"}} | item for item in more]
        document["touchpoints"][self.site.id] = {
            "name": "The site",
            "stage": "discover",
            "channel": "web",
        }
        ChecklistVersion.update(document=document).where(ChecklistVersion.id == made.id).execute()
        return ChecklistVersion.get_by_id(made.id)


@pytest.fixture
def street(cast: Cast) -> Street:
    made = Street(cast)
    milan, turin, rome = made.stores
    days = [(milan, "a"), (milan, "b"), (turin, "a"), (rome, "b")]
    good = {"greeted": True, "site_clear": True, "before": 8, "after": 9, "clear_nps": 10}
    bad = {"greeted": False, "site_clear": True, "before": 7, "after": 1, "clear_nps": 3}
    said = [
        good | {"mood": 9, "overall": "outstanding", "as_expected": 2},
        good | {"mood": 8, "overall": "good", "as_expected": 0, "site_clear": False},
        good | {"mood": 7, "overall": "good", "missed": {"missed": False}},
        bad | {"mood": 1, "overall": "good", "missed": {"missed": True, "what": "A bag."}},
    ]
    for (store, shopper), answers, amount in zip(days, said, (4000, 5000, 6000, 0), strict=True):
        spent = {"spent": {"amount": amount, "currency": "EUR"}} if amount else {}
        made.visit(store, {"fast": True, "gift": False} | answers | spent, shopper_id=shopper)
    return made


def test_the_journey_has_what_is_said_and_what_was_found(
    client: FlaskClient, cast: Cast, street: Street
) -> None:
    said = {"expectation": "A smile.", "weakness": "Nobody there.", "opportunity": "A name."}
    Touchpoint.update(**said, weight=2.5).where(Touchpoint.id == street.welcome.id).execute()
    rows = {row["name"]: row for row in get(client, cast, "journey")["items"]}
    assert next(iter(rows)) in ("The site", "The window")  # they are discovered first
    welcome = rows["The welcome"]
    assert (welcome["weight"], rows["The window"]["weight"]) == (2.5, None)
    assert (welcome["moment_of_truth"], welcome["score"], welcome["n"]) == (True, 75.0, 4)
    assert welcome["interval95"] is not None
    assert welcome["expectation"] == {"said": "A smile.", "below": 0, "met": 1, "exceeded": 1}
    assert (welcome["opportunity"]["missed"], welcome["opportunity"]["asked"]) == (1, 2)
    assert [one["item_key"] for one in welcome["weakness"]["items"]] == ["greeted"]
    assert rows["The window"]["weakness"] == {"said": None, "items": []}


def test_answers_are_counted(client: FlaskClient, cast: Cast, street: Street) -> None:
    items = {one["item_key"]: one for one in get(client, cast, "answers")["items"]}
    overall = items["overall"]
    assert [(one["answer"], one["count"]) for one in overall["answers"]] == [
        ("good", 3),
        ("outstanding", 1),
    ]
    assert overall["answers"][1]["share"]["value"] == 0.25
    assert overall["answers"][1]["label"] == {"en": "outstanding"}
    (spent,) = items["spent"]["amounts"]
    assert (spent["currency"], spent["mean"], spent["n"]) == ("EUR", 5000.0, 3)
    assert "greeted" not in items
    assert get(client, cast, "answers", ownership="competitor")["items"] == []


def test_figures_tell_of_lost_customers_and_the_weakest_stage(
    client: FlaskClient, cast: Cast, street: Street
) -> None:
    page = get(client, cast, "figures")
    assert (page["lost"]["value"], page["lost"]["n"]) == (0.25, 4)
    assert page["weakest_stage"]["value"] in ("discover", "buy")
    assert page["weakest_stage"]["score"] == 75.0
    assert page["method_version"] == "1"
    asked = {one["adjective"]: one["nps"] for one in page["promises"]}
    assert (asked["clear"]["score"], asked["enthusiastic"]) == (50.0, None)
    modes = {one["dimension"]: one["values"] for one in page["dimensions"]}["mode"]
    assert [(one["value"], one["n"]) for one in modes] == [("digital", 4), ("physical", 4)]
    assert not {"answer", "tally"} & {one["dimension"] for one in page["dimensions"]}


def test_a_ranking_by_mode(client: FlaskClient, cast: Cast, street: Street) -> None:
    ranked = get(client, cast, "rankings", measure="mode:digital")["items"]
    assert {one["store"]["code"]: one["raw_mean"] for one in ranked} == {
        "MI": 50.0,
        "TO": 100.0,
        "RM": 100.0,
    }
    url = f"/v1/brands/{cast.brand.id}/rankings?measure=answer:overall"
    assert client.get(url, headers=cast.alice.headers).status_code == 422


def test_promises_are_held_against_stores_and_channels(
    client: FlaskClient, cast: Cast, street: Street
) -> None:
    answer = get(client, cast, "matrix")
    rows = {row["adjective"]: row for row in answer["items"]}
    channels = {one["channel"]: one["n"] for one in rows["clear"]["channels"]}
    assert channels == {"store": 8, "web": 4}
    # 87.5 in eight answers and 75 in four: s = 5.893 points.
    assert rows["clear"]["channel_coherence"] == 0.882
    # By store 100, 100 and 0, of two, one and one visits: s = √(¾·¼) of 100 points.
    assert rows["enthusiastic"]["store_coherence"] == pytest.approx(1 - 2 * 0.1875**0.5, abs=1e-3)
    assert rows["enthusiastic"]["channel_coherence"] is None
    assert answer["method_version"] == "1"


def test_coverage_names_what_nobody_asks(client: FlaskClient, cast: Cast, street: Street) -> None:
    warm = factories.promise(cast.brand.id, adjective="warm")
    Touchpoint.update(weight=2.5).where(Touchpoint.id == street.welcome.id).execute()
    version = street.spring.version
    editing.create(
        Checklist,
        cast.brand.id,
        id=version.checklist_id,
        title="Visit",
        draft=version.document,
        published_number=1,
    )
    answer = get(client, cast, "coverage")
    promises = {one["promise_id"]: one for one in answer["promises"]}
    assert (promises[warm.id]["n_items"], promises[warm.id]["last_month"]) == (0, None)
    clear = promises[street.clear.id]
    assert (clear["n_items"], clear["n"], clear["last_month"]) == (5, 4, "2026-03")
    stages = {one["stage"]: one["n_items"] for one in answer["stages"]}
    assert (stages["discover"], stages["evaluate"]) == (1, 0)
    places = {one["name"]: one["n_items"] for one in answer["touchpoints"]}
    assert (places["The welcome"], places["The window"]) == (3, 0)
    weights = {
        one["name"]: (one["moment_of_truth"], one["weight"]) for one in answer["touchpoints"]
    }
    assert (weights["The welcome"], weights["The window"]) == ((True, 2.5), (True, None))


def test_what_goes_together(client: FlaskClient, cast: Cast, street: Street) -> None:
    mood = get(client, cast, "correlation", one="item:mood")
    assert (mood["n"], mood["over"]) == (4, "visits")
    assert mood["r"] > 0.9
    assert mood["interval95"][0] < mood["r"] < mood["interval95"][1]
    few = get(client, cast, "correlation", one="amount:spent/EUR", other="nps")
    assert (few["n"], few["r"]) == (3, None)
    csv = "store;month;value\nMI;2026-03;900\nTO;2026-03;800\nRM;2026-03;100"
    client.post(
        f"/v1/brands/{cast.brand.id}/outcome-imports?kind=sales",
        data=csv.encode(),
        headers=cast.marta.headers | {"Content-Type": "text/csv"},
    )
    for one in ("item:mood", "visit", "amount:spent/EUR", "stage:buy"):
        sales = get(client, cast, "correlation", one=one, other="sales")
        assert sales["over"] == "store_months"
        assert sales["n"] == (2 if "amount" in one else 3)
    url = f"/v1/brands/{cast.brand.id}/correlation?one=tally:thin"
    assert client.get(url, headers=cast.alice.headers).status_code == 422


def test_drivers_of_what_customers_do(client: FlaskClient, cast: Cast, street: Street) -> None:
    back = get(client, cast, "drivers", outcome="item:after", by="mode")
    shares = {one["name"]: one["share"] for one in back["shares"]}
    assert back["n"] == 4
    assert shares["physical"] > shares["digital"]
    spent = get(client, cast, "drivers", outcome="amount:spent/EUR", by="mode")
    assert spent["n"] == 3
