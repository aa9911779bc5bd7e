"""Pictures: what was made of a photo's bytes. A photo has one once its bytes were developed."""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Id, Versioned


class Picture(Versioned):
    """`id` is the photo's. `facts` is `server.domain.pictures.Facts`, `twins` a list of
    [photo_id, bits or null] of earlier photos that look the same, as they were found once.
    `marks` is what stores must not see, edited by reviewers (`version` is its ETag); `marked_at`
    is when one last did; `claims_gone` says that what its metadata claimed was kept as long as it
    may be. `shared_id` is what stores call it: made by chance, it tells nothing."""

    brand_id = Id()
    sha256 = peewee.CharField(max_length=64)
    shared_id = peewee.CharField(max_length=32, unique=True)
    facts = JsonField()
    twins = JsonField()
    marks = JsonField()
    marked_at = UtcField(null=True)
    claims_gone = peewee.BooleanField(default=False)

    class Meta:
        indexes = ((("brand_id", "sha256"), False),)


class PictureBand(Table):
    """A quarter of a picture's hash (`server.domain.pictures.bands`), to look for those alike."""

    brand_id = Id()
    band = peewee.IntegerField()
    photo_id = Id()

    class Meta:
        primary_key = peewee.CompositeKey("brand_id", "band", "photo_id")


class Rendering(Table):
    """One version of a picture as a JPEG without metadata: thumbnail, web, or shared, which is
    what stores see. `object_key` is where its bytes lie."""

    photo_id = Id()
    version = peewee.CharField(max_length=16)
    object_key = peewee.CharField(max_length=500, index=True)
    bytes = peewee.BigIntegerField()
    created_at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("photo_id", "version")
