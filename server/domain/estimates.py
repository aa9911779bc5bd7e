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
from server.domain.equations import QUICK, design
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
    `level_se`       of the adjusted mean as the store's level, by the model
    `se`             what is given out: `level_se`, or where σ²store is 0 the error of the store's
                     own visits (see `interval95`)
    `pev`            prediction error variance of the effect, for comparing stores: two add up to
                     the variance of a difference, so what stores share (μ) is not in it
                     (quasi-variances, Firth and de Menezes 2004, Biometrika 91:65)
    `unshrunk_mean`  the adjusted mean without shrinkage (the store a fixed effect)
    `unshrunk_se`    its standard error, for comparing stores likewise
    `reliability`    λ = σ²store/(σ²store + σ²e/n_eff)
    `block`          stores of different blocks are connected by no chain of shoppers
    `own_mean`       the weighted mean of its visits as they are
    `concentration`  Σp², p the share of its weight that each of its shoppers has
    `largest_share`  the largest p

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
    level_se: Floats
    se: Floats
    pev: Floats
    unshrunk_mean: Floats
    unshrunk_se: Floats
    reliability: Floats
    block: Ints
    own_mean: Floats
    concentration: Floats
    largest_share: Floats
    shopper: Ints
    shopper_severity: Floats
    shopper_pev: Floats
    mu: float
    variances: Variances

    @property
    def tells_errors(self) -> bool:
        """Whether anything is known of how far off the means may be: not where no visit differs
        from another."""
        return self.variances != Variances(0.0, 0.0, 0.0)

    @property
    def interval95(self) -> tuple[Floats, Floats]:
        """adjusted_mean ± 1.96·se: the bounds as columns. Where σ²store is 0 it is the interval of
        the store's own visits, widened to hold the adjusted mean: that no difference was seen makes
        nobody surer of a store that hardly anybody visited."""
        reach = Z95 * self.se
        low, high = self.adjusted_mean - reach, self.adjusted_mean + reach
        if self.variances.store > 0:
            return low, high
        own = self.unshrunk_mean - reach, self.unshrunk_mean + reach
        return np.minimum(self.adjusted_mean, own[0]), np.maximum(self.adjusted_mean, own[1])

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


def estimate(cells: Cells, fit: Fit, *, quick: bool = False) -> Estimates:
    """Best linear unbiased predictions at the variances of `fit`, with severity's own uncertainty
    in every error. μ is estimated anew, from these cells. `quick` gives the same means, with errors
    by closed formulas from fewer levels on."""
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
        predict(made, variances, main, most=QUICK if quick else None)
        if variances.error > 0 and len(found)
        else _alike(cells.mean, raw_mean, len(people))
    )
    level_se = np.sqrt(told.level_variance)
    shares = (sparse.diags_array(1 / made.store.n) @ made.counts).tocsr()
    return Estimates(
        store=found,
        n_visits=np.rint(n_visits).astype(np.int64),
        n_eff=n_eff,
        n_shoppers=np.diff(made.counts.indptr).astype(np.int64),
        raw_mean=raw_mean,
        adjusted_mean=told.mu + told.store.value,
        level_se=level_se,
        se=level_se if variances.store > 0 else np.sqrt(level_se**2 + told.unshrunk.pev),
        pev=told.store.pev,
        unshrunk_mean=told.unshrunk.value,
        unshrunk_se=np.sqrt(told.unshrunk.pev),
        reliability=shrinkage(variances, n_eff),
        block=block,
        own_mean=made.origin + made.store.total / made.store.n,
        concentration=np.asarray(shares.power(2).sum(axis=1)).ravel(),
        largest_share=shares.max(axis=1).toarray().ravel() if len(found) else np.zeros(0),
        shopper=people,
        shopper_severity=told.shopper.value,
        shopper_pev=told.shopper.pev,
        mu=told.mu,
        variances=fit.variances,
    )


def effective(cells: Cells, n_stores: int) -> tuple[Floats, Floats]:
    """n_eff = (Σw)²/Σw² of each store, and what each row counts for: w·Σw/Σw², which adds up to it
    (Kish 1965, “Survey Sampling”, §11.7)."""
    largest = np.zeros(n_stores)
    np.maximum.at(largest, cells.store, cells.weight)
    scaled = cells.weight / largest[cells.store]  # so that no square is beyond a float
    weight = np.bincount(cells.store, scaled * cells.n, minlength=n_stores)
    squares = np.bincount(cells.store, scaled**2 * cells.n, minlength=n_stores)
    return weight**2 / squares, cells.n * scaled * (weight / squares)[cells.store]


def shrinkage(variances: Variances, n_eff: Floats) -> Floats:
    """λ = σ²store/(σ²store + σ²e/n_eff), the share of a mean's distance from μ that is kept; 0
    where stores do not differ (James and Stein 1961; Efron and Morris 1975, JASA 70:311)."""
    if variances.store == 0:
        return np.zeros(n_eff.shape)
    kept: Floats = variances.store / (variances.store + variances.error / n_eff)
    return kept


def own_error(variances: Variances, concentration: Floats, n_eff: Floats) -> Floats:
    """The error variance of a store's mean as it is, severity too: σ²shopper·Σp² + σ²e/n_eff."""
    made = _with_error(variances)
    noise: Floats = made.shopper * concentration + made.error / n_eff
    return noise


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
