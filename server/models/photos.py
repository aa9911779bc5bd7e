"""Photos: the rows that phones declare, the bytes that arrive for them, and stored blobs.

Row and bytes may come in either order. Blobs are content-addressed within a brand; two equal
photos are two rows and one blob.
"""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Id


class Photo(Table):
    """What the phone declares; `state` is the server's (`server.domain.states.PhotoState`).
    `sha256` is hex, `bytes` the size. `frozen_revision` is the last revision that names it: it can
    no longer be deleted then. `document` is `server.domain.merging`'s, of what phones wrote."""

    id = Id(primary_key=True)
    brand_id = Id(index=True)
    shopper_id = Id(index=True)
    report_id = Id(index=True)
    item_key = Id(null=True)
    sha256 = peewee.CharField(max_length=64, null=True)
    bytes = peewee.BigIntegerField(null=True)
    content_type = peewee.TextField(null=True)
    taken_at = UtcField(null=True)
    latitude = peewee.DoubleField(null=True)
    longitude = peewee.DoubleField(null=True)
    state = peewee.TextField()
    reason = peewee.TextField(null=True)
    frozen_revision = peewee.IntegerField(null=True)
    deleted_at = UtcField(null=True)
    document = JsonField(null=True)
    created_at = UtcField()
    updated_at = UtcField()


class PhotoContent(Table):
    """Verified bytes that arrived under a photo's id, perhaps before its row. `object_key` is where
    they lie: the brand's blob once the row is known, a waiting place of the shopper's before."""

    photo_id = Id(primary_key=True)
    shopper_id = Id(index=True)
    sha256 = peewee.CharField(max_length=64)
    bytes = peewee.BigIntegerField()
    content_type = peewee.TextField(null=True)
    object_key = peewee.CharField(max_length=500, index=True)
    waiting = peewee.BooleanField(default=True)
    created_at = UtcField()


class Blob(Table):
    """One object of the storage: `{brand_id}/{sha256[:2]}/{sha256}`, or with `waiting/{shopper_id}`
    in the brand's place while no row says which brand's the photo is.

    The row is committed before the object is put, so the storage holds nothing that is unknown
    here. `created_at` is when it was last put, or let go of; `collecting_since` is set while the
    collector deletes the object."""

    object_key = peewee.CharField(max_length=500, primary_key=True)
    sha256 = peewee.CharField(max_length=64)
    bytes = peewee.BigIntegerField()
    created_at = UtcField(index=True)
    collecting_since = UtcField(null=True)
