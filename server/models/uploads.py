"""Resumable uploads on their way: what was announced, and the ranges of bytes that came."""

import peewee

from server.db import Table, UtcField
from server.models.base import Id


class Upload(Table):
    """One photo's upload by one shopper; how far it is follows from its ranges. `writer` names who
    is writing to it, until `writer_until` at most. `metadata` is the client's header. Finished is
    one whose bytes were verified and became the photo's content."""

    id = Id(primary_key=True)
    photo_id = Id()
    shopper_id = Id()
    sha256 = peewee.CharField(max_length=64)
    length = peewee.BigIntegerField()
    metadata = peewee.TextField()
    writer = peewee.CharField(max_length=40, null=True)
    writer_until = UtcField(null=True)
    created_at = UtcField()
    expires_at = UtcField(index=True)
    finished_at = UtcField(null=True)

    class Meta:
        # A photo's id is the phone's word only: no shopper can take it from another.
        indexes = ((("shopper_id", "photo_id"), True),)


class UploadRange(Table):
    """Consecutive bytes of an upload, an object of their own. The row is written first
    (`arriving`), then the object, then the row counts (`kept`); `dropped` is one whose object is to
    be deleted, and then the row."""

    id = Id(primary_key=True)
    upload_id = Id(index=True)
    start = peewee.BigIntegerField()
    bytes = peewee.BigIntegerField()
    object_key = peewee.CharField(max_length=500)
    state = peewee.CharField(max_length=10, index=True)
    created_at = UtcField()
