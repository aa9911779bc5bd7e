"""How stores keep promises, in a ranking: each store's figures, and means over all of them; of a
promise that depends on others also in the visits that kept those."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from server.domain import cube, league, ranking, scoring
from server.domain.cube import Tally
from server.models import Promise
from server.services.readings import Reading, Told

_ERRORS = ("mean_se", "mean_own_se")


class Kept(NamedTuple):
    """A promise, what the visits say of it, and what those say that kept all that it depends on:
    None where it depended on none when what was visited was published. `depends_on` is of then,
    and `depended` by store how many visits told of it whose version had that, and kept it."""

    promise: Promise
    told: Told
    given: Told | None
    depends_on: list[str]
    depended: Mapping[str, Sequence[int]]

    def guarded(self, all_visits: Told | None) -> "Kept":
        """The same for readers below the brand."""
        given = self.given and self.given.guarded(all_visits)
        return self._replace(told=self.told.guarded(all_visits), given=given)


def read(reading: Reading, promise: Promise) -> Kept:
    """What a reading says of one of its promises."""
    measure = scoring.given_measure(promise.id)
    depends_on = reading.depending.get(promise.id, [])
    asked = measure in reading.fits and depends_on
    told = reading.told(scoring.promise_measure(promise.id))
    depended = reading.by_store[cube.TALLY].get(f"{Tally.DEPENDED}/{promise.id}", {})
    return Kept(promise, told, reading.told(measure) if asked else None, depends_on, depended)


def column(kept: Kept, store_ids: list[str]) -> list[dict[str, Any]]:
    """How each store keeps a promise; null where no visit tells of it."""
    promise = kept.promise
    return [
        {"promise_id": promise.id, "adjective": promise.adjective}
        | score
        | {
            "target": promise.target,
            "gap": ranking.gap(score["score"], promise.target),
            "given": given,
        }
        for score, given in zip(_scores(kept.told, store_ids), _given(kept, store_ids), strict=True)
    ]


def _given(kept: Kept, store_ids: list[str]) -> list[Any]:
    if kept.given is None:
        return [None] * len(store_ids)
    scores = _scores(kept.given, store_ids)
    return [
        {"depends_on": kept.depends_on}
        | score
        | {"of": asked(score["n"], kept.depended.get(store, (0, 0)))}
        for store, score in zip(store_ids, scores, strict=True)
    ]


def asked(kept: int, depended: Sequence[int]) -> int | None:
    """Of how many visits, told of by versions that had the dependency, so many kept it. None where
    some were scored before that was counted."""
    n, told = depended[:2]
    return n if told == kept else None


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


def named(kept: Kept, store_ids: list[str]) -> dict[str, Any]:
    """What a ranking keeps of a promise itself, and how sure its means over these stores are."""
    promise = kept.promise
    return {
        "promise_id": promise.id,
        "adjective": promise.adjective,
        "target": promise.target,
        "errors": _errors(kept.told, store_ids),
        "given": kept.given
        and {"depends_on": kept.depends_on, "errors": _errors(kept.given, store_ids)},
    }


def _errors(told: Told, store_ids: list[str]) -> dict[str, Any]:
    found = league.mean(told.estimates, told.rows(store_ids))
    return {name: found[name] for name in _ERRORS}


def _sure(promise: dict[str, Any], score: float | None) -> dict[str, Any]:
    """A mean's errors and its interval; null of a part of a published ranking, which no longer
    knows what its stores share."""
    errors = promise.get("errors") or dict.fromkeys(_ERRORS)
    if score is None or errors["mean_se"] is None:
        return errors | {"interval95": None}
    return errors | {"interval95": league.interval(score, errors["mean_se"])}


def of_all(promise: dict[str, Any], stores: list[dict[str, Any]]) -> dict[str, Any]:
    """How all stores keep a promise: means over stores, each weighing the same."""
    scores = [one for one in stores if one["score"] is not None]
    score = league.plain_mean([one["score"] for one in scores])
    return {
        "promise_id": promise["promise_id"],
        "adjective": promise["adjective"],
        "score": score,
        "target": promise["target"],
        **_sure(promise, score),
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
    of = [one.get("of") for one in found]
    score = league.plain_mean([one["score"] for one in scores])
    return {
        "depends_on": given["depends_on"],
        "score": score,
        **_sure(given, score),
        "raw_mean": league.plain_mean([one["raw_mean"] for one in scores]),
        "n": sum(one["n"] for one in scores),
        "of": None if None in of else sum(of),
    }
