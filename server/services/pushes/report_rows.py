"""Pushed reports and answers: merged into their report's document, cell by cell."""

from functools import lru_cache

from server.db import by_id
from server.domain import answers, merging, wire
from server.domain.checklist import Item
from server.domain.mending import value_of
from server.domain.wire import Row
from server.models import ChecklistVersion, Report
from server.services import checklists
from server.services.pushes import naming
from server.services.pushes.work import Work

_OURS = ("revision", "checklist_id")
"""Columns of a report that the server fills in: a row that has others is sent again."""


def take(work: Work) -> None:
    """Merge all report and answer rows. Answers may come before their report: it is begun then."""
    _read_reports(work)
    _read_checklists(work)
    for row in work.changes["reports"].rows:
        if report := _report(work, "reports", row.id, row.id):
            _take_report(work, report, row)
    for row in work.changes["answers"].rows:
        report_id, key = wire.answer_parts(row.id) or ("", "")
        if report := _report(work, "answers", row.id, report_id):
            _take_answer(work, report, key, row)
    _keep_deleted(work)


def _read_reports(work: Work) -> None:
    wanted = [
        report_id
        for report_id in naming.report_ids(work)
        if (parts := wire.report_parts(report_id)) and parts[0] in work.assignments
    ]
    work.reports = by_id(Report, wanted)


def _read_checklists(work: Work) -> None:
    """In one query what `_checklist_of` and `_items` then find in the process's memory."""
    wanted = {one.checklist_version_id for one in work.assignments.values()}
    wanted |= {report.checklist_version_id for report in work.reports.values()}
    pushed = (row.values.get("checklist_id") for row in work.changes["reports"].rows)
    checklists.versions(wanted.union(one for one in pushed if one and wire.good_id(one)))


def _report(work: Work, table: str, row_id: str, report_id: str) -> Report | None:
    """The report of a pushed row, begun if need be; rejects the row if it is not this shopper's."""
    parts = wire.report_parts(report_id)
    assignment = work.assignments.get(parts[0]) if parts else None
    if parts is None or assignment is None:
        work.reject(table, row_id)
        return None
    if report_id not in work.reports:
        work.reports[report_id] = Report(
            id=report_id,
            brand_id=assignment.brand_id,
            assignment_id=assignment.id,
            store_id=assignment.store_id,
            shopper_id=work.shopper_id,
            attempt=parts[1],
            checklist_version_id=assignment.checklist_version_id,
            document=merging.empty(),
            created_at=work.now,
            updated_at=work.now,
        )
        merging.touch(work.reports[report_id].document, work.seq)
    return work.reports[report_id]


def _take_report(work: Work, report: Report, row: Row) -> None:
    work.complain("reports", row)
    told = {name: row.values[name] for name in _OURS if name in row.values}
    named = row.values.pop("revision", None)
    behind = named if named is not None and named <= report.revision else None
    _fix_checklist(work, report, row)
    _merge(work, report, merging.REPORT, row, behind)
    ours = (report.locked_revision or report.revision + 1, report.checklist_version_id)
    if not told.items() <= dict(zip(_OURS, ours, strict=True)).items():
        _send_again(work, report, merging.REPORT)


def _take_answer(work: Work, report: Report, key: str, row: Row) -> None:
    work.complain("answers", row)
    if "value" in _merge(work, report, key, row, None):
        _check(work, report, key, row)


def _merge(work: Work, report: Report, key: str, row: Row, behind: int | None) -> tuple[str, ...]:
    """Merge a row and note what follows; the columns that it wrote. `behind` is the frozen
    revision that the row says it belongs to."""
    locked = behind or report.locked_revision
    outcome = merging.merge(report.document, key, row.values, work.edit(row), locked=locked)
    table = "answers" if key else "reports"
    work.tell(table, row.id, outcome, f"Revision {locked} is frozen")
    if outcome.touched:
        work.touched.append(("reports", report.id))
    if outcome.touched or work.number is not None:
        work.changed[report.id] = report
    return outcome.changed


def _fix_checklist(work: Work, report: Report, row: Row) -> None:
    """The first report row says which checklist version it answers; later ones change nothing."""
    wanted = row.values.get("checklist_id")
    if wanted is None or wanted == report.checklist_version_id:
        return
    known = checklists.versions([wanted]) if wire.good_id(wanted) else {}
    if "checklist_id" in report.document["fields"] or report.revision:
        code, message = "checklist-fixed", "A report's checklist is fixed when it is begun."
    elif not _may_answer(report, known.get(wanted)):
        code, message = "unknown-checklist", "No such checklist; the assignment's is used."
    else:
        report.checklist_version_id = wanted
        return
    work.say("reports", row.id, code, message)


def _may_answer(report: Report, version: ChecklistVersion | None) -> bool:
    """Whether a report may be of another version than its assignment's. A later part is joined to
    its visit by the version, and no visit begins with a part."""
    own = checklists.version(report.checklist_version_id)
    return (
        version is not None
        and version.brand_id == report.brand_id
        and version.whole_id is None
        and own.whole_id is None
    )


def _check(work: Work, report: Report, key: str, row: Row) -> None:
    """Leave a notice where a written value is no answer to its item."""
    value, is_json = value_of(row.values["value"])
    item = _items(report.checklist_version_id).get(key)
    if item is None:
        work.say("answers", row.id, "unknown-item", "The checklist has no such item; kept.")
    elif not is_json:
        work.say("answers", row.id, "not-json", "The value is not JSON text; kept as a text.")
    elif value is not None and not answers.fits(item, value):
        work.say(
            "answers",
            row.id,
            "unfit-value",
            "The value does not fit its item: it is kept, and counts as unanswered.",
        )


@lru_cache(maxsize=64)
def _items(version_id: str) -> dict[str, Item]:
    return {item.key: item for item in checklists.phone_document(version_id).items()}


def _keep_deleted(work: Work) -> None:
    """Phones empty reports and answers, they never delete them: what one deleted is sent again."""
    pairs = [(report_id, merging.REPORT) for report_id in work.changes["reports"].deleted]
    pairs += filter(None, map(wire.answer_parts, work.changes["answers"].deleted))
    for report_id, key in pairs:
        report = work.reports.get(report_id)
        if report:
            _send_again(work, report, key)


def _send_again(work: Work, report: Report, key: str) -> None:
    if merging.touch(report.document, work.seq, key):
        work.touched.append(("reports", report.id))
        work.changed[report.id] = report
