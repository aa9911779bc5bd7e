"""Checklists and their versions. A draft is edited; a published version never changes."""

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
    and `report.checklist_id` are ids of this table."""

    checklist_id = Id(index=True)
    number = peewee.IntegerField()
    title = peewee.TextField()
    locales = JsonField()
    document = JsonField()
    published_at = UtcField()

    class Meta:
        indexes = ((("checklist_id", "number"), True),)
