"""server.services.publishing, figures and fits: when rankings are made, and which are kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs import drain, sweep
from server import clock
from server.domain.ranking import Period
from server.errors import NotFound
from server.models import CubeState, Event, RankedStore, Ranking, VarianceFit
from server.services import figures, fits, publishing, scores, selections
from server.services.selections import Filters
from tests import programme
from tests.cast import Cast
from tests.programme import Programme, passed


@pytest.fixture
def spring(cast: Cast) -> Programme:
    return Programme(cast.brand)


def visit(spring: Programme, code: str, result: int, **values: Any) -> None:
    store = programme.store(spring.brand.id, f"{code}-{clock.new_id()[-6:]}")
    for shopper in ("a", "b"):
        revision = spring.revision(store, passed(result), shopper_id=shopper, **values)
        scores.count(revision.id)


def selected(cast: Cast, **filters: Any) -> selections.Selection:
    return selections.select(cast.alice.actor, cast.brand.id, Filters(**filters))


def let_pass(time: timedelta) -> None:
    """Make all that is there so much older."""
    milliseconds = int(time.total_seconds() * 1000)
    Ranking.update(computed_at=Ranking.computed_at - milliseconds).execute()
    CubeState.update(changed_at=CubeState.changed_at - milliseconds).execute()
    VarianceFit.update(fitted_at=VarianceFit.fitted_at - milliseconds).execute()


def test_a_change_makes_one_ranking_due_which_a_job_publishes(spring: Programme) -> None:
    visit(spring, "A", 1)
    visit(spring, "B", 4)
    assert figures.call_due() == []  # more may come in a moment
    let_pass(figures.DEBOUNCE)
    assert "figures.changed" in sweep.wake_due()
    assert sweep.wake_due().count("figures.changed") == 1
    assert Event.select().where(Event.kind == "figures.changed").count() == 1
    drain.drain("figures.changed")
    ranking = Ranking.get()
    assert (ranking.number, ranking.head["n_visits"]) == (1, 4)
    assert RankedStore.select().count() == 2
    let_pass(figures.DEBOUNCE)
    assert figures.call_due() == []


def test_changes_that_come_while_a_ranking_is_made_make_the_next_one_due(
    spring: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit(spring, "A", 1)
    compute = publishing.computing.compute

    def slowly(selection: selections.Selection) -> Any:
        computed = compute(selection)
        visit(spring, "B", 2)
        return computed

    monkeypatch.setattr(publishing.computing, "compute", slowly)
    publishing.publish(spring.brand.id)
    monkeypatch.undo()
    let_pass(figures.DEBOUNCE)
    assert figures.call_due() == [spring.brand.id]
    second = publishing.publish(spring.brand.id)
    assert second is not None
    assert (second.number, second.head["n_stores"]) == (2, 2)


def test_publishing_twice_publishes_once(spring: Programme) -> None:
    visit(spring, "A", 1)
    assert publishing.publish(spring.brand.id) is not None
    assert publishing.publish(spring.brand.id) is None
    assert Ranking.select().count() == 1


def test_as_of_reads_the_ranking_then_in_force(spring: Programme, cast: Cast) -> None:
    visit(spring, "A", 1)
    publishing.publish(spring.brand.id)
    let_pass(timedelta(minutes=10))
    visit(spring, "B", 3)
    publishing.publish(spring.brand.id)
    now = clock.now()
    assert publishing.of(selected(cast), now).number == 2
    assert publishing.of(selected(cast), now - timedelta(minutes=5)).number == 1
    with pytest.raises(NotFound):
        publishing.of(selected(cast), now - timedelta(minutes=20))


def test_other_filters_are_computed_once_and_anew_once_the_sums_change(
    spring: Programme, cast: Cast
) -> None:
    visit(spring, "A", 1)
    march = Period("2026-03", "2026-03")
    first = publishing.of(selected(cast, period=march))
    assert publishing.of(selected(cast, period=march)).id == first.id
    assert publishing.of(selected(cast, wave=spring.wave.id)).id != first.id
    visit(spring, "B", 3)
    again = publishing.of(selected(cast, period=march))
    assert (again.number, again.head["n_stores"]) == (None, 2)
    assert first.head["n_stores"] == 1


def test_one_that_took_long_is_served_a_while(spring: Programme, cast: Cast) -> None:
    visit(spring, "A", 1)
    query = selected(cast, wave=spring.wave.id)
    first = publishing.of(query)
    Ranking.update(seconds=2.0).execute()
    visit(spring, "B", 3)
    assert publishing.of(query).id == first.id
    let_pass(timedelta(seconds=41))
    assert publishing.of(query).id != first.id


def test_who_sees_a_part_shares_no_ranking_with_who_sees_more(cast: Cast) -> None:
    whole = selections.whole(cast.brand.id)
    assert whole.key == selected(cast).key
    region = programme.region(cast.brand.id, "North")
    bounded = selections.Selection(cast.brand.id, Filters(), (region.id,), None)
    other = selections.Selection(cast.brand.id, Filters(region=region.id), (), None)
    assert len({whole.key, bounded.key, other.key}) == 3


def test_old_rankings_are_thinned_out_to_hours_and_days(spring: Programme, cast: Cast) -> None:
    visit(spring, "A", 1)
    publishing.of(selected(cast, wave=spring.wave.id))
    noon = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)
    ages = [timedelta(minutes=minutes) for minutes in (0, 70, 80, 60 * 72, 60 * 73, 60 * 99)]
    for number, age in enumerate(reversed(ages), 1):
        figures.changed(spring.brand.id)
        publishing.publish(spring.brand.id)
        Ranking.update(computed_at=noon - age).where(Ranking.number == number).execute()
    Ranking.update(computed_at=noon - timedelta(days=2)).where(Ranking.number.is_null()).execute()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing.clock, "now", lambda: noon)
        assert publishing.thin_out() == 3
        assert publishing.thin_out() == 0
    kept = [row.number for row in Ranking.select().order_by(Ranking.number)]
    assert kept == [1, 3, 5, 6]
    assert RankedStore.select().count() == 4


def test_fits_are_made_once_grow_with_the_visits_and_are_made_again_when_old(
    spring: Programme,
) -> None:
    brand_id = spring.brand.id
    visit(spring, "A", 1)
    publishing.publish(brand_id)
    assert fit_numbers(brand_id) == [1]
    for result in (2, 3):
        visit(spring, "B", result)
    publishing.publish(brand_id)  # three times the visits
    assert fit_numbers(brand_id) == [1, 2]
    last = VarianceFit.select().order_by(VarianceFit.number.desc()).first()
    assert (last.n_visits, last.n_stores, last.n_shoppers) == (6, 3, 2)
    assert last.store_variance > 0
    assert fits.call_due() == []
    visit(spring, "C", 4)
    assert fits.call_due() == []
    let_pass(fits.OLD)
    assert fits.call_due() == [brand_id]
    drain.drain("figures.aged")
    assert fit_numbers(brand_id) == [1, 2, 3]
    let_pass(fits.OLD)
    assert fits.call_due() == []
    let_pass(figures.DEBOUNCE)
    assert figures.call_due() == [brand_id]


def fit_numbers(brand_id: str) -> list[int]:
    rows = VarianceFit.select().where(
        VarianceFit.brand_id == brand_id, VarianceFit.measure == "visit"
    )
    return [row.number for row in rows.order_by(VarianceFit.number)]


def test_a_lenient_shopper_does_not_lift_a_store(spring: Programme) -> None:
    """Both stores are equal to whoever visits both; one of them is visited by the lenient alone."""
    stores = [programme.store(spring.brand.id, f"S{number}") for number in range(8)]
    for index, store in enumerate(stores):
        visits = [("strict", 1 + index % 2), ("lenient", 2 + index % 2)] * 2
        for shopper, result in visits if index else visits[1::2]:
            scores.count(spring.revision(store, passed(result), shopper_id=shopper).id)
    publishing.publish(spring.brand.id)
    rows = {row.code: row.figures for row in RankedStore.select()}
    assert rows["S0"]["raw_mean"] == rows["S2"]["raw_mean"] + 12.5
    assert abs(rows["S0"]["adjusted_mean"] - rows["S2"]["adjusted_mean"]) < 3


def test_a_view_is_not_made_with_a_fit_of_fewer_visits(spring: Programme, cast: Cast) -> None:
    """Who looks before anybody visited leaves a fit of nothing behind."""
    of_wave = {"wave": spring.wave.id}
    assert publishing.of(selected(cast, **of_wave)).head["mean"] is None
    visit(spring, "A", 1)
    visit(spring, "B", 4)
    assert publishing.of(selected(cast, **of_wave)).head["mean"] == 62.5
    assert fit_numbers(spring.brand.id) == [1, 2]


def test_a_slow_fit_is_left_to_its_own_job(spring: Programme) -> None:
    brand_id = spring.brand.id
    visit(spring, "A", 1)
    publishing.publish(brand_id)
    VarianceFit.update(seconds=fits.QUICK_SECONDS).execute()
    for result in (2, 3):
        visit(spring, "B", result)
    publishing.publish(brand_id)
    assert fit_numbers(brand_id) == [1]
    assert fits.call_due() == [brand_id]
    assert fits.call_due() == []  # one is on its way
    drain.drain("figures.aged")
    assert fit_numbers(brand_id) == [1, 2]
