"""Whether a promise is kept alike everywhere, and where it is kept least."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key")

_RANGE = 100.0


def coherence(
    scores: Sequence[float], weights: Sequence[float] | None = None, *, most: float = _RANGE
) -> float | None:
    """1 − 2s/R: s is the standard deviation (over all, not n − 1) of a promise's scores across
    touchpoints and stores, R the range of the scale (0 to `most`), so that R/2 is the largest s
    that there can be. 1: the same everywhere; 0: half of the places give nothing and half all.
    None of no scores or no weight."""
    shares = [1.0] * len(scores) if weights is None else list(weights)
    whole = sum(shares)
    if whole <= 0:
        return None
    mean = sum(w * y for w, y in zip(shares, scores, strict=True)) / whole
    spread = sum(w * (y - mean) ** 2 for w, y in zip(shares, scores, strict=True)) / whole
    return min(max(1 - 2 * spread**0.5 / most, 0.0), 1.0)


def weakest(scores: Mapping[Key, float | None], order: Iterable[Key] | None = None) -> Key | None:
    """The touchpoint with the lowest score, the first of equals (by `order`, if given); those
    without a score are not considered. None if none has one."""
    names = scores if order is None else order
    told = [(score, name) for name in names if (score := scores.get(name)) is not None]
    return min(told, key=lambda pair: pair[0])[1] if told else None
