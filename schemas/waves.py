"""Wire shapes of waves."""

from marshmallow import fields

from schemas.base import Answer, Change, Moment, Shape, Text, page_of


class WaveSchema(Answer):
    """A wave as it is answered."""

    name = fields.String(required=True)
    checklist_version_id = fields.String(required=True)
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    archived_at = Moment(required=True, allow_none=True)


class WaveNewSchema(Shape):
    """A wave to be planned."""

    name = Text(most=200, required=True)
    checklist_version_id = Text(most=160, required=True)
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)


class WaveChangeSchema(Change):
    """Fields of a wave to change. Assignments that exist keep their checklist and window."""

    name = Text(most=200)
    checklist_version_id = Text(most=160)
    opens_at = Moment()
    closes_at = Moment()


WavePageSchema = page_of(WaveSchema, "Wave")
