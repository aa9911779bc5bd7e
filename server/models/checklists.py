"""Checklists and their versions. A draft is edited; a published version never changes."""

from typing import Any

import peewee

from server.db import JsonField, UtcField
from server.models.base import Editable, Id


class Checklist(Editable):
    """`draft` is the document being edited; its shape is `server.domain.checklist`'s. `problems`
    and `warnings` are no columns: the service fills them where it answers the whole checklist."""

    problems: list[dict[str, str]]
    warnings: list[dict[str, str]]

    title = peewee.TextField()
    draft = JsonField()
    published_number = peewee.IntegerField(default=0)


class ChecklistVersion(Editable):
    """A published version, immutable. Phones know it as the checklist: `assignment.checklist_id`
    and `report.checklist_id` are ids of this table. From `closing_at` on it takes only reports
    that have begun; this alone may change, so read it from the table, not from what is kept.

    A later part of a visit (`server.domain.parts`) is a row of its own, beside that of the whole
    version which `whole_id` names: `part` is its number, and 0 in the whole's. `parts` is no
    column: the service fills it where it answers a whole version."""

    parts: list[dict[str, Any]]

    checklist_id = Id(index=True)
    number = peewee.IntegerField()
    title = peewee.TextField()
    locales = JsonField()
    document = JsonField()
    published_at = UtcField()
    whole_id = Id(null=True, index=True)
    part = peewee.IntegerField(default=0)
    closing_at = UtcField(null=True)

    class Meta:
        indexes = ((("checklist_id", "number", "part"), True),)
