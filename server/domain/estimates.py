"""What the visits say of each store, once the variances are known: shrunk means with their errors.

The weights of a store's visits are scaled so that their sum is its effective number of visits
n_eff = (Σw)²/Σw². The equations then are those of n_eff visits with the weighted mean: weights say
what counts more, and the age of all of a store's visits costs it no certainty.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from server.domain import connectivity
from server.domain.cells import Cells, Floats, Ints
from server.domain.equations import design
from server.domain.mixed_model import Fit, Variances
from server.domain.predictions import Effects, Predictions, predict

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Columns of one length, a row for each store with visits, in the order of `store`.

    `store`          the index that the cells have
    `n_visits`       visits that count; `n_shoppers` who made them
    `n_eff`          (Σw)²/Σw²
    `raw_mean`       Σy ÷ n, without weights or any correction
    `adjusted_mean`  μ + the store's effect, shrunk, freed of its shoppers' severity
    `se`             of the adjusted mean as the store's level; interval95 is ±1.96 of it
    `pev`            prediction error variance of the effect, for comparing stores: two add up to
                     the variance of a difference, so what stores share (μ) is not in it
                     (quasi-variances, Firth and de Menezes 2004, Biometrika 91:65)
    `unshrunk_mean`  the adjusted mean without shrinkage (the store a fixed effect)
    `unshrunk_se`    its standard error, for comparing stores likewise
    `reliability`    λ = σ²store/(σ²store + σ²e/n_eff)
    `block`          stores of different blocks are connected by no chain of shoppers

    `shopper`, `shopper_severity`, `shopper_pev` are columns of another length, a row for each
    shopper: the index that the cells have, what to subtract from their scores, and how unsure that
    is. No store may see them.
    """

    store: Ints
    n_visits: Ints
    n_eff: Floats
    n_shoppers: Ints
    raw_mean: Floats
    adjusted_mean: Floats
    se: Floats
    pev: Floats
    unshrunk_mean: Floats
    unshrunk_se: Floats
    reliability: Floats
    block: Ints
    shopper: Ints
    shopper_severity: Floats
    shopper_pev: Floats
    mu: float
    variances: Variances

    @property
    def interval95(self) -> tuple[Floats, Floats]:
        """adjusted_mean ± 1.96·se: the bounds as columns."""
        return self.adjusted_mean - Z95 * self.se, self.adjusted_mean + Z95 * self.se

    @property
    def rankability(self) -> float | None:
        """σ²store ÷ (σ²store + median se²), 0 to 1: the share of what differs between unshrunk
        means that is not chance (van Dishoeck et al. 2011, BMJ Qual. Saf. 20:869). Below .5 a
        league table is mostly noise. None of no stores, or where nothing differs."""
        if not len(self.store):
            return None
        noise = float(np.median(self.unshrunk_se**2))
        whole = self.variances.store + noise
        return self.variances.store / whole if whole > 0 else None


def estimate(cells: Cells, fit: Fit) -> Estimates:
    """Best linear unbiased predictions at the variances of `fit`, with severity's own uncertainty
    in every error. μ is estimated anew, from these cells; where nothing differs it is the fit's."""
    found, store = np.unique(cells.store, return_inverse=True)
    people, shopper = np.unique(cells.shopper, return_inverse=True)
    table = Cells(store, shopper, cells.n, cells.total, cells.total_squares, cells.weight)
    variances = _with_error(fit.variances)
    n_eff, counts = effective(table, len(found))
    made = design(table, counts)
    n_visits = np.bincount(store, table.n, minlength=len(found))
    raw_mean = np.bincount(store, table.total, minlength=len(found)) / n_visits
    block = connectivity.blocks(table, len(found))
    # Without severity, who visited makes no difference.
    main = (block == 1) | (variances.shopper == 0)
    told = (
        predict(made, variances, main)
        if variances.error > 0 and len(found)
        else _alike(fit.mu, raw_mean, len(people))
    )
    return Estimates(
        store=found,
        n_visits=np.rint(n_visits).astype(np.int64),
        n_eff=n_eff,
        n_shoppers=np.diff(made.counts.indptr).astype(np.int64),
        raw_mean=raw_mean,
        adjusted_mean=told.mu + told.store.value,
        se=np.sqrt(told.level_variance),
        pev=told.store.pev,
        unshrunk_mean=told.unshrunk.value,
        unshrunk_se=np.sqrt(told.unshrunk.pev),
        reliability=shrinkage(variances, n_eff),
        block=block,
        shopper=people,
        shopper_severity=told.shopper.value,
        shopper_pev=told.shopper.pev,
        mu=told.mu,
        variances=fit.variances,
    )


def effective(cells: Cells, n_stores: int) -> tuple[Floats, Floats]:
    """n_eff = (Σw)²/Σw² of each store, and what each row counts for: w·Σw/Σw², which adds up to it
    (Kish 1965, “Survey Sampling”, §11.7)."""
    weight = np.bincount(cells.store, cells.weight * cells.n, minlength=n_stores)
    squares = np.bincount(cells.store, cells.weight**2 * cells.n, minlength=n_stores)
    return weight**2 / squares, cells.n * cells.weight * (weight / squares)[cells.store]


def shrinkage(variances: Variances, n_eff: Floats) -> Floats:
    """λ = σ²store/(σ²store + σ²e/n_eff), the share of a mean's distance from μ that is kept; 0
    where stores do not differ (James and Stein 1961; Efron and Morris 1975, JASA 70:311)."""
    if variances.store == 0:
        return np.zeros(n_eff.shape)
    kept: Floats = variances.store / (variances.store + variances.error / n_eff)
    return kept


def between_refits(cells: Cells, mu: float, variances: Variances, severity: Effects) -> Effects:
    """Adjusted means of the stores 0, 1 … of `cells` without solving anything, and their variances:

        m = μ + λ(ȳadj − μ),   v = σ²store(1 − λ) + λ²·Var(mean severity of its shoppers)

    ȳadj is the weighted mean less its shoppers' `severity` (by index). Leaving the last term out
    would cover 91 % at a nominal 95: it would forget that severity is estimated."""
    n_stores = int(cells.store.max(initial=-1)) + 1
    n_eff, counts = effective(cells, n_stores)
    shares = counts / n_eff[cells.store]
    places = (cells.store, cells.shopper)
    shape = (n_stores, len(severity.value))
    table = sparse.coo_array((shares, places), shape=shape).tocsr()
    mean = np.bincount(cells.store, shares * cells.total / cells.n, minlength=n_stores)
    kept = shrinkage(variances, n_eff)
    adjusted = mu + kept * (mean - table @ severity.value - mu)
    unsure = table.power(2) @ severity.pev
    return Effects(adjusted, variances.store * (1 - kept) + kept**2 * unsure)


def _with_error(variances: Variances) -> Variances:
    """Visits that agree wholly would have no error to divide by: a millionth of the rest."""
    least = 1e-6 * (variances.store + variances.shopper)
    return Variances(variances.store, variances.shopper, max(variances.error, least))


def _alike(mu: float, raw_mean: Floats, n_shoppers: int) -> Predictions:
    """Where no visit differs from another."""
    nothing, nobody = np.zeros(len(raw_mean)), np.zeros(n_shoppers)
    return Predictions(
        mu,
        Effects(nothing, nothing),
        nothing,
        Effects(nobody, nobody),
        Effects(raw_mean, nothing),
    )
