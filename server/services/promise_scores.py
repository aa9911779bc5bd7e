"""How stores keep promises, in a ranking: each store's figures, and means over all of them; of a
promise that depends on others also in the visits that kept those."""

from typing import Any, NamedTuple

from server.domain import league, ranking, scoring
from server.models import Promise
from server.services.readings import Reading, Told


class Kept(NamedTuple):
    """A promise, what the visits say of it, and what those say that kept all that it depends on:
    None where it depends on none, or did not yet when what was visited was published."""

    promise: Promise
    told: Told
    given: Told | None

    def guarded(self, all_visits: Told | None) -> "Kept":
        """The same for readers below the brand."""
        given = self.given and self.given.guarded(all_visits)
        return Kept(self.promise, self.told.guarded(all_visits), given)


def read(reading: Reading, promise: Promise) -> Kept:
    """What a reading says of one of its promises."""
    measure = scoring.given_measure(promise.id)
    asked = measure in reading.fits and promise.id in reading.depending
    told = reading.told(scoring.promise_measure(promise.id))
    return Kept(promise, told, reading.told(measure) if asked else None)


def column(
    promise: Promise, told: Told, given: Told | None, store_ids: list[str]
) -> list[dict[str, Any]]:
    """How each store keeps a promise; null where no visit tells of it."""
    return [
        {"promise_id": promise.id, "adjective": promise.adjective}
        | score
        | {
            "target": promise.target,
            "gap": ranking.gap(score["score"], promise.target),
            "given": kept,
        }
        for score, kept in zip(
            _scores(told, store_ids), _given(promise, given, store_ids), strict=True
        )
    ]


def _given(promise: Promise, given: Told | None, store_ids: list[str]) -> list[Any]:
    if given is None:
        return [None] * len(store_ids)
    depends = {"depends_on": promise.depends_on}
    return [depends | score for score in _scores(given, store_ids)]


def _scores(told: Told, store_ids: list[str]) -> list[dict[str, Any]]:
    made = told.estimates
    columns = (
        league.rounded(league.shown(made.adjusted_mean)),
        league.intervals(made),
        league.rounded(made.raw_mean),
        made.n_visits.tolist(),
    )
    place = [told.row.get(store) for store in store_ids]
    figures: list[tuple[Any, ...]] = [
        (None, None, None, 0) if row is None else tuple(column[row] for column in columns)
        for row in place
    ]
    return [
        {"score": score, "interval": interval, "raw_mean": raw_mean, "n": n}
        for score, interval, raw_mean, n in figures
    ]


def named(kept: Kept) -> dict[str, Any]:
    """What a ranking keeps of a promise itself."""
    promise = kept.promise
    return {
        "promise_id": promise.id,
        "adjective": promise.adjective,
        "target": promise.target,
        "given": {"depends_on": promise.depends_on} if kept.given else None,
    }


def of_all(promise: dict[str, Any], stores: list[dict[str, Any]]) -> dict[str, Any]:
    """How all stores keep a promise: means over stores, each weighing the same."""
    scores = [one for one in stores if one["score"] is not None]
    score = league.plain_mean([one["score"] for one in scores])
    return {
        "promise_id": promise["promise_id"],
        "adjective": promise["adjective"],
        "score": score,
        "target": promise["target"],
        "gap": ranking.gap(score, promise["target"]),
        "raw_mean": league.plain_mean([one["raw_mean"] for one in scores]),
        "n": sum(one["n"] for one in scores),
        "given": _given_of_all(promise, stores),
    }


def _given_of_all(promise: dict[str, Any], stores: list[dict[str, Any]]) -> dict[str, Any] | None:
    """A ranking that was kept before this was told has none."""
    given = promise.get("given")
    if given is None:
        return None
    found = [one["given"] for one in stores if one.get("given")]
    scores = [one for one in found if one["score"] is not None]
    return {
        "depends_on": given["depends_on"],
        "score": league.plain_mean([one["score"] for one in scores]),
        "raw_mean": league.plain_mean([one["raw_mean"] for one in scores]),
        "n": sum(one["n"] for one in scores),
    }
