"""The chain of refresh tokens: forgiving a lost answer, ending a stolen chain, under haste too."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from server import db
from server.models import RefreshToken
from server.services import refresh_tokens
from server.services.refresh_tokens import Session
from tests.clock import HandClock


def begin() -> str:
    with db.connected(), db.atomic():
        return refresh_tokens.begin("account", "phone-1").token


def advance(token: str) -> Session | None:
    with db.connected(), db.atomic():
        return refresh_tokens.advance(token)


def at_once(tokens: list[str]) -> list[Session | None]:
    """Advance all of `tokens`, each in its own thread and connection, from one starting line."""
    line = threading.Barrier(len(tokens))

    def run(token: str) -> Session | None:
        with db.connected():
            line.wait(timeout=30)
            return advance(token)

    with ThreadPoolExecutor(len(tokens)) as pool:
        return list(pool.map(run, tokens))


def test_simultaneous_refreshes_give_one_successor(committing: str) -> None:
    token = begin()
    for _ in range(10):
        answers = at_once([token] * 4)
        assert len({answer.token for answer in answers if answer}) == 1
        assert None not in answers
        token = answers[0].token
    with db.connected():
        assert RefreshToken.select().count() == 11


def test_a_reuse_beside_a_use_leaves_no_living_link(committing: str) -> None:
    for _ in range(10):
        first = begin()
        second = advance(first).token
        third = advance(second).token
        at_once([first, third, second, first])
        newest = refresh_tokens._successor(third)
        assert [advance(token) for token in (first, second, third, newest)] == [None] * 4


def test_a_transaction_that_dies_changes_nothing(committing: str) -> None:
    token = begin()
    answered = []

    def advance_and_die() -> None:
        with db.connected(), db.atomic():
            answered.append(refresh_tokens.advance(token))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        advance_and_die()
    assert advance(token) == answered[0]
    assert advance(answered[0].token) is not None


def test_another_secret_gives_other_successors(
    committing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored does not let its reader make tokens."""
    ours = refresh_tokens._successor("token")
    monkeypatch.setattr(refresh_tokens.config, "settings", lambda: _Secret)
    assert refresh_tokens._successor("token") != ours


class _Secret:
    secret_key = "x" * 32


@given(steps=st.lists(st.integers(0, 5), max_size=14))
@examples(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_chain_is_good_up_to_one_lost_answer(database: str, steps: list[int]) -> None:
    """Model: links 0…n; the newest and the one before are good, an older one ends the chain."""
    tokens = [refresh_tokens.begin("account", "phone").token]
    ended = False
    for step in steps:
        index = min(step, len(tokens) - 1)
        answer = refresh_tokens.advance(tokens[index])
        ended = ended or index < len(tokens) - 2
        if ended:
            assert answer is None
        elif index == len(tokens) - 1:
            assert answer is not None
            tokens.append(answer.token)
        else:
            assert answer is not None
            assert answer.token == tokens[index + 1]
    assert len(set(tokens)) == len(tokens)


def test_forgetting_keeps_what_a_phone_may_still_send(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = HandClock(monkeypatch)
    dead = refresh_tokens.begin("account", "dead")
    hand.forward(days=150)
    chain = [refresh_tokens.begin("account", "phone").token]
    for _ in range(4):
        hand.forward(minutes=15)
        chain.append(refresh_tokens.advance(chain[-1]).token)
    assert refresh_tokens.forget() == 0
    hand.forward(days=31)
    assert refresh_tokens.forget() == 3, "the dead family, and the links between first and last two"
    assert refresh_tokens.advance(dead.token) is None
    lost, newest = chain[-2:]
    assert refresh_tokens.advance(lost).token == newest
    assert refresh_tokens.advance(newest) is not None
