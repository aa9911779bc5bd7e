"""The merge of what phones push: per field, in the order of arrival, nothing discarded.

A document holds one cell for each field: who wrote it and when it arrived, and the values that it
had before. A report's document holds its answers, too; a photo's, a response's and a proposal's
have `fields` alone.

    {"fields":    {name: cell},                                the report's own row
     "answers":   {item_key: {"value": cell, "note": cell, "answered_at": cell}},
     "pushes":    {device: the highest X-Push-No seen},
     "touched":   {item_key, or "" for the report's row: seq}, rows to send again, unchanged
     "late":      [{"key", "name", "value", "seq", "device", "updated_at", "revision"}],
     "conflicts": the same without "revision": values of one device that another's replaced,
     "trimmed":   {"at": milliseconds, "values": how many superseded values were let go},
     "frozen":    seq of the last freeze}

    cell = [value, seq, device, updated_at]      and, once changed, a fifth: the superseded ones,
                                                 oldest first, each of these four; null instead of
                                                 the first says that older ones were trimmed

An absent cell is null and never was anything else. `seq` is the feed's count at which the value
arrived: it orders; `updated_at`, the phone's clock, only tells edits apart. The steps of the merge
are numbered here as in docs/sync.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, NamedTuple

from server.errors import PullFirst

Document = dict[str, Any]
Cell = list[Any]
Values = dict[str, Any]

REPORT = ""
"""The key of the report's own row among its answers' keys."""

_VALUE, _SEQ, _DEVICE, _UPDATED_AT, _BEFORE = range(5)
_NEVER: Cell = [None, 0, "", None]
_LOST: Cell = [object(), 0, "", None]
"""What stands before a trimmed history: it equals nothing."""


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
    """What came of a row: `changed` are the columns written, `late` those kept as late edits,
    `conflicts` those of `changed` that replaced what another device wrote, with that value;
    `touched` says that the row is to be sent to the phones again."""

    changed: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    conflicts: tuple[tuple[str, Any], ...] = ()
    touched: bool = False


class _Step(Enum):
    SKIP = auto()
    TOUCH = auto()
    LATE = auto()
    WRITE = auto()


def empty() -> Document:
    """The document of a report that has nothing yet."""
    return {"fields": {}, "answers": {}}


def of_values(values: Values) -> Document:
    """The document of a row whose history is not known: as if it had always been so."""
    cells = {name: [value, *_NEVER[_SEQ:]] for name, value in values.items() if value is not None}
    return {"fields": cells}


def merge(
    document: Document, key: str, values: Values, edit: Edit, *, locked: int | None = None
) -> Outcome:
    """Merge a pushed row into `document`, in place. With `locked`, the number of the revision that
    is frozen, what differs is kept as late edits of that revision. PullFirst; then nothing has
    changed."""
    last = document.get("pushes", {}).get(edit.device)
    if edit.number is not None and last is not None and edit.number < last:
        return _overtaken(document, key, values, edit, last)
    cells = _cells(document, key) or {}
    if not cells and locked is None and not document.get("late"):
        outcome = _begun(document, key, values, edit)
    else:
        outcome = _compared(document, key, values, edit, locked)
    _count_push(document, edit)
    return outcome


def _compared(
    document: Document, key: str, values: Values, edit: Edit, locked: int | None
) -> Outcome:
    """Steps 2 to 7, of a row of which something is known."""
    cells = _cells(document, key) or {}
    different = {name: value for name, value in values.items() if value != _value(cells.get(name))}
    steps: dict[str, _Step] = {}
    if different:
        if _was_so(cells, values, edit.updated_at):
            steps = dict.fromkeys(different, _Step.TOUCH)
        else:
            steps = {
                name: _step(document, key, name, value, edit, locked)
                for name, value in different.items()
            }
    return _carried_out(document, key, different, steps, edit, locked)


def _begun(document: Document, key: str, values: Values, edit: Edit) -> Outcome:
    """A row of which nothing is known yet, as most are: all steps but the writing say nothing of
    it, so they are left out, which halves the time of a push."""
    new = _cells(document, key) is None
    cells = document["fields"] if key == REPORT else document["answers"].setdefault(key, {})
    written = tuple(name for name, value in values.items() if value is not None)
    for name in written:
        cells[name] = [values[name], edit.seq, edit.device, edit.updated_at]
    touched = not written and (new or edit.updated_at is not None)
    if touched:
        _touch(document, key, edit.seq)
    return Outcome(written, touched=bool(written) or touched)


def values_of(document: Document, key: str = REPORT) -> Values:
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


def written_at(document: Document, key: str, name: str) -> int | None:
    """The phone's time of the edit that wrote one column of a row."""
    cell = (_cells(document, key) or {}).get(name)
    return cell[_UPDATED_AT] if cell else None


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


def trim(document: Document, at: int) -> int:
    """Let go of superseded values, and say so in the document; how many. Current values, late
    edits and conflicts stay."""
    trimmed = 0
    for cells in (document["fields"], *document.get("answers", {}).values()):
        for cell in cells.values():
            before = [one for one in _before(cell) if one is not None]
            if before:
                trimmed += len(before)
                cell[_BEFORE] = [None]
    if trimmed:
        so_far = document.get("trimmed", {}).get("values", 0)
        document["trimmed"] = {"at": at, "values": so_far + trimmed}
    return trimmed


def _overtaken(document: Document, key: str, values: Values, edit: Edit, last: int) -> Outcome:
    """Step 1: a later push of this device has been taken in. What is known is a late duplicate,
    and skipped; what is not comes from a phone that was put back from its own backup."""
    if not all(_known(document, key, name, value) for name, value in values.items()):
        raise PullFirst(
            f"A later push of this device, number {last}, was taken in already: pull, then push "
            "again with a higher number.",
            push_no=last,
        )
    current = values_of(document, key)
    if all(value == current.get(name) for name, value in values.items()):
        return Outcome()
    _touch(document, key, edit.seq)
    return Outcome(touched=True)


def _step(
    document: Document, key: str, name: str, value: Any, edit: Edit, locked: int | None
) -> _Step:
    """Steps 3 to 6 for a value that differs from the current one (which is step 2)."""
    history = _history((_cells(document, key) or {}).get(name))
    if value == _seen(history, edit)[_VALUE]:
        return _Step.SKIP
    if _repeated(document, key, name, value, edit, history):
        return _Step.TOUCH
    if locked is not None:
        return _Step.LATE
    if edit.number is None and edit.base < history[-1][_SEQ] < edit.seq:
        raise PullFirst(f"{name} changed after this cursor: pull, then push again.")
    return _Step.WRITE


def _carried_out(
    document: Document,
    key: str,
    different: Values,
    steps: dict[str, _Step],
    edit: Edit,
    locked: int | None,
) -> Outcome:
    cells = _cells(document, key)
    begun = cells is None
    if cells is None:
        cells = document["answers"][key] = {}
    named = {
        step: tuple(name for name in different if steps[name] is step)
        for step in (_Step.TOUCH, _Step.LATE, _Step.WRITE)
    }
    conflicts = []
    for name in named[_Step.WRITE]:
        history = _history(cells.get(name))
        if _conflict(history, different[name], edit):
            conflicts.append((name, history[-1][_VALUE]))
            _note(document, "conflicts", key, name, history[-1])
        cells[name] = _written(cells.get(name), different[name], edit)
    if named[_Step.LATE]:
        late = {name: different[name] for name in named[_Step.LATE]}
        _keep_late(document, key, late, edit, locked)
    stale = not different and (begun or edit.updated_at != updated_at(document, key))
    if named[_Step.LATE] or named[_Step.TOUCH] or stale:
        _touch(document, key, edit.seq)
        stale = True
    written = named[_Step.WRITE]
    return Outcome(written, named[_Step.LATE], tuple(conflicts), bool(written) or stale)


def _cells(document: Document, key: str) -> dict[str, Cell] | None:
    cells: dict[str, Cell] | None
    cells = document["fields"] if key == REPORT else document["answers"].get(key)
    return cells


def _value(cell: Cell | None) -> Any:
    return None if cell is None else cell[_VALUE]


def _before(cell: Cell) -> list[Any]:
    return cell[_BEFORE] if len(cell) > _BEFORE else []


def _history(cell: Cell | None) -> list[Cell]:
    """All that a cell ever was, the null or the unknown before its first value included."""
    if cell is None:
        return [_NEVER]
    before = _before(cell)
    if before and before[0] is None:
        return [_LOST, *before[1:], cell[:_BEFORE]]
    return [_NEVER, *before, cell[:_BEFORE]]


def _seen(history: list[Cell], edit: Edit) -> Cell:
    """What the cell was when the device last knew of it: as of its cursor, or as it wrote it."""
    return next(
        one for one in reversed(history) if one[_SEQ] <= edit.base or one[_DEVICE] == edit.device
    )


def _was_so(cells: dict[str, Cell], values: Values, at: int | None) -> bool:
    """Step 3 for a whole row: it equals, with its time, what the server held at some count. So the
    device changed nothing of it, whatever its cursor says: after a restore it sends all it has."""
    if at is None:
        return False
    histories = {name: _history(cells.get(name)) for name in values}
    times = {one[_SEQ] for each in map(_history, cells.values()) for one in each if at == one[3]}
    return any(
        all(value == _as_of(histories[name], seq) for name, value in values.items())
        for seq in times
    )


def _as_of(history: list[Cell], seq: int) -> Any:
    return next((one[_VALUE] for one in reversed(history) if one[_SEQ] <= seq), _LOST[_VALUE])


def _repeated(
    document: Document, key: str, name: str, value: Any, edit: Edit, history: list[Cell]
) -> bool:
    """Step 4: this device sent this edit before, and it was written or kept as a late one. Where
    rows bear no time of their edit, the push's number tells."""
    if edit.updated_at is None:
        last = document.get("pushes", {}).get(edit.device)
        if edit.number is None or edit.number != last:
            return False
    known = [*history, *_late(document, key, name)]
    return any(
        one[_DEVICE] == edit.device and one[_UPDATED_AT] == edit.updated_at and one[0] == value
        for one in known
    )


def _known(document: Document, key: str, name: str, value: Any) -> bool:
    history = _history((_cells(document, key) or {}).get(name))
    return any(one[_VALUE] == value for one in (*history, *_late(document, key, name)))


def _late(document: Document, key: str, name: str) -> Iterator[Cell]:
    for one in document.get("late", ()):
        if one["key"] == key and one["name"] == name:
            yield [one["value"], one["seq"], one["device"], one["updated_at"]]


def _conflict(history: list[Cell], value: Any, edit: Edit) -> bool:
    """Whether another device changed the cell after this one last knew of it; or changed it from
    just this value, which then may be an old edit that only now came through."""
    same = [index for index, one in enumerate(history) if one[_VALUE] == value]
    seen = next(index for index, one in enumerate(history) if one is _seen(history, edit))
    since = min(seen, same[-1]) if same else seen
    return any(one[_DEVICE] != edit.device for one in history[since + 1 :])


def _written(cell: Cell | None, value: Any, edit: Edit) -> Cell:
    new = [value, edit.seq, edit.device, edit.updated_at]
    return new if cell is None else [*new, [*_before(cell), cell[:_BEFORE]]]


def _keep_late(
    document: Document, key: str, late: Values, edit: Edit, revision: int | None
) -> None:
    kept = document.setdefault("late", [])
    known = {(one["key"], one["name"], one["device"], _comparable(one["value"])) for one in kept}
    for name, value in late.items():
        if (key, name, edit.device, _comparable(value)) not in known:
            cell = [value, edit.seq, edit.device, edit.updated_at]
            _note(document, "late", key, name, cell, revision=revision)


def _note(
    document: Document, where: str, key: str, name: str, cell: Cell, **more: int | None
) -> None:
    value, seq, device, at = cell
    told = {"key": key, "name": name, "value": value, "seq": seq, "device": device}
    document.setdefault(where, []).append(told | {"updated_at": at} | more)


def _comparable(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value


def _touch(document: Document, key: str, seq: int) -> None:
    document.setdefault("touched", {})[key] = seq


def _count_push(document: Document, edit: Edit) -> None:
    if edit.number is not None:
        pushes = document.setdefault("pushes", {})
        pushes[edit.device] = max(edit.number, pushes.get(edit.device, 0))
