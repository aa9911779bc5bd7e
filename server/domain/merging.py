"""A report's document: one cell for each field, who wrote it and when it arrived, and the values
that it had before. Nothing that a phone sent is ever discarded.

    {"fields":  {name: cell},                                  the report's own row
     "answers": {item_key: {"value": cell, "note": cell, "answered_at": cell}},
     "pushes":  {device: the highest X-Push-No seen},
     "touched": {item_key, or "" for the report's row: seq},   rows to send again, unchanged
     "late":    [{"key", "name", "value", "seq", "device", "updated_at", "revision"}],
     "frozen":  seq of the last freeze}

    cell = [value, seq, device, updated_at]      and, once changed, a fifth: the superseded ones,
                                                 oldest first, each of these four

An absent cell is null and never was anything else. `seq` is the feed's count at which the value
arrived: it orders; `updated_at`, the phone's clock, only tells edits apart. Values are merged in
the order of arrival. An edit carries its push's base cursor and number, and each cell its history,
which is what a three-way merge of two devices needs.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

Document = dict[str, Any]
Cell = list[Any]

REPORT = ""
"""The key of the report's own row among its answers' keys."""

_VALUE, _SEQ, _DEVICE, _UPDATED_AT, _BEFORE = range(5)


class Edit(NamedTuple):
    """Where pushed values come from. `base` is the seq of the cursor that the device had pulled,
    `number` its X-Push-No."""

    seq: int
    device: str
    updated_at: int | None = None
    base: int = 0
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row: `changed` are the columns written, `late` those kept as late edits;
    `touched` says that the row is to be sent to the phones again."""

    changed: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    touched: bool = False


def empty() -> Document:
    """The document of a report that has nothing yet."""
    return {"fields": {}, "answers": {}}


def merge(
    document: Document,
    key: str,
    values: dict[str, Any],
    edit: Edit,
    *,
    locked: int | None = None,
) -> Outcome:
    """Merge a pushed row into `document`, in place. With `locked`, the number of the revision that
    is frozen, what differs is kept as late edits of that revision."""
    cells = _cells(document, key)
    known = cells is not None
    if cells is None:
        cells = document["answers"][key] = {}
    different = {name: value for name, value in values.items() if value != _value(cells.get(name))}
    _count_push(document, edit)
    if locked is not None:
        return _keep_late(document, key, different, edit, locked)
    for name, value in different.items():
        cells[name] = _written(cells.get(name), value, edit)
    if different:
        return Outcome(changed=tuple(different), touched=True)
    if not known or edit.updated_at != updated_at(document, key):
        _touch(document, key, edit.seq)
        return Outcome(touched=True)
    return Outcome()


def values_of(document: Document, key: str = REPORT) -> dict[str, Any]:
    """The current values of a row; absent columns are null."""
    return {name: cell[_VALUE] for name, cell in (_cells(document, key) or {}).items()}


def value_of(document: Document, name: str) -> Any:
    """The current value of one of the report's fields."""
    return _value(document["fields"].get(name))


def seq_of(document: Document, key: str = REPORT) -> int:
    """The feed's count at which a row last changed or was touched."""
    changed = max((cell[_SEQ] for cell in (_cells(document, key) or {}).values()), default=0)
    return max(changed, document.get("touched", {}).get(key, 0))


def updated_at(document: Document, key: str = REPORT) -> int | None:
    """The phone's time of the edit that changed a row last."""
    cells = (_cells(document, key) or {}).values()
    last = max(cells, key=lambda cell: cell[_SEQ], default=None)
    return last[_UPDATED_AT] if last else None


def submitted_since_freeze(document: Document) -> bool:
    """Whether the shopper says that the report is done, and said so after the last freeze."""
    cell = document["fields"].get("submitted_at")
    return cell is not None and cell[_VALUE] is not None and cell[_SEQ] > document.get("frozen", 0)


def freeze(document: Document, seq: int) -> None:
    """Note the freeze, and send the report's row again: its revision is settled."""
    document["frozen"] = seq
    _touch(document, REPORT, seq)


def touch(document: Document, seq: int, key: str = REPORT) -> bool:
    """Have a row sent to the phones again; False if there is none."""
    if _cells(document, key) is None:
        return False
    _touch(document, key, seq)
    return True


def _cells(document: Document, key: str) -> dict[str, Cell] | None:
    cells: dict[str, Cell] | None
    cells = document["fields"] if key == REPORT else document["answers"].get(key)
    return cells


def _value(cell: Cell | None) -> Any:
    return None if cell is None else cell[_VALUE]


def _written(cell: Cell | None, value: Any, edit: Edit) -> Cell:
    new = [value, edit.seq, edit.device, edit.updated_at]
    if cell is None:
        return new
    return [*new, [*(cell[_BEFORE] if len(cell) > _BEFORE else []), cell[:_BEFORE]]]


def _keep_late(
    document: Document, key: str, different: dict[str, Any], edit: Edit, locked: int
) -> Outcome:
    kept = document.setdefault("late", [])
    known = {(one["key"], one["name"], one["device"], _comparable(one["value"])) for one in kept}
    for name, value in different.items():
        if (key, name, edit.device, _comparable(value)) not in known:
            kept.append(
                {
                    "key": key,
                    "name": name,
                    "value": value,
                    "seq": edit.seq,
                    "device": edit.device,
                    "updated_at": edit.updated_at,
                    "revision": locked,
                }
            )
    if different:
        _touch(document, key, edit.seq)
    return Outcome(late=tuple(different), touched=bool(different))


def _comparable(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value


def _touch(document: Document, key: str, seq: int) -> None:
    document.setdefault("touched", {})[key] = seq


def _count_push(document: Document, edit: Edit) -> None:
    if edit.number is not None:
        pushes = document.setdefault("pushes", {})
        pushes[edit.device] = max(edit.number, pushes.get(edit.device, 0))
