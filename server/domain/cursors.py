"""Sync cursors: one number that says how much of a shopper's feed a phone has seen.

A cursor is `epoch · 2^40 + seq`: `seq` counts the feed's changes from 1, `epoch` changes when the
database was restored. It stays below 2^53, so JavaScript holds it exactly (docs/sync.md).
"""

from dataclasses import dataclass

SEQ_BITS = 40
LARGEST_EPOCH = 2**13 - 1


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in a feed. `seq` 0 is before the first change."""

    epoch: int
    seq: int

    def number(self) -> int:
        """The cursor on the wire."""
        return (self.epoch << SEQ_BITS) + self.seq

    def stale(self, current: "Cursor") -> bool:
        """Whether this is no place in the feed whose end is `current`: of another epoch, or ahead
        of it. The database then is older than what the phone has seen."""
        return self.epoch != current.epoch or self.seq > current.seq


def parse(number: int) -> Cursor:
    """The cursor of a number on the wire; any number gives one, if only a stale one."""
    return Cursor(number >> SEQ_BITS, number & (2**SEQ_BITS - 1))
