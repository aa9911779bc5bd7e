"""docs/checklists.md, docs/item-types.md and the example of openapi.yaml, held to the code."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas import documents
from server.domain import answer_counts, answers, checklist, conditions, drafts
from server.domain.checklist import Item, ItemType
from server.domain.programme import Programme

PAGE = (Path(__file__).parents[2] / "docs" / "checklists.md").read_text()
DOCUMENT = json.loads(PAGE.split("```json\n")[1].split("```")[0])
ROWS = re.findall(r"^\| `(\w+)` \| `(.+)` \| (\d+ of \d+|unscored) \|$", PAGE, re.MULTILINE)


def test_the_document_of_the_page_can_be_published() -> None:
    assert drafts.problems(DOCUMENT, Programme(("it", "en"), {"PROMISE"}, {"TOUCHPOINT"})) == []


@pytest.mark.parametrize(("key", "value", "said"), ROWS)
def test_the_points_of_the_page(key: str, value: str, said: str) -> None:
    items = {item.key: item for item in checklist.parse(DOCUMENT).items()}
    assert answers.fits(items[key], json.loads(value))
    points = answers.points(items[key], json.loads(value))
    assert said == ("unscored" if points is None else f"{points[0]:g} of {points[1]:g}")


def test_the_score_of_the_page() -> None:
    items = {item.key: item for item in checklist.parse(DOCUMENT).items()}
    shares = []
    for key, value, _ in ROWS:
        points = answers.points(items[key], json.loads(value))
        if points and items[key].bonus is None:
            shares.append((items[key].weight, points[0] / points[1]))
    score = 100 * sum(w * share for w, share in shares) / sum(w for w, _ in shares)
    assert f"÷ 5 = {score:g}, and the bonus makes it {score + 3:g}" in PAGE


def test_the_page_names_every_type_and_field() -> None:
    for kind in ItemType:
        assert f"| `{kind}` |" in PAGE
    for field in msgspec.structs.fields(checklist.Item):
        assert f"`{field.name}`" in PAGE or field.name in ("type", "help", "prompt")


def test_the_api_page_s_example_can_be_published() -> None:
    item = documents.EXAMPLE["sections"][0]["items"][0]
    known = Programme(("it", "en"), {item["promises"][0]["promise"]}, {item["touchpoint"]})
    assert drafts.problems(documents.EXAMPLE, known) == []


@pytest.mark.parametrize(
    ("schema", "struct"),
    [
        (documents.ChecklistDocumentSchema, checklist.Document),
        (documents.SectionSchema, checklist.Section),
        (documents.ItemSchema, checklist.Item),
        (documents.ChoiceSchema, checklist.Choice),
        (documents.BandSchema, checklist.Band),
        (documents.CriticalSchema, checklist.Critical),
        (documents.PromiseLinkSchema, checklist.PromiseLink),
        (documents.TouchpointCopySchema, checklist.TouchpointCopy),
    ],
)
def test_the_api_page_says_what_is_read(schema: type, struct: type[msgspec.Struct]) -> None:
    said = {field.data_key or name: field for name, field in schema().fields.items()}
    read = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    assert said.keys() == read.keys()
    if schema is not documents.TouchpointCopySchema:  # publishing writes all of it
        assert {key for key, field in said.items() if field.required} == {
            key for key, field in read.items() if field.required
        }


ITEM_TYPES = (Path(__file__).parents[2] / "docs" / "item-types.md").read_text()
_SECTIONS = dict(re.findall(r"(?ms)^## ([a-z_]+)\n(.*?)(?=^## |\Z)", ITEM_TYPES))


@pytest.mark.parametrize("kind", ItemType)
def test_each_type_is_told_with_examples_that_run(kind: ItemType) -> None:
    section = _SECTIONS[kind]
    (example,) = re.findall(r"```json\n(.*?)\n```", section)
    item = msgspec.convert(json.loads(example), Item)
    assert item.type == kind
    rows = re.findall(r"(?m)^\| `(.*)` \| (.*) \|$", section)
    assert rows
    assert [_earned(item, json.loads(value)) for value, _ in rows] == [told for _, told in rows]
    tested = re.search(r"(?m)^(?:.*)Tested by ([a-z_, ]+?)(?: \(.*\))?\.", section)
    named = set(tested[1].split(", ")) if tested else set()
    assert named == {str(op) for op in conditions.ops(item)} - {"answered"}
    assert ("Counted" in section) == (answer_counts.is_counted(item) or kind in _UNLESS_SCORED)


_UNLESS_SCORED = {ItemType.YES_NO, ItemType.SCALE, ItemType.NPS}


def _earned(item: Item, value: Any) -> str:
    if not answers.fits(item, value):
        return "does not fit"
    points = answers.points(item, value)
    return "unscored" if points is None else f"{points[0]:g} of {points[1]:g}"
