"""Wire shapes of members."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from schemas.base import Answer, Change, Choice, Flag, Moment, Shape, Text, matching, page_of
from schemas.brands import LOCALE
from server.domain import emails
from server.domain.actor import PERSONS


class Email(Text):
    """An e-mail address, given back as accounts keep it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(most=254, also=[_email], **options)


def _email(text: str) -> None:
    try:
        emails.normalised(text)
    except ValueError as error:
        raise ma.ValidationError(str(error)) from error


class MemberSchema(Answer):
    """One role of one person in the brand."""

    account_id = fields.String(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    region_id = fields.String(required=True, allow_none=True)
    store_id = fields.String(required=True, allow_none=True)
    suspended = fields.Boolean(required=True)
    archived_at = Moment(required=True, allow_none=True)


class MemberNewSchema(Shape):
    """A person to let in. Name, password and locale are those of a new account; leave them out
    for a further role of who is in the brand already."""

    email = Email(required=True)
    name = Text(most=200, load_default=None)
    password = Text(least=10, most=1000, load_default=None, metadata={"format": "password"})
    locale = Text(most=35, also=[matching(LOCALE)], load_default="en")
    role = Choice(PERSONS, required=True)
    region_id = Text(
        most=160, load_default=None, allow_none=True, metadata={"description": "regional_manager's"}
    )
    store_id = Text(
        most=160, load_default=None, allow_none=True, metadata={"description": "store_manager's"}
    )


class MemberChangeSchema(Change):
    """Fields of a membership to change."""

    region_id = Text(most=160, allow_none=True)
    store_id = Text(most=160, allow_none=True)
    suspended = Flag()


MemberPageSchema = page_of(MemberSchema, "Member")
