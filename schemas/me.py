"""Wire shapes of the one who asks."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Moment, Shape, Text


class RoleSchema(ma.Schema):
    """A role in a brand."""

    brand_id = fields.String(required=True, attribute="grant.brand_id")
    brand_name = fields.String(required=True)
    role = fields.String(required=True, attribute="grant.role")
    region_id = fields.String(required=True, allow_none=True, attribute="grant.region_id")
    store_id = fields.String(required=True, allow_none=True, attribute="grant.store_id")
    suspended = fields.Boolean(required=True, attribute="grant.suspended")


class AccountSchema(ma.Schema):
    """A person."""

    id = fields.String(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    locale = fields.String(required=True)


class MeSchema(ma.Schema):
    """Who the token's bearer is: a person with an account and a device, or a client."""

    account = fields.Nested(AccountSchema, required=True, allow_none=True)
    device_id = fields.String(required=True, allow_none=True, attribute="actor.device_id")
    client_id = fields.String(required=True, allow_none=True, attribute="actor.client_id")
    roles = fields.List(fields.Nested(RoleSchema), required=True)


class PasswordChangeSchema(Shape):
    """The present password and the next."""

    current_password = Text(most=1000, required=True, metadata={"format": "password"})
    new_password = Text(least=10, most=1000, required=True, metadata={"format": "password"})


class DeviceSchema(ma.Schema):
    """A phone that has logged in."""

    id = fields.String(required=True, attribute="device_id")
    name = fields.String(required=True)
    created_at = Moment(required=True)
    seen_at = Moment(required=True, metadata={"description": "Exact to about an hour."})
    revoked_at = Moment(required=True, allow_none=True)


class DevicesSchema(ma.Schema):
    """All devices of a person."""

    items = fields.List(fields.Nested(DeviceSchema), required=True)
