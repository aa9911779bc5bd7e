"""Wire shapes of photos."""

import marshmallow as ma
from marshmallow import fields, validate

from schemas.base import Choice, Moment, Number, Paging, Shape, Text, matching, page_of
from server.domain.pictures import FlagCode
from server.domain.states import PhotoState

STATES = (*PhotoState, "waiting")


def _state() -> Choice:
    said = "`waiting`: the bytes are here and verified, the photo's row has not been pushed yet."
    return Choice(STATES, required=True, metadata={"description": said})


_HEX = {"description": "Hexadecimal."}


class PhotoContentSchema(ma.Schema):
    """The verified bytes of a photo."""

    id = fields.String(required=True)
    state = _state()
    sha256 = fields.String(required=True, metadata=_HEX)
    bytes = fields.Integer(required=True)


class PhotoFlagSchema(ma.Schema):
    """Something that a reviewer should look at twice; it refuses nothing."""

    code = Choice(FlagCode, required=True)
    message = fields.String(required=True, metadata={"example": "Taken 3.2 km from the store."})
    photo_ids = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Of a duplicate: the earlier photos.", "example": []},
    )


class PhotoSchema(ma.Schema):
    """A photo, as its shopper and the brand's reviewers and managers see it. Without a row yet
    (`waiting`) it has no report."""

    id = fields.String(required=True)
    state = _state()
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was rejected."}
    )
    report_id = fields.String(required=True, allow_none=True)
    item_key = fields.String(required=True, allow_none=True)
    sha256 = fields.String(required=True, allow_none=True, metadata=_HEX)
    bytes = fields.Integer(required=True, allow_none=True)
    content_type = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What its first bytes say, null until they are here."},
    )
    taken_at = Moment(required=True, allow_none=True)
    flags = fields.List(
        fields.Nested(PhotoFlagSchema),
        required=True,
        allow_none=True,
        metadata={
            "description": "For reviewers and programme managers; null for its shopper, and until "
            "its picture has been developed."
        },
    )


KINDS = ("face", "plate", "other")


def _fraction(*, above: bool = False, of: str) -> Number:
    said = f"A fraction of the upright picture's {of}."
    return Number(
        least=0, most=1, above=above, required=True, metadata={"description": said, "example": 0.25}
    )


class PhotoMarkSchema(Shape):
    """A part of the picture that stores must not see."""

    x = _fraction(of="width, from the left")
    y = _fraction(of="height, from the top")
    width = _fraction(above=True, of="width")
    height = _fraction(above=True, of="height")
    kind = Choice(KINDS, load_default="other")


class PhotoMarksNewSchema(Shape):
    """All marks of a picture; those that are not named are gone."""

    marks = fields.List(
        fields.Nested(PhotoMarkSchema), required=True, validate=validate.Length(max=100)
    )


class PhotoMarksSchema(ma.Schema):
    """The marks of a picture."""

    version = fields.Integer(required=True, metadata={"description": "Also the ETag."})
    marks = fields.List(fields.Nested(PhotoMarkSchema), required=True)
    marked_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "When a person last marked it; null: nobody has."},
    )


class SharedPhotoListing(Paging):
    """Query of the list of a store's photos."""

    month = Text(
        most=7,
        load_default=None,
        also=(matching(r"[0-9]{4}-(0[1-9]|1[0-2])"),),
        metadata={"description": "YYYY-MM."},
    )


class SharedPhotoSchema(ma.Schema):
    """A photo as its store sees it."""

    id = fields.String(
        required=True, metadata={"description": "Not the phone's: it tells nothing."}
    )
    item_key = fields.String(required=True, allow_none=True)
    prompt = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "What the item asks, by locale.", "example": {"en": "The shelf."}},
    )
    month = fields.String(
        required=True, metadata={"description": "Of the visit, YYYY-MM.", "example": "2026-09"}
    )
    week = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "ISO week; null where the brand shows months.", "example": None},
    )
    revision = fields.Integer(required=True, metadata={"description": "The approved one."})


SharedPhotoPageSchema = page_of(SharedPhotoSchema, "SharedPhoto")
