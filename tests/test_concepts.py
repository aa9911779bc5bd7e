"""docs/concepts.md names every concept once, and every address in it is there."""

import re
from pathlib import Path

import pytest
import yaml

from server.domain.checklist import ItemType
from server.services import templates

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "concepts.md").read_text()
LATER = "later: waves and what follows a visit"
CONCEPTS = 128
ROWS = re.findall(r"(?m)^\| (\d+) \| (.+) \| (.+) \|$", PAGE)
FOLDERS = ("server/", "schemas/", "jobs/", "bench/", "tests/", "docs/")


@pytest.fixture(scope="module")
def addresses() -> set[str]:
    """All that a name in backquotes may stand for, but files."""
    schemas = yaml.load((ROOT / "openapi.yaml").read_text(), yaml.CSafeLoader)["components"]
    fields = {
        f"{name}.{field}"
        for name, schema in schemas["schemas"].items()
        for field in schema.get("properties", {})
    }
    items = {
        f"{template.name}/{item['key']}"
        for template in templates.listed()
        for section in template.sections
        for item in section["items"]
    }
    return fields | items | {str(kind) for kind in ItemType}


def is_there(address: str, addresses: set[str]) -> bool:
    if address.startswith(FOLDERS):
        return (ROOT / address).is_file()
    return address in addresses


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    titles = re.findall(r"(?m)^#+ (.+)$", page.read_text())
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_concept_is_there_once() -> None:
    assert [int(number) for number, *_ in ROWS] == list(range(1, CONCEPTS + 1))


@pytest.mark.parametrize(("number", "where"), [(row[0], row[2]) for row in ROWS])
def test_its_addresses_are_there(number: str, where: str, addresses: set[str]) -> None:
    named = re.findall(r"`([^`]+)`", where)
    links = re.findall(r"\]\(([^)#]+)#?([^)]*)\)", where)
    assert named or links or LATER in where
    assert [name for name in named if not is_there(name, addresses)] == []
    for page, anchor in links:
        path = ROOT / "docs" / page
        assert path.is_file(), page
        assert not anchor or anchor in anchors(path), f"{page}#{anchor}"


def test_what_is_not_there_is_found() -> None:
    assert not is_there("server/nowhere.py", set())
    assert not is_there("Store.moon", {"Store.format"})
    assert "one-visit" in anchors(ROOT / "docs" / "scoring.md")
