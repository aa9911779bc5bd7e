"""Texts of a report that are nearly those of another (`server.domain.copies`)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from server.db import database, insert, is_postgres
from server.domain import copies, report_flags
from server.domain.copies import Shingles
from server.domain.report_flags import Copied, Flag, FlagCode
from server.models import Report, ReportFlag, Revision, TextPrint
from server.services import editions, events
from server.services.report_flags import UNFLAGGED

_CANDIDATES = 200
_LEAST_EACH = 5
_READ = 5
_TEXTS = 50


class Text(NamedTuple):
    """One text of a report that is long enough to be compared."""

    item_key: str | None
    shingles: Shingles


def find(revision: Revision, report: Report) -> list[Flag]:
    """One flag where a text is nearly that of earlier reports, of the most alike. Only the last
    revision can be found by others, and a later report that took from this one is looked at
    again."""
    mine = _texts(revision.document, report.checklist_version_id)
    if revision.number == report.revision:
        _keep_prints(revision, mine)
    found: list[Copied] = []
    for other, shopper_id, version_id in _candidates(revision, mine):
        theirs = [text.shingles for text in _texts(other.document, version_id)]
        shares = [(copies.best(text.shingles, theirs), text.item_key) for text in mine]
        share, item_key = max(shares, key=lambda pair: pair[0])
        if share < copies.ALIKE:
            continue
        if _earlier(other, revision):
            whose = "shopper" if shopper_id == report.shopper_id else "other"
            found.append(Copied(item_key, share, other.report_id, whose))
        elif not _told(other.id, revision.report_id):
            events.emit(UNFLAGGED, other.id, other.brand_id)
    return [report_flags.copied(found)] if found else []


def forget(report_ids: Iterable[str]) -> None:
    """Within a transaction, forget what these reports' texts are found by."""
    TextPrint.delete().where(TextPrint.report_id.in_(set(report_ids))).execute()


def _earlier(one: Revision, other: Revision) -> bool:
    return bool((one.frozen_at, one.id) < (other.frozen_at, other.id))


def _told(revision_id: str, report_id: str) -> bool:
    """Whether the revision's flags name that report already."""
    copied = ReportFlag.code == str(FlagCode.COPIED_TEXT)
    rows = ReportFlag.select().where(ReportFlag.revision_id == revision_id, copied)
    return any(report_id in flag.evidence["report_ids"] for flag in rows)


def _texts(document: dict[str, Any], version_id: str) -> list[Text]:
    """The longest texts of a report."""
    told = [Text(key, copies.shingles(text))
            for (key, _), text in editions.texts(document, version_id)]  # fmt: skip
    long = [text for text in told if text.shingles]
    return sorted(long, key=lambda text: -len(text.shingles))[:_TEXTS]


def _keep_prints(revision: Revision, texts: list[Text]) -> None:
    TextPrint.delete().where(TextPrint.report_id == revision.report_id).execute()
    prints = sorted({each for text in texts for each in copies.sketch(text.shingles)})
    rows = [
        {
            "brand_id": revision.brand_id,
            "print": each,
            "report_id": revision.report_id,
            "revision_id": revision.id,
        }
        for each in prints
    ]
    insert(TextPrint, rows)


def _candidates(revision: Revision, texts: list[Text]) -> list[tuple[Revision, str, str]]:
    """The few other reports of the brand that share most prints, with their shopper and version.
    No more than so many rows are looked at, however common a text is."""
    wanted = sorted({each for text in texts for each in copies.sketch(text.shingles)})
    if not wanted:
        return []
    shared = Counter(_sharing(revision, wanted))
    best = sorted(shared, key=lambda each: (-shared[each], each))[:_READ]
    query: Any = (
        Revision.select(Revision, Report.shopper_id, Report.checklist_version_id)
        .join(Report, on=Report.id == Revision.report_id)
        .where(Revision.id.in_(best))
        .order_by(Revision.frozen_at, Revision.id)
    )
    return [(each, each.shopper_id, each.checklist_version_id) for each in query.objects()]


def _sharing(revision: Revision, prints: list[int]) -> Iterator[str]:
    """The revisions that have each of these prints, the earliest reports' alone: so neither does
    a common text cost more the more reports there are, nor does a common phrase hide a rare one."""
    each = max(_CANDIDATES // len(prints), _LEAST_EACH)
    values = [
        value for one in prints for value in (revision.brand_id, one, revision.report_id, each)
    ]
    for (revision_id,) in database.execute_sql(_statement(len(prints), is_postgres()), values):
        yield revision_id


@lru_cache(maxsize=64)
def _statement(prints: int, postgres: bool) -> str:
    """By hand: peewee nests a union as deep as it has parts."""
    mark = "%s" if postgres else "?"
    having = f'"brand_id" = {mark} AND "print" = {mark} AND "report_id" <> {mark}'
    rows = f'"revision_id" FROM "text_print" WHERE {having} ORDER BY "report_id" LIMIT {mark}'
    one = f'SELECT * FROM (SELECT {rows}) AS "one"'  # noqa: S608 (no value in it)
    return " UNION ALL ".join([one] * prints)
