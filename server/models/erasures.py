"""Erasures: that a person was erased stays on record, and who asked for it; who it was does not."""

from server.db import JsonField, Table, UtcField
from server.models.base import Id


class Erasure(Table):
    """`account_id` and `pseudonym`, which the person's rows bear from then on, are null once it is
    done: nothing leads back. `counts` says how much was overwritten or deleted."""

    id = Id(primary_key=True)
    brand_id = Id(index=True)
    membership_id = Id()
    account_id = Id(null=True)
    pseudonym = Id(null=True)
    requested_by = Id()
    requested_at = UtcField()
    done_at = UtcField(null=True)
    counts = JsonField(null=True)

    @property
    def status(self) -> str:
        """under_way or done."""
        return "under_way" if self.done_at is None else "done"
