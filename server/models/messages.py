"""Messages between a report's shopper and the brand's reviewers."""

import peewee

from server.db import Table, UtcField
from server.models.base import Id


class Message(Table):
    """`id` is its writer's, so that sending it twice is once; it never changes. `author` is of
    `server.domain.states.Author`, `author_id` the account. `sent_at` is by the writer's clock.
    Writers' ids are in no order, so `arrival`, an id of ours, is what lists go by."""

    id = Id(primary_key=True)
    arrival = Id(unique=True)
    brand_id = Id(index=True)
    report_id = Id(index=True)
    shopper_id = Id(index=True)
    author = peewee.TextField()
    author_id = Id()
    text = peewee.TextField()
    sent_at = UtcField(null=True)
    created_at = UtcField()
