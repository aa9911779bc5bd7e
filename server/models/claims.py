"""Which reviewer has which revision in hand."""

from server.db import Table, UtcField
from server.models.base import Id


class Claim(Table):
    """It lapses at `until`; then it is as if it were not there."""

    revision_id = Id(primary_key=True)
    brand_id = Id(index=True)
    reviewer_id = Id()
    claimed_at = UtcField()
    until = UtcField()
