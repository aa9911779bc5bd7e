"""Waves: campaigns of visits with one checklist version and one window."""

import peewee

from server.db import UtcField
from server.models.base import Editable, Id


class Wave(Editable):
    """`checklist_version_id` is the default of its assignments."""

    name = peewee.TextField()
    checklist_version_id = Id()
    opens_at = UtcField()
    closes_at = UtcField()
