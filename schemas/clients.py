"""Wire shapes of integrators' clients."""

from marshmallow import fields

from schemas.base import Answer, Moment, Shape, Text, page_of


class ClientSchema(Answer):
    """A client; `id` is its OAuth client_id."""

    name = fields.String(required=True)
    revoked_at = Moment(required=True, allow_none=True)


class ClientNewSchema(Shape):
    """A client to be made."""

    name = Text(most=200, required=True)


class ClientMadeSchema(ClientSchema):
    """A client that was just made: the only time that its secret is shown."""

    secret = fields.String(required=True, metadata={"description": "The client_secret."})


ClientPageSchema = page_of(ClientSchema, "Client")
