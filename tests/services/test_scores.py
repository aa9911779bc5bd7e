"""server.services.scores and sums: what counts, once, exactly."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from server import db
from server.domain import cube
from server.domain.states import PhotoState, RevisionStatus
from server.errors import NotFound
from server.models import Report, Revision, ScoreSum, VisitScore
from server.services import scores, sums
from tests import factories, programme
from tests.programme import DAY, Programme, passed

SUBMITTED, APPROVED = RevisionStatus.SUBMITTED, RevisionStatus.APPROVED


@pytest.fixture
def spring(database: str) -> Programme:
    return Programme(factories.brand())


def all_sums() -> dict[tuple[Any, ...], tuple[int, ...]]:
    columns = ("month", "store_id", "shopper_id", "wave_id")
    return {
        (cube.measure_of(row.dimension, value), *(getattr(row, name) for name in columns)): tuple(
            sums
        )
        for row in ScoreSum.select()
        for value, sums in row.sums.items()
    }


def damage(row: ScoreSum) -> None:
    sums = {value: [n, total + 1, squares] for value, (n, total, squares) in row.sums.items()}
    ScoreSum.update(sums=sums).where(row._pk_expr()).execute()


def decide(revision: Revision, status: RevisionStatus) -> None:
    Revision.update(status=str(status)).where(Revision.id == revision.id).execute()


def test_a_score_names_all_that_it_came_from(spring: Programme) -> None:
    store = programme.store(spring.brand.id, "R1")
    revision = spring.revision(store, passed(3))
    assert scores.score(revision.id)
    row = VisitScore.get_by_id(revision.id)
    assert row.measures == {
        "visit": 75_000,
        "section:all": 75_000,
        "facet:fact": 75_000,
        f"promise:{spring.promise.id}": 50_000,
    }
    assert row.items == {"q0": 100_000, "q1": 100_000, "q2": 100_000, "q3": 0}
    assert row.tallies == {"coverage": 1000, "thin": 0}
    assert (row.month, row.method_version, row.coverage, row.counted) == (
        "2026-03",
        "1",
        1000,
        False,
    )
    assert (row.store_id, row.wave_id, row.shopper_id) == (store.id, spring.wave.id, "shopper-1")
    assert all_sums() == {}


def test_an_unknown_revision_is_not_found(spring: Programme) -> None:
    for verb in (scores.score, scores.count, scores.discount):
        with pytest.raises(NotFound):
            verb("nowhere.1.r1")


def test_a_revision_waits_for_its_photos(spring: Programme) -> None:
    store = programme.store(spring.brand.id, "R1")
    report = Report.get_by_id(spring.revision(store, passed(1)).report_id)
    first = spring.photo(report.id, PhotoState.STORED)
    last = spring.photo(report.id, PhotoState.DECLARED)
    revision = spring.resubmission(report, passed(2), photos=(first.id, last.id))
    assert not scores.score(revision.id)
    assert scores.score_for_photo(first.id) is None
    last.state = str(PhotoState.STORED)
    last.save(only=["state"])
    assert scores.score_for_photo(last.id) == revision.id
    assert VisitScore.get_by_id(revision.id).measures["visit"] == 50_000


def test_a_photo_of_no_revision_scores_nothing(spring: Programme) -> None:
    photo = spring.photo("unknown.1", PhotoState.STORED)
    assert scores.score_for_photo(photo.id) is None


def test_a_reviewers_word_counts_without_the_photos(spring: Programme) -> None:
    store = programme.store(spring.brand.id, "R1")
    revision = spring.revision(store, passed(4), photos=("never-came",))
    assert not scores.score(revision.id)
    scores.count(revision.id)
    key = ("visit", "2026-03", store.id, "shopper-1", spring.wave.id)
    assert all_sums()[key] == (1, 100_000, 100_000**2)


def test_counting_twice_counts_once(spring: Programme) -> None:
    store = programme.store(spring.brand.id, "R1")
    first, second = (spring.revision(store, passed(count)) for count in (1, 2))
    for revision in (first, second, first):
        scores.count(revision.id)
    key = ("visit", "2026-03", store.id, "shopper-1", spring.wave.id)
    assert all_sums()[key] == (2, 75_000, 25_000**2 + 50_000**2)


def test_only_approved_revisions_count(spring: Programme) -> None:
    store = programme.store(spring.brand.id, "R1")
    for status in set(RevisionStatus) - {APPROVED}:
        scores.count(spring.revision(store, passed(1), status=status).id)
    assert all_sums() == {}


def test_a_later_revision_takes_the_place_of_the_earlier(spring: Programme) -> None:
    store = programme.store(spring.brand.id, "R1")
    first = spring.revision(store, passed(1))
    scores.count(first.id)
    second = spring.resubmission(Report.get_by_id(first.report_id), passed(4))
    scores.count(second.id)
    scores.count(first.id)
    key = ("visit", "2026-03", store.id, "shopper-1", spring.wave.id)
    assert all_sums()[key] == (1, 100_000, 100_000**2)
    decide(second, RevisionStatus.REJECTED)
    scores.discount(second.id)
    assert all_sums()[key] == (1, 25_000, 25_000**2)


def test_events_out_of_order_end_in_the_present_state(spring: Programme) -> None:
    """Approval and withdrawal are events of two kinds, so their jobs may overtake each other."""
    revision = spring.revision(programme.store(spring.brand.id, "R1"), passed(2))
    scores.discount(revision.id)
    assert {key[0].partition("@")[0] for key in all_sums()} == {
        "visit",
        "section:all",
        "facet:fact",
        f"promise:{spring.promise.id}",
        "item",
        "tally:coverage",
        "tally:thin",
    }
    decide(revision, SUBMITTED)
    scores.count(revision.id)
    assert all_sums() == {}


def test_an_erased_report_leaves_nothing(spring: Programme) -> None:
    store = programme.store(spring.brand.id, "R1")
    kept = spring.revision(store, passed(1))
    scores.count(kept.id)
    sound = all_sums()
    erased = spring.revision(store, passed(3))
    scores.count(erased.id)
    assert all_sums() != sound
    assert scores.erase(erased.report_id) == 1
    assert scores.erase(erased.report_id) == 0
    assert all_sums() == sound
    assert sums.rebuild(spring.brand.id) == 1
    assert all_sums() == sound


def test_a_visit_without_a_score_is_in_no_sum(spring: Programme) -> None:
    nothing = {f"q{index}": {"na": True} for index in range(4)}
    revision = spring.revision(programme.store(spring.brand.id, "R1"), nothing)
    scores.count(revision.id)
    assert VisitScore.get_by_id(revision.id).counted
    assert all_sums() == {}
    decide(revision, SUBMITTED)
    scores.discount(revision.id)
    assert not VisitScore.get_by_id(revision.id).counted


MOVES = st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=25)


@given(MOVES, st.permutations(range(6)))
@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)
def test_sums_are_those_of_the_approved_whatever_came_before(
    database: str, moves: list[tuple[int, bool]], order: list[int]
) -> None:
    """Adding and taking back is the identity; the order of arrival is irrelevant; a rebuild from
    the ledger gives the same integers."""
    with db.database.atomic() as transaction:
        spring = Programme(factories.brand())
        stores = [programme.store(spring.brand.id, f"R{index}") for index in range(2)]
        visits = [
            spring.revision(
                stores[index % 2],
                passed(index % 5),
                shopper_id=f"shopper-{index % 3}",
                day=DAY.replace(month=3 + index // 4),
                status=SUBMITTED,
            )
            for index in range(6)
        ]
        for index, approved in moves:
            decide(visits[index], APPROVED if approved else SUBMITTED)
            (scores.count if approved else scores.discount)(visits[index].id)
        walked = all_sums()
        assert list(sums.verify(spring.brand.id)) == []
        final = dict(moves)
        ScoreSum.delete().execute()
        VisitScore.update(counted=False).execute()
        for index in order:
            if final.get(index):
                scores.count(visits[index].id)
        assert all_sums() == walked
        assert sums.rebuild(spring.brand.id) == sum(final.values())
        assert all_sums() == walked
        transaction.rollback()


def test_a_rebuild_mends_what_was_damaged_and_says_how_far_it_is(
    spring: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = programme.store(spring.brand.id, "R1")
    for month in (1, 2, 3):
        scores.count(spring.revision(store, passed(month), day=DAY.replace(month=month)).id)
    elsewhere = programme.store(spring.brand.id, "R2")
    scores.count(spring.revision(elsewhere, passed(1), day=DAY.replace(month=4)).id)
    sound = all_sums()
    for row in list(ScoreSum.select().where(ScoreSum.month == "2026-02")):
        damage(row)
    ScoreSum.delete().where(ScoreSum.month == "2026-03", ScoreSum.dimension == "visit").execute()
    wrong = list(sums.verify(spring.brand.id))
    assert {(one.key[1], one.key[2]) for one in wrong} == {
        ("visit", "2026-03"),
        *((key[0].partition(":")[0], "2026-02") for key in sound if key[1] == "2026-02"),
    }
    (gone,) = [one for one in wrong if one.key[1:3] == ("visit", "2026-03")]
    assert (gone.stored, gone.expected) == ((0, 0, 0), (1, 75_000, 75_000**2))
    monkeypatch.setattr(sums, "_VISITS_AT_ONCE", 1)
    told: list[tuple[int, int]] = []
    assert sums.rebuild(spring.brand.id, lambda *step: told.append(step)) == 4
    assert told == [(3, 4), (4, 4)]
    assert (all_sums(), list(sums.verify(spring.brand.id))) == (sound, [])


def test_a_rebuild_leaves_other_brands_alone(spring: Programme) -> None:
    other = Programme(factories.brand("Borealis"))
    scores.count(other.revision(programme.store(other.brand.id, "X1"), passed(2)).id)
    sound = all_sums()
    assert sums.rebuild(spring.brand.id) == 0
    assert all_sums() == sound
