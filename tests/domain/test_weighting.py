"""server.domain.weighting: what share of a score each domain, stage and promise carries."""

from typing import Any

import pytest

from server.domain.checklist import (
    Document,
    Item,
    ItemType,
    PromiseLink,
    Section,
    TouchpointCopy,
    parse,
)
from server.domain.scoring import score
from server.domain.weighting import shares, warnings

EN = {"en": "?"}
PLACES = {
    "shop": TouchpointCopy(name="Shop", stage="buy", channel="store", domain="service"),
    "site": TouchpointCopy(name="Site", stage="discover", channel="web", domain="usability"),
}


def yes_no(key: str, touchpoint: str, **values: Any) -> Item:
    return Item(key=key, type=ItemType.YES_NO, prompt=EN, touchpoint=touchpoint, **values)


def document(*sections: Section) -> Document:
    return Document(title=EN, sections=sections, touchpoints=PLACES)


def test_by_the_items_weights() -> None:
    items = (
        yes_no("a", "shop", weight=3, promises=(PromiseLink("warm", 0.5),)),
        yes_no("b", "site", tags={"domain": "marketing"}),
        yes_no("c", "site", weight=0),
        yes_no("d", "shop", bonus=3),
        Item(key="e", type=ItemType.TEXT, prompt=EN, touchpoint="site"),
    )
    found = shares(document(Section("all", EN, items)))
    assert found["domain"] == {"marketing": 0.25, "service": 0.75}
    assert found["stage"] == {"buy": 0.75, "discover": 0.25}
    assert found["promise"] == {"warm": 0.75}
    assert "promise_touchpoint" not in found


def test_by_the_sections_weights() -> None:
    """1 of 4 for the first section, halved by its two items; 3 of 4 for the second."""
    one = Section("one", EN, (yes_no("a", "shop"), yes_no("b", "site")), weight=1)
    two = Section("two", EN, (yes_no("c", "site", weight=9),), weight=3)
    none = Section("none", EN, (yes_no("d", "shop", weight=0),))
    found = shares(document(one, two, none))
    assert found["domain"] == {"service": 0.125, "usability": 0.875}
    assert sum(found["section"].values()) == pytest.approx(1)


def test_of_nothing_scored() -> None:
    assert shares(document(Section("all", EN, (yes_no("a", "shop", weight=0),)))) == {}


def test_domains_that_nothing_tells_of_are_warned_of() -> None:
    (found,) = warnings(document(Section("all", EN, (yes_no("a", "shop"), yes_no("b", "site")))))
    assert "shopping, marketing" in found["detail"]
    more = tuple(yes_no(name, "shop", tags={"domain": name}) for name in ("shopping", "marketing"))
    whole = Section("all", EN, (yes_no("a", "shop"), yes_no("b", "site"), *more))
    assert warnings(document(whole)) == []
    assert warnings(Document(title=EN, sections=(whole,))) != []  # tags alone tell of two


def test_a_weight_where_nothing_was_chosen_is_warned_of() -> None:
    chosen = {"till": TouchpointCopy(name="Till", stage="buy", channel="store", strategic=True)}
    items = (yes_no("a", "till", weight=3), yes_no("b", "site", weight=3), yes_no("c", "site"))
    section = Section("all", EN, items)
    made = Document(title=EN, sections=(section,), touchpoints=PLACES | chosen)
    pointers = [one["pointer"] for one in warnings(made) if one["pointer"].endswith("weight")]
    assert pointers == ["/draft/sections/0/items/1/weight"]


def test_a_moment_of_truth_weighs_what_says_no_weight_of_its_own() -> None:
    def asked(key: str, touchpoint: str, **values: Any) -> dict[str, Any]:
        return {"key": key, "type": "yes_no", "prompt": EN, "touchpoint": touchpoint} | values

    till = {"name": "Till", "stage": "buy", "channel": "store", "strategic": True, "weight": 3}
    site = {"name": "Site", "stage": "discover", "channel": "web", "weight": None}
    items = [asked("a", "till"), asked("b", "till", weight=1), asked("c", "site"), asked("d", "x")]
    told = {
        "title": EN,
        "sections": [{"key": "all", "title": EN, "items": items}],
        "touchpoints": {"till": till, "site": site},
    }
    parsed = parse(told)
    assert [item.weight for item in parsed.items()] == [3, 1, 1, 1]
    assert shares(parsed)["touchpoint"] == {"site": 0.1667, "till": 0.6667, "x": 0.1667}
    assert score(parsed, {"a": False, "b": True, "c": True, "d": True}).measures["visit"] == 50_000
    del told["touchpoints"]["till"]["weight"]
    assert [item.weight for item in parse(told).items()] == [1, 1, 1, 1], "as before there were any"
