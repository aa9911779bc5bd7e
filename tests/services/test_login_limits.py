"""Limits of login: a guesser is slowed down, a shopper is let in."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from server import config, queue
from server.config import Settings
from server.errors import TooManyRequests
from server.services import login_limits

SONIA = "sonia@example.org"


@pytest.fixture(params=["memory", "redis"])
def counters(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Counting in memory, because nothing listens at the settings' Redis, and in a real one."""
    monkeypatch.setattr(queue, "_connection", None)
    if request.param == "redis":
        url = request.getfixturevalue("valkey").url
        config.use(replace(settings, redis_url=url))
        queue.connection().flushdb()
    login_limits.reset()
    yield request.param
    config.use(settings)
    login_limits.reset()


def admitted(address: str, account: str = SONIA, *, fails: bool = False) -> bool:
    try:
        login_limits.admit(address, account)
    except TooManyRequests:
        return False
    if fails:
        login_limits.count_failure(address, account)
    return True


def test_ten_tries_a_minute_from_one_address(counters: str) -> None:
    assert [admitted("192.0.2.1") for _ in range(12)] == [True] * 10 + [False] * 2
    assert admitted("192.0.2.2")
    assert admitted("192.0.2.1", "sergio@example.org")
    if counters == "redis":
        assert len(queue.connection().keys("*")) == 3


def test_the_refusal_says_how_long(counters: str) -> None:
    for _ in range(10):
        login_limits.admit("192.0.2.1", SONIA)
    with pytest.raises(TooManyRequests) as refused:
        login_limits.admit("192.0.2.1", SONIA)
    assert 58 <= int(refused.value.headers["Retry-After"]) <= 61
    assert refused.value.headers["Retry-After"] in refused.value.detail


def test_one_address_does_not_walk_through_all_people(counters: str) -> None:
    tries = [admitted("192.0.2.1", f"p{number}@x.it", fails=True) for number in range(110)]
    assert tries == [True] * 100 + [False] * 10
    assert admitted("192.0.2.2", "p0@x.it")


def test_an_office_behind_one_address_comes_to_work(counters: str) -> None:
    assert all(admitted("192.0.2.1", f"p{number}@x.it") for number in range(150))


def test_under_attack_the_owner_is_let_in_at_the_first_try(counters: str) -> None:
    for host in range(100):
        assert admitted(f"198.51.100.{host}", fails=True)
    assert [admitted("203.0.113.9", fails=True) for _ in range(3)] == [True, False, False]
    assert admitted("192.0.2.1")
    assert all(admitted("203.0.113.9", "sergio@example.org") for _ in range(3))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "", True),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool) -> None:
    assert (login_limits._network(one) == login_limits._network(other)) == same


def test_a_dead_redis_is_asked_again_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

    hand, asked = Clock(), []
    counters: Any = login_limits._Counters(login_limits.MemoryStorage())
    monkeypatch.setattr(login_limits.time, "monotonic", hand.monotonic)

    def task(limiter: object) -> None:
        asked.append("redis" if limiter is counters.shared else "own")
        if limiter is counters.shared and hand.now < 1015:
            raise login_limits.StorageError(ConnectionError("down"))

    for moment in (1000.0, 1005.0, 1011.0, 1022.0):
        hand.now = moment
        counters.run(task)
    assert asked == ["redis", "own", "own", "redis", "own", "redis"]
