"""Made-up visits for the benches, by shoppers who keep to their part of the country."""

import numpy as np

from server.domain import cells
from server.domain.cells import Cells

DEVIATIONS = (5.0, 4.0, 9.0)
"""Of stores, shoppers and error, in points."""


def visits(n: int, stores: int, shoppers: int, seed: int = 1) -> Cells:
    """`n` single visits. A shopper goes to the 30 stores around home, or anywhere one time in ten;
    each store has a visit at least."""
    random = np.random.default_rng(seed)
    store_level = random.normal(0, DEVIATIONS[0], stores)
    severity = random.normal(0, DEVIATIONS[1], shoppers)
    shopper = random.integers(0, shoppers, n)
    near = shopper * stores // shoppers + random.integers(-15, 15, n)
    store = np.where(random.random(n) < 0.9, near % stores, random.integers(0, stores, n))
    store[:stores] = np.arange(stores)
    score = 70 + store_level[store] + severity[shopper] + random.normal(0, DEVIATIONS[2], n)
    return cells.of_visits(store, shopper, np.round(score, 3))
