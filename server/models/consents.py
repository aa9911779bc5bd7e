"""What people were told and agreed to."""

import peewee

from server.db import Table, UtcField
from server.models.base import Id


class Consent(Table):
    """A person's word on version `version` of a text of that `kind`; `agreed` false takes it back.
    The last one of a kind holds."""

    id = Id(primary_key=True)
    brand_id = Id(index=True)
    account_id = Id(index=True)
    kind = peewee.TextField()
    document_version = peewee.TextField()
    agreed = peewee.BooleanField()
    at = UtcField()


class Disclosure(Table):
    """That the staff of a store (null: of all stores) were told on `told_on`, YYYY-MM-DD, that
    visits take place, to what end and on which legal basis."""

    id = Id(primary_key=True)
    brand_id = Id(index=True)
    store_id = Id(null=True)
    told_on = peewee.CharField(max_length=10)
    objective = peewee.TextField()
    legal_basis = peewee.TextField()
    recorded_by = Id()
    created_at = UtcField()
