"""Takes the rules of the merge out, one at a time, and shows which invariant of the state machine
notices: `make mutants`. Ends with 1 if one goes unnoticed. Arguments choose the mutants whose rule
holds one of these texts: `scripts/mutants.py frozen "3 "`.

Each mutant is a copy of the code with one text replaced; the stories run on it with SQLite, and if
these see nothing, the machine.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COPIED = ("server", "schemas", "jobs", "migrations", "tests", "pyproject.toml")
EXAMPLES = os.environ.get("PROMESSA_MACHINE_EXAMPLES", "400")
MERGING = "server/domain/merging.py"
PUSHES = "server/services/pushes"


class Mutant(NamedTuple):
    """A rule, and the text whose replacement takes it out."""

    rule: str
    path: str
    old: str
    new: str


MUTANTS = (
    Mutant(
        "1 an overtaken push is no edit",
        MERGING,
        "edit.number < last:",
        "edit.number < last and False:",
    ),
    Mutant("1 numbers are kept", MERGING, "    _count_push(document, edit)\n", ""),
    Mutant(
        "1 an overtaken push touches",
        MERGING,
        "    _touch(document, key, edit.seq)\n    return Outcome(touched=True)\n",
        "    return Outcome()\n",
    ),
    Mutant(
        "2 an equal value is not written",
        MERGING,
        "for name, value in values.items() if value != _value(cells.get(name))}",
        "for name, value in values.items()}",
    ),
    Mutant(
        "3 what was not touched is skipped",
        MERGING,
        "if value == _seen(history, edit)[_VALUE]:",
        "if False:",
    ),
    Mutant(
        "3 a row as the server once held it",
        MERGING,
        "if _was_so(cells, values, edit.updated_at):",
        "if False:",
    ),
    Mutant(
        "4 a repeated edit is skipped",
        MERGING,
        "if _repeated(document, key, name, value, edit, history):",
        "if False:",
    ),
    Mutant(
        "4 a repeated edit touches",
        MERGING,
        "if named[_Step.LATE] or named[_Step.TOUCH] or stale:",
        "if named[_Step.LATE] or stale:",
    ),
    Mutant("5 a locked report is not written", MERGING, "if locked is not None:", "if False:"),
    Mutant(
        "5 late edits are kept",
        MERGING,
        "        _keep_late(document, key, late, edit, locked)\n",
        "        pass\n",
    ),
    Mutant(
        "5 a late edit touches",
        MERGING,
        "if named[_Step.LATE] or named[_Step.TOUCH] or stale:",
        "if named[_Step.TOUCH] or stale:",
    ),
    Mutant("5 a late edit is noticed", f"{PUSHES}/work.py", "if outcome.late:", "if False:"),
    Mutant(
        "6 the loser stays in history",
        MERGING,
        "[*new, [*_before(cell), cell[:_BEFORE]]]",
        "new",
    ),
    Mutant(
        "6 a conflict is noticed",
        MERGING,
        "if _conflict(history, different[name], edit):",
        "if False:",
    ),
    Mutant(
        "6 without a number: pull first",
        MERGING,
        "if edit.number is None and edit.base < history[-1][_SEQ] < edit.seq:",
        "if False:",
    ),
    Mutant(
        "7 a submission waits for its answers",
        "server/domain/submissions.py",
        'len(document["answers"]) >= (merging.value_of(document, "answer_count") or 0)',
        "True",
    ),
    Mutant(
        "7 a submission waits for its photos",
        "server/domain/submissions.py",
        'photos >= (merging.value_of(document, "photo_count") or 0)',
        "True",
    ),
    Mutant(
        "7 a frozen report locks",
        "server/services/submissions.py",
        "report.revision = report.locked_revision = revision.number",
        "report.revision = revision.number",
    ),
    Mutant(
        "7 a return unlocks",
        "server/services/reviews.py",
        "        report.locked_revision = None\n",
        "",
    ),
    Mutant(
        "7 a frozen photo stays",
        f"{PUSHES}/photo_rows.py",
        "elif photo.frozen_revision is not None:",
        "elif False:",
    ),
    Mutant(
        "touch: a row is sent again",
        MERGING,
        'return max(changed, document.get("touched", {}).get(key, 0))',
        "return changed",
    ),
    Mutant(
        "feed: the counter rises",
        "server/services/feeds.py",
        "update={SyncFeed.seq: SyncFeed.seq + 1}",
        "update={SyncFeed.seq: SyncFeed.seq}",
    ),
    Mutant(
        "feed: a push is recorded",
        f"{PUSHES}/__init__.py",
        "{work.shopper_id: [*work.touched, *rows]}",
        "{work.shopper_id: rows}",
    ),
    Mutant(
        "feed: deletions are recorded",
        f"{PUSHES}/__init__.py",
        "    feeds.record(seqs, {work.shopper_id: work.gone}, deleted=True)\n",
        "",
    ),
    Mutant(
        "epoch: a push of another is refused",
        f"{PUSHES}/__init__.py",
        "work.cursor.stale(Cursor(end.epoch, end.seq - 1))",
        "False",
    ),
    Mutant(
        "epoch: a pull of another asks to resend",
        "server/services/pulls.py",
        "not cursor.stale(end)",
        "cursor.seq <= end.seq",
    ),
    Mutant(
        "a push is all or nothing",
        f"{PUSHES}/__init__.py",
        "    with atomic():\n",
        "    if True:\n",
    ),
    Mutant(
        "late work is marked",
        "server/services/submissions.py",
        "return suspended or beyond or assignment.status in _CLOSED",
        "return False",
    ),
    Mutant(
        "a score has all its photos",
        "server/services/scores.py",
        "return bool(Photo.select().where(Photo.id.in_(declared), here).count() == len(declared))",
        "return True",
    ),
)


def main(chosen: list[str]) -> int:
    """Run the mutants whose rule holds one of the texts `chosen`, or all; how many got through."""
    mutants = [one for one in MUTANTS if not chosen or any(text in one.rule for text in chosen)]
    width = max(len(mutant.rule) for mutant in mutants)
    through = 0
    for mutant in mutants:
        caught = caught_by(mutant)
        through += caught is None
        print(f"{mutant.rule:<{width}}  {caught or 'NOT CAUGHT'}", flush=True)
    print(f"{len(mutants) - through} of {len(mutants)} caught")
    return min(through, 1)


def caught_by(mutant: Mutant) -> str | None:
    """What the machine says of a mutant; None if nothing."""
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, Path(folder, name))
            else:
                shutil.copy(source, folder)
        changed = Path(folder, mutant.path)
        text = changed.read_text()
        if mutant.old not in text:
            raise SystemExit(f"{mutant.rule}: {mutant.path} has no {mutant.old!r}")
        changed.write_text(text.replace(mutant.old, mutant.new, 1))
        return said(folder)


def said(folder: str) -> str | None:
    """The first error of the stories or else of the machine in a copy of the code."""
    told = failure(folder, "tests/machine/test_stories.py", "-k", "sqlite")
    if told is not None:
        return f"story: {told}"
    return failure(folder, "tests/machine/test_machine.py", "-k", "lost and sqlite")


def failure(folder: str, *where: str) -> str | None:
    """The first error of some tests; None if they pass."""
    command = (sys.executable, "-m", "pytest", "-n", "0", "-q", "-x", "-p", "no:cacheprovider")
    run = subprocess.run(
        [*command, *where],
        cwd=folder,
        env=os.environ | {"PROMESSA_MACHINE_EXAMPLES": EXAMPLES},
        capture_output=True,
        text=True,
    )
    if run.returncode == 0:
        return None
    errors = re.findall(r"^E +((?:\w+\.)*\w+(?:: .*)?)$", run.stdout, re.MULTILINE)
    return next((one[:100] for one in errors), run.stdout[-200:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
