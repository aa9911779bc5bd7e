"""server.domain.checklist_changes"""

from server.domain.checklist import Document, Item, ItemType, Section
from server.domain.checklist_changes import Change, changes

T = {"en": "?"}


def item(key: str, weight: float = 1) -> Item:
    return Item(key=key, type=ItemType.YES_NO, prompt=T, weight=weight)


def section(key: str, *items: Item, weight: float | None = None) -> Section:
    return Section(key, T, items, weight)


def test_nothing_changed() -> None:
    one = Document(T, (section("a", item("x")),))
    assert changes(one, one) == []


def test_everything_that_can_change() -> None:
    old = Document(T, (section("a", item("x"), item("y")), section("b", item("z"))))
    new = Document(
        T,
        (section("b", item("z", 2), item("y")), section("a", item("x"), weight=3), section("c")),
        bonus_cap=9,
    )
    assert changes(old, new) == [
        Change("changed", "document", None, ("bonus_cap",)),
        Change("changed", "section", "a", ("weight",)),
        Change("added", "section", "c"),
        Change("moved", "section", None),
        Change("changed", "item", "z", ("weight",)),
        Change("moved", "item", "y"),
    ]
