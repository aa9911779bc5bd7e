"""Shares with intervals that hold for few answers: Wilson's, and the net promoter score."""

from dataclasses import dataclass

from server.domain.estimates import Z95


@dataclass(frozen=True, slots=True)
class Share:
    """A share or a score, and the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(passed: float, n: float, z: float = Z95) -> Share | None:
    """p = passed/n, with (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) ÷ (1 + z²/n), within 0–1 (Wilson
    1927, JASA 22:209; Brown, Cai and DasGupta 2001, Stat. Sci. 16:101). None of n = 0."""
    if n <= 0:
        return None
    p = passed / n
    centre = p + z**2 / (2 * n)
    reach = z * (p * (1 - p) / n + (z / (2 * n)) ** 2) ** 0.5
    whole = 1 + z**2 / n
    low = 0.0 if passed <= 0 else max((centre - reach) / whole, 0.0)
    high = 1.0 if passed >= n else min((centre + reach) / whole, 1.0)
    return Share(p, low, high)


def nps(promoters: int, passives: int, detractors: int, z: float = Z95) -> Share | None:
    """100·(promoters − detractors)/n, from −100 to 100, with the adjusted Wald interval: three
    answers more, ¾ of them promoters and ¾ detractors, p and d their shares of n + 3,

        100·(p − d ± z·√((p + d − (p − d)²)/(n + 3)))

    (Rocks 2016, “Interval estimation for the Net Promoter Score”, Am. Stat. 70:365). None of
    no answers."""
    n = promoters + passives + detractors
    if n <= 0:
        return None
    p, d = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    reach = z * ((p + d - (p - d) ** 2) / (n + 3)) ** 0.5
    low, high = max(p - d - reach, -1.0), min(p - d + reach, 1.0)
    return Share(100 * (promoters - detractors) / n, 100 * low, 100 * high)
