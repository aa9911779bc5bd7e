"""server.domain.mixed_model: variances by REML, against published numbers and by other means."""

import numpy as np
import pytest
from scipy import optimize

from server.domain import cells, mixed_model
from server.domain.cells import Cells
from server.domain.equations import design
from server.domain.estimates import estimate
from server.domain.mixed_model import Fit, Variances, fit
from server.domain.ranks import rank
from tests.domain import oracles
from tests.domain.designs import Visits, visits


def dyestuff(shopper: object) -> Cells:
    rows = oracles.read("Dyestuff")
    batches = np.unique([row["Batch"] for row in rows], return_inverse=True)[1]
    return cells.of_visits(batches, shopper, [float(row["Yield"]) for row in rows])


@pytest.mark.parametrize("shopper", [np.zeros(30), np.arange(30)], ids=["one", "each its own"])
def test_dyestuff(shopper: object) -> None:
    """Davies 1972, by REML: mean 1527.5, variances 1764.05 and 2451.25."""
    found = fit(dyestuff(shopper))
    assert found.mu == pytest.approx(1527.5)
    assert found.variances.store == pytest.approx(1764.05, abs=0.005)
    assert found.variances.error == pytest.approx(2451.25, abs=0.005)
    assert found.variances.shopper == 0


def dense_deviance(made: Visits, variances: Variances) -> float:
    """−2 log of the restricted likelihood, from the n × n covariance matrix of all visits."""
    n = len(made.score)
    covariance = variances.error * np.eye(n)
    covariance += variances.store * (made.store[:, None] == made.store)
    covariance += variances.shopper * (made.shopper[:, None] == made.shopper)
    inverse = np.linalg.inv(covariance)
    information = inverse.sum()
    mu = inverse.sum(axis=0) @ made.score / information
    residual = made.score - mu
    squares = residual @ inverse @ residual
    return float(np.linalg.slogdet(covariance)[1] + np.log(information) + squares)


@pytest.mark.parametrize(
    ("stores", "shoppers", "deviations"),
    [(9, 5, (5, 4, 9)), (5, 11, (5, 4, 3)), (12, 6, (6, 0, 4)), (6, 6, (0, 5, 4))],
)
def test_no_other_variances_are_likelier(
    stores: int, shoppers: int, deviations: tuple[float, float, float]
) -> None:
    made = visits(stores, n=80, stores=stores, shoppers=shoppers, deviations=deviations)
    found = fit(made.cells).variances

    def deviance(logs: np.ndarray) -> float:
        return dense_deviance(made, Variances(*np.exp(logs)))

    start = np.log([max(one, 0.1) for one in (found.store, found.shopper, found.error)])
    best = optimize.minimize(
        deviance, start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9}
    )
    assert dense_deviance(made, found) <= best.fun + 1e-6
    for ours, theirs in zip((found.store, found.shopper, found.error), np.exp(best.x), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-3, abs=1e-3)


@pytest.mark.filterwarnings("ignore")
def test_statsmodels_finds_the_same() -> None:
    import pandas as pd
    from statsmodels.regression.mixed_linear_model import MixedLM

    made = visits(4, n=150, stores=12, shoppers=8)
    frame = pd.DataFrame({"y": made.score, "store": made.store, "shopper": made.shopper, "all": 1})
    components = {"store": "0 + C(store)", "shopper": "0 + C(shopper)"}
    model = MixedLM.from_formula("y ~ 1", groups="all", vc_formula=components, data=frame)
    theirs = model.fit(reml=True)
    found = fit(made.cells)
    named = dict(zip(model.exog_vc.names, theirs.vcomp, strict=True))
    assert found.mu == pytest.approx(theirs.fe_params.iloc[0], abs=1e-3)
    assert found.variances.store == pytest.approx(named["store"], rel=1e-3)
    assert found.variances.shopper == pytest.approx(named["shopper"], rel=1e-3)
    assert found.variances.error == pytest.approx(theirs.scale, rel=1e-3)


def test_many_visits_give_the_variances_that_made_them() -> None:
    found = fit(visits(1, n=30_000, stores=400, shoppers=300).cells)
    assert found.exact
    assert found.variances.store == pytest.approx(25, rel=0.2)
    assert found.variances.shopper == pytest.approx(16, rel=0.2)
    assert found.variances.error == pytest.approx(81, rel=0.03)


def test_moments_come_near() -> None:
    made = visits(1, n=30_000, stores=400, shoppers=300)
    rough, found = mixed_model.moments(design(made.cells)), fit(made.cells).variances
    assert rough.store == pytest.approx(found.store, rel=0.05)
    assert rough.shopper == pytest.approx(found.shopper, rel=0.05)
    assert rough.error == pytest.approx(found.error, rel=0.01)


def test_sums_and_single_visits_are_the_same() -> None:
    made = visits(2, n=300, stores=20, shoppers=6)
    scores = np.rint(made.score * 1000).astype(int)
    pairs, cell = np.unique(made.store * 6 + made.shopper, return_inverse=True)
    sums = [
        [int(part.sum()) for part in np.split(column[np.argsort(cell, kind="stable")], ends)]
        for ends in [np.cumsum(np.bincount(cell))[:-1]]
        for column in (np.ones(300, dtype=int), scores, scores**2)
    ]
    summed = fit(cells.of_thousandths(pairs // 6, pairs % 6, *sums))
    single = fit(cells.of_visits(made.store, made.shopper, scores / 1000))
    assert summed.n_visits == single.n_visits == 300
    assert summed.mu == pytest.approx(single.mu)
    for name in ("store", "shopper", "error"):
        assert getattr(summed.variances, name) == pytest.approx(
            getattr(single.variances, name), rel=1e-6
        )


def of(store: list[int], shopper: list[int], score: list[float]) -> Fit:
    return fit(cells.of_visits(store, shopper, score))


def test_what_the_visits_cannot_tell_is_0() -> None:
    nothing = Variances(0, 0, 0)
    assert of([], [], []).variances == nothing
    assert of([0], [0], [5.0]) == Fit(5.0, nothing, 1, 1, 1)
    assert of([0, 0, 1, 1], [0, 1, 0, 1], [5.0] * 4).variances == nothing
    one_store = of([0] * 4, [0, 0, 1, 1], [5.0, 6, 8, 9]).variances
    assert one_store.store == 0 < one_store.shopper
    one_shopper = of([0, 0, 1, 1], [0] * 4, [5.0, 6, 8, 9]).variances
    assert one_shopper.shopper == 0 < one_shopper.store
    one_visit_each = of([0, 1, 2, 3], [0, 0, 1, 1], [5.0, 6, 8, 9]).variances
    assert one_visit_each.store == 0 < one_visit_each.shopper


def test_store_and_shopper_share_what_nobody_can_part() -> None:
    found = of([0, 0, 1, 1, 2, 2], [2, 2, 0, 0, 1, 1], [5.0, 6, 8, 9, 1, 3])
    assert not found.separable
    assert found.variances.store == found.variances.shopper > 0


def test_visits_that_agree_wholly_have_next_to_no_error() -> None:
    found = of([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [5.0, 6, 7, 8, 1, 2]).variances
    assert found.store == pytest.approx(4.667, rel=0.01)
    assert 0 < found.error < 1e-5


@pytest.mark.parametrize("shoppers", [3, 9, 36])
def test_a_variance_that_is_flat_at_nothing_is_nothing(shoppers: int) -> None:
    """Twelve stores of three visits, all 100 but one 75: the likelihood is flat at 0."""
    store, shopper = np.repeat(np.arange(12), 3), np.arange(36) * 7 % shoppers
    scores = [75.0 if visit == 5 else 100.0 for visit in range(36)]
    made = cells.of_visits(store, shopper, scores)
    found = fit(made)
    assert (found.variances.store, found.variances.shopper) == (0.0, 0.0)
    assert rank(estimate(made, found)).rank is None
