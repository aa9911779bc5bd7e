"""server.domain.scoring: one visit's figures, against published numbers and by invariants."""

import random
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import cube, scoring
from server.domain.checklist import (
    Choice,
    Critical,
    Document,
    Item,
    ItemType,
    PromiseCopy,
    PromiseLink,
    Section,
    TouchpointCopy,
)
from server.domain.scoring import VisitFigures

NA = {"na": True}
TITLE = {"en": "Visit"}


def yes_no(key: str, **values: Any) -> Item:
    return Item(key=key, type=ItemType.YES_NO, prompt={"en": "?"}, allow_na=True, **values)


def scale(key: str, most: float = 1, **values: Any) -> Item:
    return Item(key=key, type=ItemType.SCALE, prompt={"en": "?"}, min=0, max=most, **values)


def document(*items: Item, **values: Any) -> Document:
    return Document(title=TITLE, sections=(Section("all", TITLE, items),), **values)


def visit(figures: VisitFigures) -> int | None:
    return figures.measures.get("visit")


def test_weighted_points_of_planbrothers() -> None:
    """Their example of question weights: 0, 1 and 0.5 points with weights 1, 2, 1 are 0.625."""
    checklist = document(scale("a"), scale("b", weight=2), scale("c"))
    assert visit(scoring.score(checklist, {"a": 0, "b": 1, "c": 0.5})) == 62_500


@pytest.mark.parametrize(
    ("sections", "expected"),
    [([(75, 10), (50, 5), (100, 5)], 75_000), ([(85, 10), (50, 15), (100, 5)], 70_000)],
)
def test_section_weights_of_sprinklr(sections: list[tuple[int, float]], expected: int) -> None:
    """Sprinklr's two checklist scoring examples: 75 and 70."""
    parts = tuple(
        Section(f"s{index}", TITLE, (scale(f"q{index}", 100),), weight)
        for index, (_, weight) in enumerate(sections)
    )
    answers = {f"q{index}": points for index, (points, _) in enumerate(sections)}
    figures = scoring.score(Document(title=TITLE, sections=parts), answers)
    assert visit(figures) == expected
    assert figures.measures["section:s0"] == sections[0][0] * 1000


def test_the_terms_of_sassie() -> None:
    """Yes is 1/1, No 0/1, N/A 0/0, 3 of 5 is 3/5; a bonus adds to earned, never to possible."""
    checks = Item(
        key="checks",
        type=ItemType.MULTIPLE_CHOICE,
        prompt={"en": "?"},
        choices=tuple(Choice(key, {"en": key}, 1) for key in "abcde"),
        weight=5,
    )
    checklist = document(yes_no("yes"), yes_no("no"), yes_no("na"), checks, yes_no("x", bonus=3))
    answers: dict[str, Any] = {"yes": True, "no": False, "na": NA, "checks": ["a", "c", "e"]}
    assert visit(scoring.score(checklist, answers)) == round(100_000 * 4 / 7)
    assert visit(scoring.score(checklist, answers | {"x": True})) == round(100_000 * 4 / 7) + 3_000
    assert visit(scoring.score(checklist, answers | {"x": False})) == round(100_000 * 4 / 7)


def test_nothing_applicable_is_no_score() -> None:
    figures = scoring.score(document(yes_no("a"), yes_no("b", bonus=5)), {"a": NA, "b": True})
    assert figures == VisitFigures({}, 0, [], {"b": 100_000})


def test_sections_without_anything_applicable_lose_their_weight() -> None:
    parts = (
        Section("one", TITLE, (yes_no("a"),), 9),
        Section("two", TITLE, (yes_no("b"), yes_no("c"))),
    )
    checklist = Document(title=TITLE, sections=parts)
    assert visit(scoring.score(checklist, {"a": False, "b": True, "c": True})) == 10_000
    figures = scoring.score(checklist, {"a": NA, "b": True, "c": False})
    assert visit(figures) == 50_000
    assert "section:one" not in figures.measures


def test_bonuses_are_capped_together_and_end_at_100() -> None:
    checklist = document(scale("a", 10), yes_no("x", bonus=4), yes_no("y", bonus=3), bonus_cap=5)
    extras = {"x": True, "y": True}
    assert visit(scoring.score(checklist, {"a": 5} | extras)) == 55_000
    assert visit(scoring.score(checklist, {"a": 9.8} | extras)) == 100_000


def test_a_bonus_does_not_rescue_a_failed_critical_item() -> None:
    checklist = document(
        *(yes_no(f"q{index}") for index in range(9)),
        yes_no("safe", critical=Critical(cap=50)),
        yes_no("x", bonus=5),
    )
    answers = {f"q{index}": True for index in range(9)} | {"safe": True, "x": True}
    assert scoring.score(checklist, answers).critical_failed == []
    failed = scoring.score(checklist, answers | {"safe": False})
    assert (visit(failed), failed.critical_failed) == (50_000, ["safe"])
    assert scoring.score(checklist, answers | {"safe": NA}).critical_failed == []


@pytest.mark.parametrize("scope", ["section", "promise"])
def test_a_cap_holds_in_its_scope_alone(scope: Any) -> None:
    link = (PromiseLink("p"),)
    critical = Critical(cap=20, scope=scope)
    checklist = document(yes_no("a", promises=link), yes_no("b", promises=link, critical=critical))
    measures = scoring.score(checklist, {"a": True, "b": False}).measures
    capped = {"section": "section:all", "promise": "promise:p"}[scope]
    assert {name for name, value in measures.items() if value == 20_000} == {capped}
    assert measures["visit"] == 50_000


def test_an_item_of_weight_0_can_still_fail() -> None:
    gate = yes_no("gate", weight=0, critical=Critical(cap=40))
    figures = scoring.score(document(yes_no("a"), gate), {"a": True, "gate": False})
    assert (visit(figures), figures.coverage) == (40_000, 1000)


def test_promises_weigh_their_links_and_places_their_items() -> None:
    touchpoint = TouchpointCopy(name="Till", stage="buy", channel="store")
    checklist = document(
        yes_no("a", weight=2, promises=(PromiseLink("p", 0.5),), touchpoint="t"),
        yes_no("b", promises=(PromiseLink("p"), PromiseLink("q")), facet="judgement"),
        scale("c", 4, promises=(PromiseLink("p", 2),), touchpoint="t"),
        touchpoints={"t": touchpoint},
    )
    measures = scoring.score(checklist, {"a": True, "b": False, "c": 3}).measures
    place = round(100_000 * 2.75 / 3)
    assert measures == {
        "visit": 68_750,
        "section:all": 68_750,
        "facet:fact": place,
        "facet:judgement": 0,
        "touchpoint:t": place,
        "stage:buy": place,
        "channel:store": place,
        "mode:physical": place,
        "interaction:direct": place,
        "promise:p": 62_500,
        "promise:q": 0,
        "promise_touchpoint:p/t": 83_333,
    }


def test_a_promise_is_scored_given_those_that_it_depends_on() -> None:
    checklist = document(
        scale("sure", 10, promises=(PromiseLink("certainty"),)),
        yes_no("chose", promises=(PromiseLink("control"),)),
        promises={
            "certainty": PromiseCopy(70.0),
            "control": PromiseCopy(80.0, ("certainty",)),
            "status": PromiseCopy(80.0, ("certainty",)),
        },
    )

    def given(**values: Any) -> dict[str, int]:
        measures = scoring.score(checklist, values).measures
        return {key: y for key, y in measures.items() if key.startswith("promise_given:")}

    assert given(sure=7, chose=False) == {"promise_given:control": 0}
    assert given(sure=6, chose=True) == {}
    assert given(chose=True) == given(sure=7) == {}


def test_tags_and_the_owner_unit_are_dimensions_without_code() -> None:
    checklist = document(
        yes_no(
            "a",
            weight=3,
            tags={"force": "status", "mood": ("calm", "warm"), "sense": "hear"},
            touchpoint="t",
        ),
        yes_no("b", tags={"mood": "calm"}),
        touchpoints={
            "t": TouchpointCopy(
                "Till", "buy", "store", sense="see", need="functional", owner_unit="Visual: Milan"
            )
        },
    )
    measures = scoring.score(checklist, {"a": True, "b": False}).measures
    assert (
        measures.items()
        >= {
            "force:status": 100_000,
            "mood:calm": 75_000,
            "mood:warm": 100_000,
            "sense:hear": 100_000,
            "need:functional": 100_000,
            "interaction:direct": 100_000,
            "owner_unit:Visual: Milan": 100_000,
        }.items()
    )
    assert "sense:see" not in measures
    assert cube.parted("owner_unit:Visual: Milan") == ("owner_unit", "Visual: Milan")


@pytest.mark.parametrize(("said", "counted"), [(10, 1), (9, 1), (8, 0), (7, 0), (6, -1), (0, -1)])
def test_the_recommend_question_is_counted_and_may_have_no_weight(said: int, counted: int) -> None:
    checklist = document(yes_no("a"), Item("r", ItemType.NPS, {"en": "?"}, weight=0))
    assert scoring.score(checklist, {"a": True, "r": said}).tallies["nps"] == counted
    assert "nps" not in scoring.score(checklist, {"a": True}).tallies


def test_extras_and_failed_critical_items_are_counted() -> None:
    checklist = document(yes_no("a", critical=Critical(50)), yes_no("x", bonus=2), yes_no("b"))
    given = scoring.score(checklist, {"a": False, "x": True, "b": True})
    assert given.tallies == {"critical": 1, "glue": 1, "coverage": 1000, "thin": 0}
    assert given.items == {"a": 0, "x": 100_000, "b": 100_000}
    none = scoring.score(checklist, {"a": True})
    assert none.tallies == {"critical": 0, "glue": 0, "coverage": 500, "thin": 1}


def test_coverage_is_the_answered_weight_of_what_can_be_scored() -> None:
    text = Item(key="text", type=ItemType.TEXT, prompt={"en": "?"})
    checklist = document(yes_no("a", weight=3), yes_no("b"), yes_no("x", bonus=1), text)
    assert scoring.score(checklist, {"a": True, "b": True}).coverage == 1000
    assert scoring.score(checklist, {"a": True, "b": NA}).coverage == 750
    assert scoring.score(checklist, {"b": True}).coverage == 250 < scoring.COVERAGE_FLOOR
    assert scoring.score(checklist, {"a": "yes"}).coverage == 0


def test_weights_are_the_decimals_that_were_written() -> None:
    """In binary, 0.1 and 0.2 against 0.3 would be 49.999… and might round down."""
    checklist = document(yes_no("a", weight=0.1), yes_no("b", weight=0.2), yes_no("c", weight=0.3))
    assert visit(scoring.score(checklist, {"a": True, "b": True, "c": False})) == 50_000
    halves = document(scale("a", 200_000))
    assert visit(scoring.score(halves, {"a": 1})) == 0
    assert visit(scoring.score(halves, {"a": 3})) == 2


WEIGHTS = st.sampled_from([0, 0.1, 0.3, 1, 2, 7.25])
SHARES = st.sampled_from([0, 0.1, 1 / 3, 0.5, 0.9, 1])
CRITICALS = st.builds(
    Critical,
    cap=st.sampled_from([0, 33.3, 60, 100]),
    below=st.sampled_from([0.5, 1]),
    scope=st.sampled_from(["visit", "section", "promise"]),
)
LINKS = st.lists(
    st.builds(PromiseLink, st.sampled_from(["p", "q"]), WEIGHTS),
    max_size=2,
    unique_by=lambda link: link.promise,
).map(tuple)


@st.composite
def visits(draw: st.DrawFn) -> tuple[Document, dict[str, Any]]:
    """A checklist of some sections with answers to some of its items."""
    sections, answers = [], {}
    for number in range(draw(st.integers(1, 3))):
        items = []
        for index in range(draw(st.integers(0, 4))):
            key = f"s{number}q{index}"
            bonus = draw(st.sampled_from([None, None, None, 0.5, 4]))
            items.append(
                Item(
                    key=key,
                    type=ItemType.SCALE,
                    prompt={"en": "?"},
                    allow_na=True,
                    min=0,
                    max=1,
                    weight=draw(WEIGHTS),
                    promises=draw(LINKS),
                    critical=draw(st.none() | CRITICALS),
                    bonus=bonus,
                    facet=draw(st.sampled_from(["fact", "judgement"])),
                )
            )
            answers[key] = draw(SHARES | st.just(NA) | st.none())
        sections.append(Section(f"s{number}", TITLE, tuple(items), draw(st.none() | WEIGHTS)))
    return Document(title=TITLE, sections=tuple(sections), bonus_cap=draw(WEIGHTS)), answers


def altered(checklist: Document, **values: Any) -> Document:
    """The checklist with the same fields of every item replaced."""
    sections = tuple(
        msgspec.structs.replace(
            section,
            items=tuple(msgspec.structs.replace(item, **values) for item in section.items),
        )
        for section in checklist.sections
    )
    return msgspec.structs.replace(checklist, sections=sections)


@given(visits())
def test_all_scores_lie_between_0_and_100(given_visit: tuple[Document, dict[str, Any]]) -> None:
    figures = scoring.score(*given_visit)
    assert all(0 <= value <= 100_000 for value in figures.measures.values())
    assert 0 <= figures.coverage <= 1000


@given(visits(), st.randoms(use_true_random=False))
def test_order_never_matters(
    given_visit: tuple[Document, dict[str, Any]], chance: random.Random
) -> None:
    checklist, answers = given_visit
    sections = [
        msgspec.structs.replace(
            section, items=tuple(chance.sample(section.items, len(section.items)))
        )
        for section in checklist.sections
    ]
    chance.shuffle(sections)
    shuffled = scoring.score(msgspec.structs.replace(checklist, sections=tuple(sections)), answers)
    straight = scoring.score(checklist, answers)
    assert replace(shuffled, critical_failed=sorted(shuffled.critical_failed)) == replace(
        straight, critical_failed=sorted(straight.critical_failed)
    )


@given(visits())
def test_items_that_do_not_apply_are_as_if_not_there(
    given_visit: tuple[Document, dict[str, Any]],
) -> None:
    checklist, answers = given_visit
    more = Section("none", TITLE, (yes_no("na"), yes_no("open")), 5)
    if all(section.weight is None for section in checklist.sections):
        more = msgspec.structs.replace(more, weight=None)
    wider = msgspec.structs.replace(checklist, sections=(*checklist.sections, more))
    assert (
        scoring.score(wider, answers | {"na": NA}).measures
        == scoring.score(checklist, answers).measures
    )


@given(visits())
def test_a_bonus_never_lowers_and_only_raises_the_visit(
    given_visit: tuple[Document, dict[str, Any]],
) -> None:
    checklist, answers = given_visit
    bonuses = {
        item.key for item in checklist.items() if item.bonus is not None and not item.critical
    }
    without = {key: None if key in bonuses else value for key, value in answers.items()}
    rich, poor = scoring.score(checklist, answers), scoring.score(checklist, without)
    assert (visit(rich) or 0) >= (visit(poor) or 0)
    assert {key: value for key, value in rich.measures.items() if key != "visit"} == {
        key: value for key, value in poor.measures.items() if key != "visit"
    }


@given(visits())
def test_a_critical_item_never_raises(given_visit: tuple[Document, dict[str, Any]]) -> None:
    checklist, answers = given_visit
    strict = scoring.score(checklist, answers)
    lenient = scoring.score(altered(checklist, critical=None), answers)
    assert strict.measures.keys() == lenient.measures.keys()
    assert all(value <= lenient.measures[key] for key, value in strict.measures.items())


@given(visits())
def test_a_better_answer_never_lowers(given_visit: tuple[Document, dict[str, Any]]) -> None:
    checklist, answers = given_visit
    better = {key: 1 if isinstance(value, int | float) else value for key, value in answers.items()}
    before, after = scoring.score(checklist, answers), scoring.score(checklist, better)
    assert all(after.measures[key] >= value for key, value in before.measures.items())
