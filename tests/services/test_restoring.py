"""A new epoch: no phone's cursor is good after the database was put back."""

from server.domain.cursors import LARGEST_EPOCH
from server.models import SyncFeed
from server.services import feeds, restoring


def epochs() -> dict[str, int]:
    return {row.shopper_id: row.epoch for row in SyncFeed.select()}


def test_a_new_epoch_is_another_for_every_feed(database: str) -> None:
    feeds.touch({"s": [("stores", "1")], "t": [("stores", "1")]})
    SyncFeed.update(epoch=LARGEST_EPOCH).where(SyncFeed.shopper_id == "t").execute()
    before = epochs()
    assert restoring.begin_epoch() == 2
    after = epochs()
    assert all(after[shopper] != before[shopper] for shopper in before)
    assert all(1 <= epoch <= LARGEST_EPOCH for epoch in after.values())


def test_no_epoch_comes_again_that_the_lost_database_gave_out(database: str) -> None:
    """All but one step are taken: each by a feed that had got there already."""
    shoppers = [f"s{number}" for number in range(1, LARGEST_EPOCH)]
    feeds.lock(shoppers)
    SyncFeed.update(epoch=1).execute()
    free = 4711
    handed_out = {
        shopper: 1 + step for step, shopper in enumerate(shoppers, start=1) if step != free
    }
    restoring.begin_epoch(handed_out)
    assert set(epochs().values()) == {1 + free}
