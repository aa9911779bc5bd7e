"""Intraclass correlations: how far raters of the same subjects agree (Shrout and Fleiss 1979,
Psychol. Bull. 86:420)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Icc:
    """The six forms. The first figure is the design (1: each subject has raters of its own; 2: the
    same raters, drawn from many; 3: these raters only), the second whether one rating is judged
    or the mean of all k. A form is None where it is 0 ÷ 0, as when all ratings are equal."""

    icc1_1: float | None
    icc2_1: float | None
    icc3_1: float | None
    icc1_k: float | None
    icc2_k: float | None
    icc3_k: float | None


NOTHING = Icc(None, None, None, None, None, None)


def icc(ratings: ArrayLike) -> Icc:
    """From a complete table subject × rater, by mean squares between subjects (b), within them (w),
    between raters (j) and left over (e), n subjects and k raters:

        1,1  (b − w)/(b + (k − 1)w)                        1,k  (b − w)/b
        2,1  (b − e)/(b + (k − 1)e + k(j − e)/n)           2,k  (b − e)/(b + (j − e)/n)
        3,1  (b − e)/(b + (k − 1)e)                        3,k  (b − e)/b

    Fewer than two subjects or raters have none."""
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2:
        return NOTHING
    n, k = table.shape
    mean = table.mean()
    subjects = k * float(((table.mean(axis=1) - mean) ** 2).sum())
    raters = n * float(((table.mean(axis=0) - mean) ** 2).sum())
    whole = float(((table - mean) ** 2).sum())
    b, j = subjects / (n - 1), raters / (k - 1)
    w = max(whole - subjects, 0.0) / (n * (k - 1))
    e = max(whole - subjects - raters, 0.0) / ((n - 1) * (k - 1))
    return Icc(
        _ratio(b - w, b + (k - 1) * w),
        _ratio(b - e, b + (k - 1) * e + k * (j - e) / n),
        _ratio(b - e, b + (k - 1) * e),
        _ratio(b - w, b),
        _ratio(b - e, b + (j - e) / n),
        _ratio(b - e, b),
    )


def _ratio(above: float, below: float) -> float | None:
    return above / below if below != 0 else None
