"""What is odd about a frozen revision, as a job found it, and what it compares texts by."""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Id


class Inspection(Table):
    """That a revision was looked at, and how many flags came of it. `seconds` lie between its first
    and its last answer, null where too few say when; `whole` says that all its photos had been
    developed."""

    revision_id = Id(primary_key=True)
    brand_id = Id(index=True)
    checklist_version_id = Id()
    seconds = peewee.DoubleField(null=True)
    flag_count = peewee.IntegerField()
    whole = peewee.BooleanField()
    inspected_at = UtcField()

    class Meta:
        indexes = ((("checklist_version_id", "inspected_at"), False),)


class ReportFlag(Table):
    """One flag of a revision, `server.domain.report_flags.Flag`. What names other reports or photos
    is in `evidence` alone, never in `message`."""

    revision_id = Id()
    position = peewee.IntegerField()
    brand_id = Id()
    code = peewee.CharField(max_length=40)
    message = peewee.TextField()
    item_keys = JsonField()
    evidence = JsonField()

    class Meta:
        primary_key = peewee.CompositeKey("revision_id", "position")
        indexes = ((("brand_id", "code"), False),)


class TextPrint(Table):
    """A fingerprint (`server.domain.copies.sketch`) of a text in a report's last revision."""

    brand_id = Id()
    print = peewee.BigIntegerField()
    report_id = Id(index=True)
    revision_id = Id()

    class Meta:
        primary_key = peewee.CompositeKey("brand_id", "print", "report_id")
