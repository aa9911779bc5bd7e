"""Made-up visits with known truth, from a seed."""

from dataclasses import dataclass

import numpy as np

from server.domain import cells
from server.domain.cells import Cells, Floats, Ints


@dataclass(frozen=True, eq=False)
class Visits:
    """Columns of visits, and what they were made from."""

    store: Ints
    shopper: Ints
    score: Floats
    stores: Floats
    shoppers: Floats

    @property
    def cells(self) -> Cells:
        """The visits, a row each."""
        return cells.of_visits(self.store, self.shopper, self.score)


def visits(
    seed: int,
    *,
    n: int,
    stores: int,
    shoppers: int,
    deviations: tuple[float, float, float] = (5.0, 4.0, 9.0),
    mu: float = 70.0,
) -> Visits:
    """`n` visits (each store has one at least) by shoppers at random; `deviations` of stores,
    shoppers and error."""
    random = np.random.default_rng(seed)
    a = random.normal(0, deviations[0], stores)
    b = random.normal(0, deviations[1], shoppers)
    store = np.concatenate([np.arange(stores), random.integers(0, stores, n - stores)])
    shopper = random.integers(0, shoppers, n)
    score = mu + a[store] + b[shopper] + random.normal(0, deviations[2], n)
    return Visits(store, shopper, score, a, b)
