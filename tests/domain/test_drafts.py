"""server.domain.drafts: every mistake at once, and what passes can be scored."""

import copy
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import answers, checklist, drafts, shaping
from server.domain.programme import Programme

PROGRAMME = Programme(("it", "en"), {"p1", "p2"}, {"t1"})


def texts(words: str = "Testo") -> dict[str, str]:
    return {"it": words, "en": words}


def item(named: str, kind: str = "yes_no", **values: Any) -> dict[str, Any]:
    placed = {"touchpoint": "t1", "promises": [{"promise": "p1"}]}
    plain = {"key": named, "type": kind, "prompt": texts()}
    return plain | anchored(kind, values) | placed | values


def anchored(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    """The anchors that an item of the kind needs."""
    ends = {"yes_no": ["yes", "no"], "nps": ["0", "10"], "correspondence": ["-2", "2"]}
    if kind in ("scale", "two_sided"):
        ends[kind] = [f"{values[end]:g}" for end in ("min", "max") if end in values]
    found = {end: texts() for end in ends.get(kind, ())}
    return {"anchors": found} if found else {}


def draft(*items: dict[str, Any], **values: Any) -> dict[str, Any]:
    section = {"key": "s", "title": texts(), "items": list(items)}
    return {"title": texts(), "sections": [section]} | values


SOUND = draft(
    item("greeting", critical={"cap": 50}, points={"yes": 2, "no": 0}),
    item("smile", "scale", min=1, max=5, step=0.5, allow_na=True),
    item("look", "single_choice", choices=[{"key": "a", "label": texts(), "points": 1}]),
    item("extras", "multiple_choice", choices=[{"key": "a", "label": texts(), "points": -1}]),
    item("wait", "number", min=0, bands=[{"to": 5, "points": 2}, {"from": 5, "points": 1}]),
    item("words", "text", max_length=500, touchpoint=None, promises=[]),
    item("window", "photo", photos_min=1, photos_max=3, touchpoint=None, promises=[]),
    item("gift", bonus=3, touchpoint=None, promises=[], help=texts()),
    item("asked", weight=0, touchpoint=None, promises=[]),
    item("recommends", "nps", comment={"on": ["0"], "below": 0.7, "least": 10}),
    item("kept", "correspondence", penalty=2),
    item("beside", "two_sided", min=-2, max=2, ideal=0, step=1),
    item("queue", "timer", bands=[{"to": 60, "points": 1}]),
    item("delivery", "times", notice=0.5, bands=[{"to": 0, "points": 1}]),
    item("mood", "emotion"),
    item("gift2", "extra", bonus=2, touchpoint=None, promises=[]),
    item("missed", "missed_opportunity", weight=0),
    item("moments", "moments", weight=0),
    item("trouble", "incident", weight=0, photos_min=1),
    item("paid", "money", photos_min=1, weight=0),
    item("where", "place"),
    item("signed", "signature"),
    item("ranked", "ranked_choice", max=1, choices=[{"key": "a", "label": texts()}]),
    item(
        "grid",
        "matrix",
        rows=[{"key": "r", "label": texts()}],
        choices=[{"key": "a", "label": texts(), "points": 1}],
        when=[{"item": "greeting", "value": True}, {"item": "smile", "op": "at_least", "value": 3}],
    ),
)


def pointers(document: Any) -> set[str]:
    return {each["pointer"] for each in drafts.problems(document, PROGRAMME)}


def in_item(**values: Any) -> set[str]:
    found = pointers(draft(item("k", **values)))
    return {pointer.removeprefix("/draft/sections/0/items/0") for pointer in found}


def test_a_sound_draft_has_no_problem_and_can_be_read() -> None:
    assert drafts.problems(SOUND, PROGRAMME) == []
    assert [each.key for each in checklist.parse(SOUND).items()][:2] == ["greeting", "smile"]


def test_touchpoints_of_a_copied_version_do_not_matter() -> None:
    assert drafts.problems(SOUND | {"touchpoints": {"x": 1}}, PROGRAMME) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"key": "a b"}, {"/key"}),
        ({"key": ""}, {"/key"}),
        ({"type": "yesno"}, {"/type"}),
        ({"prompt": {"it": "Sì?"}}, {"/prompt/en"}),
        ({"prompt": {"it": "Sì?", "en": " "}}, {"/prompt/en"}),
        ({"prompt": {"it": "a\x00", "en": 3}}, {"/prompt/it", "/prompt/en"}),
        ({"prompt": texts("x" * 2001)}, {"/prompt/it", "/prompt/en"}),
        ({"help": {"en": "So"}}, {"/help/it"}),
        ({"weight": -1}, {"/weight"}),
        ({"weight": "1"}, {"/weight"}),
        ({"weight": True}, {"/weight"}),
        ({"weight": 1e300}, {"/weight"}),
        ({"touchpoint": None}, {"/touchpoint"}),
        ({"touchpoint": "t2"}, {"/touchpoint"}),
        ({"promises": []}, {"/promises"}),
        ({"promises": [{"promise": "p1", "weight": 0}]}, {"/promises"}),
        ({"promises": [{"promise": "p9"}]}, {"/promises/0/promise"}),
        ({"promises": [{"promise": "p1"}, {"promise": "p1"}]}, {"/promises/1/promise"}),
        ({"promises": [{"promise": "p1", "weight": -1}]}, {"/promises/0/weight", "/promises"}),
        ({"critical": {"cap": 101, "below": 0}}, {"/critical/cap", "/critical/below"}),
        ({"critical": {"cap": 10, "scope": "shop"}}, {"/critical/scope"}),
        ({"critical": {}}, {"/critical/cap"}),
        ({"bonus": 101}, {"/bonus"}),
        ({"points": {"yes": -1, "maybe": 1}}, {"/points/yes", "/points/maybe"}),
        ({"facet": "guess"}, {"/facet"}),
        (
            {"tags": {"force": "gravity", "Big": "x", "promise": "x"}},
            {"/tags/force", "/tags/Big", "/tags/promise"},
        ),
        (
            {"tags": {"mood": ["calm", "calm"], "era": [], "hue": 3}},
            {"/tags/mood", "/tags/era", "/tags/hue"},
        ),
        ({"tags": {"mood": ["calm", "warm"], "sense": "see"}}, set()),
        ({"anchors": {"yes": texts()}}, {"/anchors/no"}),
        ({"anchors": {}, "weight": 0}, set()),
        (
            {"anchors": {"yes": texts(), "no": {"it": "No"}, "maybe": texts()}},
            {"/anchors/no/en", "/anchors/maybe"},
        ),
        ({"kind": "scale", "min": 1, "max": 5, "anchors": {}}, {"/anchors/1", "/anchors/5"}),
        ({"kind": "nps"}, set()),
        ({"kind": "correspondence", "anchors": {}}, {"/anchors/-2", "/anchors/2"}),
        ({"kind": "two_sided", "min": 1, "max": 5, "ideal": 6}, {"/ideal"}),
        ({"kind": "scale", "min": 1, "max": 5, "ideal": 3}, {"/ideal"}),
        ({"kind": "times", "notice": 2, "bands": [{"to": 0, "points": 1}]}, {"/notice"}),
        ({"kind": "timer", "bands": [{"to": 60, "points": 1}]}, set()),
        ({"kind": "timer", "step": 1}, {"/step"}),
        ({"kind": "extra", "bonus": 2, "touchpoint": None, "promises": []}, set()),
        ({"kind": "incident", "bonus": 2, "weight": 0}, {"/bonus"}),
        (
            {"kind": "matrix", "rows": [{"key": "r", "label": {}}], "choices": []},
            {"/choices", "/rows/0/label/it", "/rows/0/label/en"},
        ),
        ({"kind": "matrix", "choices": [{"key": "a", "label": texts()}]}, {"/rows"}),
        (
            {"kind": "ranked_choice", "max": 2, "choices": [{"key": "a", "label": texts()}]},
            {"/max"},
        ),
        ({"comment": {"on": ["no"], "least": 20}, "photos_min": 1}, set()),
        ({"comment": {}}, {"/comment"}),
        ({"comment": {"on": ["perhaps"], "least": 0}}, {"/comment/on/0", "/comment/least"}),
        ({"kind": "text", "comment": {"below": 0.5}}, {"/comment/below"}),
        ({"penalty": 0.5}, {"/penalty"}),
        ({"colour/of~it": 1}, {"/colour~1of~0it"}),
        ({"min": 0, "choices": [{}]}, {"/min", "/choices/0/key", "/choices/0/label", "/choices"}),
        ({"kind": "scale"}, {"/min", "/max"}),
        (
            {"kind": "scale", "min": 5, "max": 1, "step": 1},
            {"/max", "/anchors/1", "/anchors/5"},
        ),
        ({"kind": "scale", "min": 1, "max": 5, "step": 3}, {"/step", "/anchors/5"}),
        ({"kind": "scale", "min": 1, "max": 5, "step": 0}, {"/step"}),
        ({"kind": "number", "min": 3, "max": 3}, {"/max"}),
        ({"kind": "number", "bands": [{"from": 5, "to": 1, "points": 1}]}, {"/bands/0/to"}),
        (
            {"kind": "number", "bands": [{"from": 5, "points": 1}, {"to": 6, "points": 1}]},
            {"/bands/0"},
        ),
        ({"kind": "single_choice"}, {"/choices"}),
        (
            {
                "kind": "single_choice",
                "choices": [
                    {"key": "a", "label": texts(), "points": -1},
                    {"key": "a", "label": {"it": "A"}, "points": 1},
                ],
            },
            {"/choices/0/points", "/choices/1/key", "/choices/1/label/en"},
        ),
        ({"kind": "text", "max_length": 0}, {"/max_length"}),
        ({"kind": "text", "critical": {"cap": 5}, "bonus": 1}, {"/critical", "/bonus"}),
        ({"kind": "photo", "photos_min": 4, "photos_max": 3}, {"/photos_max"}),
        ({"kind": "photo", "photos_min": -1, "photos_max": 61}, {"/photos_min", "/photos_max"}),
        ({"kind": "photo", "photos_min": 1.5}, {"/photos_min"}),
        ({"when": [{"item": "k", "value": True}]}, {"/when/0/item"}),
        ({"when": [{"item": "later", "op": "answered"}]}, {"/when/0/item"}),
    ],
)
def test_what_is_wrong_with_an_item(values: dict[str, Any], expected: set[str]) -> None:
    assert in_item(**values) == expected


def test_keys_are_unique_over_the_whole_checklist() -> None:
    twice = draft(item("a"))
    twice["sections"].append(copy.deepcopy(twice["sections"][0]))
    assert pointers(twice) == {"/draft/sections/1/key", "/draft/sections/1/items/0/key"}


def test_everything_wrong_is_named_at_once() -> None:
    wrong = draft(item("a", weight="heavy"), item("a", touchpoint="t2"), bonus_cap=-1, colour=1)
    wrong["title"].pop("en")
    wrong["sections"][0]["weight"] = -2
    assert pointers(wrong) == {
        "/draft/colour",
        "/draft/title/en",
        "/draft/bonus_cap",
        "/draft/sections/0/weight",
        "/draft/sections/0/items/0/weight",
        "/draft/sections/0/items/1/key",
        "/draft/sections/0/items/1/touchpoint",
    }


@pytest.mark.parametrize("empty", [None, [], "x", 1, {}, {"title": texts(), "sections": []}])
def test_nothing_is_no_checklist(empty: Any) -> None:
    assert pointers(empty)


def test_too_much_is_named_and_bounded() -> None:
    many = draft(*(item(f"i{number}") for number in range(501)))
    assert pointers(many) == {"/draft/sections/0/items"}
    split = draft(*(item(f"i{number}") for number in range(300)))
    split["sections"].append(
        {"key": "t", "title": texts(), "items": [item(f"j{n}") for n in range(201)]}
    )
    assert pointers(split) == {"/draft/sections"}
    hopeless = draft(*({} for _ in range(100_000)))
    assert len(drafts.problems(hopeless, PROGRAMME)) == shaping.MOST_MISTAKES


def test_depth_does_not_matter() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert pointers(draft(item("a", help=deep))) == {"/draft/sections/0/items/0/help"}
    while isinstance(deep, list):  # or its destructor recurses
        deep = deep.pop()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of everything in a JSON value."""
    found = []
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            found += [(value, key), *places(value[key])]
    return found


@given(st.data())
def test_whatever_passes_can_be_parsed_and_scored(data: st.DataObject) -> None:
    mutant = copy.deepcopy(SOUND)
    for _ in range(data.draw(st.integers(0, 3))):
        container, key = data.draw(st.sampled_from(places(mutant)))
        container[key] = data.draw(JSON | st.sampled_from([0, 1, -1, 1e12, [], {}, "yes_no"]))
    found = drafts.problems(mutant, PROGRAMME)
    for each in found:
        assert each["pointer"].startswith("/draft")
        assert each["detail"]
    if not found:
        document = checklist.parse(orjson.loads(orjson.dumps(mutant)))
        for each in document.items():
            answers.points(each, data.draw(JSON))


def conditioned(*whens: list[dict[str, Any]]) -> set[str]:
    """What is wrong with items that stand behind an a (yes/no), an n (0 to 10) and a c (x, y)."""
    choices = [{"key": key, "label": texts()} for key in "xy"]
    first = [
        item("a", weight=0),
        item("n", "nps", weight=0),
        item("c", "single_choice", choices=choices, weight=0),
        item("m", "multiple_choice", choices=choices, weight=0),
        item("t", "text", weight=0),
    ]
    then = [item(f"w{at}", weight=0, when=when) for at, when in enumerate(whens)]
    found = pointers(draft(*first, *then))
    return {pointer.removeprefix("/draft/sections/0/items/") for pointer in found}


def check(named: str, op: str = "is", value: Any = None) -> dict[str, Any]:
    return {"item": named, "op": op, "value": value}


@pytest.mark.parametrize(
    "one",
    [
        check("a", "at_least", 1),
        check("a", "is", "yes"),
        check("n", "is", 11),
        check("n", "in", []),
        check("n", "in", [1, "2"]),
        check("n", "at_least", True),
        check("c", "includes", "x"),
        check("c", "is", "z"),
        check("m", "includes", "z"),
        check("t", "is", "words"),
        check("a", "answered", True),
        check("a", "is", {"na": True}),
        check("a", "is"),
    ],
)
def test_a_test_must_fit_what_it_tests(one: dict[str, Any]) -> None:
    assert {pointer.rsplit("/", 1)[0] for pointer in conditioned([one])} == {"5/when/0"}


@pytest.mark.parametrize(
    "when",
    [
        [check("a", "is", True), check("a", "is", False)],
        [check("n", "at_least", 7), check("n", "at_most", 6)],
        [check("n", "at_least", 11)],
        [check("n", "in", [1, 2]), check("n", "is_not", 1), check("n", "is_not", 2)],
        [check("c", "is", "x"), check("c", "is_not", "x")],
        [check("c", "is_not", "x"), check("c", "is_not", "y")],
        [check("m", "includes", "x"), check("m", "excludes", "x")],
    ],
)
def test_an_item_that_is_never_seen_is_named(when: list[dict[str, Any]]) -> None:
    assert conditioned(when) == {"5/when"}


def test_a_condition_that_can_hold_is_fine() -> None:
    assert (
        conditioned(
            [check("a", "is", True), check("n", "at_least", 7), check("n", "at_most", 7)],
            [check("c", "is_not", "x"), check("m", "includes", "x"), check("m", "includes", "y")],
            [check("t", "answered"), check("n", "is_not", 3)],
        )
        == set()
    )


def test_what_stands_on_a_hidden_item_is_hidden_with_it() -> None:
    yes, no = check("a", "is", True), check("a", "is", False)
    assert conditioned([yes], [check("w0", "answered"), no]) == {"6/when"}


def test_a_section_stands_on_items_of_earlier_sections() -> None:
    two = draft(item("a", weight=0))
    when = [check("a", "is", True)]
    two["sections"].append(
        {
            "key": "t",
            "title": texts(),
            "when": when,
            "items": [item("b", weight=0, when=[check("a", "is", False)])],
        }
    )
    assert pointers(two) == {"/draft/sections/1/items/0/when"}
    ahead = {"key": "u", "title": texts(), "when": [check("v")], "items": [item("v")]}
    two["sections"].append(ahead)
    assert "/draft/sections/2/when/0/item" in pointers(two)


def felt(kind: str, **values: Any) -> list[str]:
    """Where a draft that asks so about one touchpoint, and for a fact of another, is warned of."""
    other = item("other", touchpoint="t2")
    programme = Programme(("it", "en"), {"p1"}, {"t1", "t2"})
    warned = draft(item("first"), item("how", kind, **values), other)
    return [warning["pointer"] for warning in drafts.warnings(warned, programme)]


@pytest.mark.parametrize(
    ("kind", "values", "warned"),
    [
        ("yes_no", {}, [0, 2]),
        ("yes_no", {"facet": "judgement"}, [2]),
        ("correspondence", {}, [2]),
        ("text", {"touchpoint": None, "facet": "judgement"}, [0, 2]),
    ],
)
def test_touchpoints_that_nobody_judges_are_warned_of(
    kind: str, values: dict[str, Any], warned: list[int]
) -> None:
    places = [f"/draft/sections/0/items/{index}/touchpoint" for index in warned]
    assert felt(kind, **values) == places


@pytest.mark.parametrize("hopeless", [None, {}, {"sections": [{"items": [{}] * 400}]}])
def test_what_cannot_be_read_is_warned_of_nothing(hopeless: Any) -> None:
    assert drafts.warnings(hopeless, PROGRAMME) == []
