"""Visit reports: one JSON document per report, frozen as numbered revisions on submission.

One document a report and not a row an answer: measured 924 against 353 reports a second
(docs/sync.md). Each cell of the document carries who wrote it and when it arrived, and keeps the
values that it superseded, so the merge and its history need no table of their own.
"""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Id


class Report(Table):
    """`id` is `{assignment_id}.{attempt}`. `document` is `server.domain.merging`'s: cells by field
    and by answer. `locked_revision` is the frozen revision's number while the report is locked,
    else null; `revision` is the number of the last frozen one, 0 before the first.
    `late` marks work that arrived after its window, for a person to decide on. `trimmed_at` is when
    superseded values were let go, null once the report has changed since; `words_gone_at` and
    `moments_gone_at` when its words, and its moments and places, were (`services.retention`), null
    too once anything new was said of it: an answer, a message, a review or a rating."""

    id = Id(primary_key=True)
    brand_id = Id(index=True)
    assignment_id = Id(index=True)
    store_id = Id(index=True)
    shopper_id = Id(index=True)
    attempt = peewee.IntegerField()
    checklist_version_id = Id()
    document = JsonField()
    revision = peewee.IntegerField(default=0)
    locked_revision = peewee.IntegerField(null=True)
    submitted_at = UtcField(null=True)
    late = peewee.BooleanField(default=False)
    trimmed_at = UtcField(null=True)
    words_gone_at = UtcField(null=True)
    moments_gone_at = UtcField(null=True)
    created_at = UtcField()
    updated_at = UtcField()


class Revision(Table):
    """An immutable snapshot of a submitted report; `id` is `{report_id}.r{number}`.

    `document` is {"fields": {name: value}, "answers": {item_key: {"value", "note",
    "answered_at"}}, "photos": {item_key: [photo_id…]}}. `missing` lists the keys of required items
    without a valid answer. `status` is of `server.domain.states.RevisionStatus`."""

    id = Id(primary_key=True)
    report_id = Id(index=True)
    brand_id = Id(index=True)
    number = peewee.IntegerField()
    status = peewee.TextField()
    document = JsonField()
    missing = JsonField()
    late = peewee.BooleanField(default=False)
    frozen_at = UtcField()
    decided_at = UtcField(null=True)

    class Meta:
        indexes = ((("report_id", "number"), True), (("brand_id", "status"), False))


class Review(Table):
    """A reviewer's word on one revision: outcome approved, returned or rejected. `reviewer_id` is
    null when the brand approves automatically. `items` is [{"item_key", "message"}]; `missing`
    are the photos without which it was approved. `overdue_at` is when a return's `due_at` was found
    to have passed without the next revision."""

    id = Id(primary_key=True)
    report_id = Id(index=True)
    revision = peewee.IntegerField()
    shopper_id = Id(index=True)
    reviewer_id = Id(null=True)
    outcome = peewee.TextField()
    message = peewee.TextField(null=True)
    items = JsonField()
    missing = JsonField(null=True)
    due_at = UtcField(null=True, index=True)
    overdue_at = UtcField(null=True)
    created_at = UtcField()
