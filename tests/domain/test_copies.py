"""Texts that are nearly another's."""

import random

import pytest

from server.domain import copies

WORDS = (
    "The adviser looked up at once, greeted me by the door and asked what I was looking for. She "
    "listened, showed me three perfumes, explained how each of them develops during the day, and "
    "let me decide without any hurry; at the till a colleague wrapped the gift with great care."
)


def alike(one: str, other: str) -> float:
    return copies.resemblance(copies.shingles(one), copies.shingles(other))


def test_case_accents_and_punctuation_change_nothing() -> None:
    shouted = WORDS.upper().replace(",", " –").replace("E", "É")
    assert alike(WORDS, shouted) == 1


def test_some_changed_words_leave_it_a_copy() -> None:
    changed = WORDS.replace("adviser", "lady").replace("three", "four").replace("gift", "box")
    assert copies.ALIKE < alike(WORDS, changed) < 1


def test_another_text_on_the_same_is_none() -> None:
    other = (
        "Nobody greeted me for six minutes, then a young man at the counter asked whether I needed "
        "help and showed me two perfumes without a word about either of them."
    )
    assert alike(WORDS, other) < 0.1


@pytest.mark.parametrize("text", ["", "Fine.", "the store was clean and everyone was friendly"])
def test_short_texts_are_never_compared(text: str) -> None:
    assert copies.shingles(text) == frozenset()
    assert copies.resemblance(frozenset(), frozenset()) == 0


def test_half_of_the_shingles_are_found_by_the_sketch() -> None:
    dice, found, told = random.Random(7), 0, 400
    for _ in range(told):
        shared = [dice.getrandbits(63) for _ in range(60)]
        one, other = (
            frozenset([*shared, *(dice.getrandbits(63) for _ in range(30))]) for _ in range(2)
        )
        assert copies.resemblance(one, other) == 0.5
        found += bool({*copies.sketch(one)} & {*copies.sketch(other)})
    assert found / told > 0.98
