"""Brands: the tenants."""

import peewee

from server.db import JsonField
from server.models.base import Versioned


class Brand(Versioned):
    """A tenant. `locales` are BCP 47 tags, the first is the fallback. With `auto_approve` a
    complete revision counts without a reviewer's word, where `approval_rule`
    (`server.domain.approvals.Rule`), if there is one, says so too. `times_shown` is of
    `server.domain.months.TimesShown`."""

    name = peewee.TextField()
    locales = JsonField()
    auto_approve = peewee.BooleanField(default=False)
    approval_rule = JsonField(null=True)
    times_shown = peewee.TextField(default="month")
