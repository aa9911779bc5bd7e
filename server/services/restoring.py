"""What a database needs that was put back from a backup."""

from server.db import atomic
from server.models import SyncFeed

_LARGEST_EPOCH = 2**13 - 1
"""A cursor is epoch · 2^40 + seq and must stay below 2^53 (docs/sync.md)."""


def begin_epoch() -> int:
    """Give every feed another epoch, so that each phone is sent everything and asked to send again
    what it holds; how many feeds there are."""
    with atomic():
        count: int = SyncFeed.update(epoch=SyncFeed.epoch % _LARGEST_EPOCH + 1).execute()
    return count
