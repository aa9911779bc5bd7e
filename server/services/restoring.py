"""What a database needs that was put back from a backup."""

import secrets
from collections.abc import Mapping

import peewee

from server.db import atomic
from server.domain.cursors import LARGEST_EPOCH
from server.models import SyncFeed


def begin_epoch(handed_out: Mapping[str, int] | None = None) -> int:
    """Give every feed another epoch, so that each phone is sent everything and asked to send again
    what it holds; how many feeds there are.

    `handed_out` is the epoch of each shopper's feed in the database that was given up: none of
    them comes again, nor does any of the backup. All feeds take one step, by chance, so the same
    backup restored elsewhere comes to the same epochs once in 8,190 times, and not in every
    8,190th feed."""
    with atomic():
        step = secrets.choice(_steps(handed_out or {}))
        later = SyncFeed.epoch + step
        around = peewee.Case(None, [(later > LARGEST_EPOCH, later - LARGEST_EPOCH)], later)
        count: int = SyncFeed.update(epoch=around).execute()
    return count


def _steps(handed_out: Mapping[str, int]) -> list[int]:
    """The steps that lead no feed to an epoch that it had already."""
    feeds = SyncFeed.select(SyncFeed.shopper_id, SyncFeed.epoch).tuples()
    taken = {
        (handed_out[shopper_id] - epoch) % LARGEST_EPOCH
        for shopper_id, epoch in feeds.iterator()
        if shopper_id in handed_out
    }
    steps = range(1, LARGEST_EPOCH)
    return [step for step in steps if step not in taken] or list(steps)
