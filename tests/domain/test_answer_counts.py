"""server.domain.answer_counts: what is counted of a visit's answers."""

from typing import Any

import pytest

from server.domain import cube, scoring
from server.domain.answer_counts import LARGEST_AMOUNT, counts, mean95
from server.domain.checklist import (
    Choice,
    Document,
    Item,
    ItemType,
    PromiseLink,
    Section,
    TouchpointCopy,
)

EN = {"en": "?"}
CHOICES = tuple(Choice(key, EN) for key in ("a", "b", "c"))
HOUR = 3_600_000


def item(kind: ItemType, **values: Any) -> Item:
    return Item(key="it", type=kind, prompt=EN, allow_na=True, **values)


@pytest.mark.parametrize(
    ("asked", "value", "words"),
    [
        (item(ItemType.SINGLE_CHOICE, choices=CHOICES), "b", ["b"]),
        (item(ItemType.MULTIPLE_CHOICE, choices=CHOICES), ["a", "c"], ["a", "c"]),
        (item(ItemType.MULTIPLE_CHOICE, choices=CHOICES), [], []),
        (item(ItemType.RANKED_CHOICE, choices=CHOICES), ["c", "a", "b"], ["c"]),
        (item(ItemType.CORRESPONDENCE), -2, ["below"]),
        (item(ItemType.CORRESPONDENCE), 0, ["met"]),
        (item(ItemType.CORRESPONDENCE), 1, ["exceeded"]),
        (item(ItemType.TIMES), {"promised_at": HOUR, "actual_at": HOUR}, ["in_time"]),
        (
            item(ItemType.TIMES),
            {"promised_at": HOUR, "actual_at": 2 * HOUR, "notified_at": 5},
            ["late_and_told"],
        ),
        (
            item(ItemType.TIMES),
            {"promised_at": HOUR, "actual_at": 2 * HOUR, "notified_at": None},
            ["late_and_not_told"],
        ),
        (item(ItemType.MISSED_OPPORTUNITY), {"missed": True, "what": "A bag."}, ["missed"]),
        (item(ItemType.INCIDENT), {"happened": True, "severity": "grave"}, ["grave"]),
        (item(ItemType.INCIDENT), {"happened": False}, ["none"]),
        (
            item(ItemType.MOMENTS),
            [{"at": HOUR, "feeling": -2, "what": "Nobody came."}, {"at": HOUR, "feeling": 2}],
            ["peak", "low"],
        ),
        (item(ItemType.MOMENTS), [{"at": HOUR, "feeling": 1}], []),
        (item(ItemType.YES_NO, weight=0), True, ["yes"]),
        (item(ItemType.SCALE, min=0, max=10, weight=0), 7, ["7"]),
        (item(ItemType.MONEY), {"amount": 4990, "currency": "EUR"}, ["amount/EUR"]),
    ],
)
def test_each_kind_has_its_words(asked: Item, value: Any, words: list[str]) -> None:
    found = counts([asked], {"it": value})
    assert set(found) == {"answer/it", *(f"answer/it/{word}" for word in words)}
    assert found["answer/it"] == 1


@pytest.mark.parametrize("value", [None, {"na": True}, "no such choice", ["a", "a"]])
def test_what_is_no_answer_is_not_counted(value: Any) -> None:
    assert counts([item(ItemType.MULTIPLE_CHOICE, choices=CHOICES)], {"it": value}) == {}


def test_what_is_scored_anyway_and_what_is_too_large_is_not_counted() -> None:
    assert counts([item(ItemType.YES_NO)], {"it": True}) == {}
    assert counts([item(ItemType.YES_NO, weight=0, bonus=2)], {"it": True}) == {}
    large = {"amount": LARGEST_AMOUNT + 1, "currency": "EUR"}
    assert counts([item(ItemType.MONEY)], {"it": large}) == {}


@pytest.mark.parametrize(
    ("before", "after", "lost"), [(8, 2, 1), (5, 5, 0), (4, 0, None), (9, None, None)]
)
def test_only_who_meant_to_come_is_lost(before: int, after: int | None, lost: int | None) -> None:
    asked = [
        Item(key=when, type=ItemType.SCALE, prompt=EN, min=0, max=10, tags={"intention": when})
        for when in ("before", "after")
    ]
    assert counts(asked, {"before": before, "after": after}).get("lost") == lost


def test_a_promise_has_an_nps_of_its_own() -> None:
    links = (PromiseLink("clear"), PromiseLink("warm"))
    asked = item(ItemType.NPS, weight=0, promises=links)
    found = counts([asked], {"it": 9})
    assert (found["nps/clear"], found["nps/warm"], found["answer/it/9"]) == (1, 1, 1)


def test_the_cube_keeps_them_apart_from_the_tallies() -> None:
    tallies = {"thin": 0, "nps/clear": 1, "answer/it": 1, "answer/it/amount/EUR": 4990}
    found = cube.entries({"visit": 90_000}, None, tallies, "v")
    assert found["tally"] == {"thin": 0, "nps/clear": 1}
    assert found["answer"] == {"it": 1, "it/amount/EUR": 4990}


def test_the_mean_of_amounts_and_its_interval() -> None:
    """Student's, of 10, 20 and 30: s = 10, t(2) = 4.303, so 20 ± 24.8, and not below 0."""
    mean, ends = mean95([3, 60, 1400])
    assert (mean, ends) == (20.0, (0.0, pytest.approx(20 + 4.3027 * 10 / 3**0.5, rel=1e-4)))
    assert mean95([2, 20, 200]) == (10.0, None)


def test_visits_are_scored_by_mode_and_count_hidden_items_nowhere() -> None:
    places = {
        "shop": TouchpointCopy(name="Shop", stage="buy", channel="store"),
        "site": TouchpointCopy(name="Site", stage="discover", channel="web"),
        "ad": TouchpointCopy(name="Ad", stage="discover", channel="advertising"),
    }
    items = tuple(Item(key=key, type=ItemType.YES_NO, prompt=EN, touchpoint=key) for key in places)
    document = Document(title=EN, sections=(Section("all", EN, items),), touchpoints=places)
    found = scoring.score(document, {"shop": True, "site": False, "ad": True}).measures
    modes = {name: y for name, y in found.items() if name.startswith("mode:")}
    assert modes == {"mode:physical": 100_000, "mode:digital": 0}
