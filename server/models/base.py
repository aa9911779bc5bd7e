"""What the tables of things that people edit have in common."""

import peewee

from server.db import Table, UtcField


class Id(peewee.CharField):
    """An opaque public id, or a reference to one. References are plain columns on purpose: a
    foreign-key attribute would query lazily while serialising."""

    def __init__(self, **options: object) -> None:
        super().__init__(max_length=160, **options)


class Versioned(Table):
    """A thing that is edited over REST. `version` is its ETag and rises by one with every edit."""

    id = Id(primary_key=True)
    version = peewee.IntegerField(default=1)
    created_at = UtcField()
    updated_at = UtcField()


class Editable(Versioned):
    """A thing of a brand that is edited over REST. `archived_at` hides it from new work, never
    from old figures."""

    brand_id = Id(index=True)
    archived_at = UtcField(null=True)
