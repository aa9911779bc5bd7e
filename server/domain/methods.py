"""The versions of the ranking's method: figures name theirs, and never change it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """What a version of the method does, in its order."""

    version: str
    title: str
    steps: tuple[str, ...]


METHODS = {
    method.version: method
    for method in (
        Method(
            "1",
            "Raw means",
            (
                "raw_mean = Σy ÷ n of the store's visits",
                "se = √(s² ÷ n), by the spread of the store's own visits",
                "rank = 1 + the number of stores with a larger mean",
            ),
        ),
        Method(
            "2",
            "Shrunk means without shoppers' severity, with rank intervals",
            (
                "y = μ + store + shopper + error; variances by REML over all visits, refitted by "
                "a job",
                "a visit weighs w = 2^(−age ÷ half_life_months); n_eff = (Σw)² ÷ Σw²",
                "adjusted_mean: best linear unbiased prediction (Henderson 1975), so shrunk "
                "towards μ by λ = σ²store ÷ (σ²store + σ²error ÷ n_eff) and freed of severity",
                "se: its prediction error, severity's own uncertainty included; "
                "interval95 = adjusted_mean ± 1.96·se",
                "expected_rank = 1 + Σ Φ((mⱼ − mᵢ) ÷ √(vᵢ + vⱼ)); rank orders by it",
                "rank_interval90, p_top_quartile, p_bottom_quartile: from the rank's distribution "
                "(Poisson-binomial)",
                "rank_set95: Mogstad, Romano, Shaikh and Wilhelm (2024), from unshrunk means",
                "tier: top or bottom from a probability of 0.8 on; provisional while n_eff < 3",
                "change: z = δ ÷ √(v₁ + v₂), q by Benjamini and Hochberg (1995)",
            ),
        ),
        Method(
            "3",
            "Shrunk means without shoppers' severity, with rank intervals; guarded where few visit",
            (
                "y = μ + store + shopper + error; variances by REML over all visits, refitted by "
                "a job",
                "a visit weighs w = 2^(−age ÷ half_life_months); n_eff = (Σw)² ÷ Σw²",
                "adjusted_mean: best linear unbiased prediction (Henderson 1975), so shrunk "
                "towards μ by λ = σ²store ÷ (σ²store + σ²error ÷ n_eff) and freed of severity",
                "se: its prediction error, severity's own uncertainty included; "
                "interval95 = adjusted_mean ± 1.96·se",
                "where σ²store is 0, se and interval95 are those of the store's own visits; where "
                "all visits are equal there are none",
                "few_shoppers: fewer than three, or one with more than two thirds of the weight; "
                "below the brand the mean of such a store, and of any by chosen visits, is then "
                "μ + λ·(its mean as it is − μ), λ = "
                "σ²store ÷ (σ²store + σ²shopper·Σp² + σ²error ÷ n_eff)",
                "expected_rank = 1 + Σ Φ((mⱼ − mᵢ) ÷ √(vᵢ + vⱼ)); rank orders by it",
                "rank_interval90, p_top_quartile, p_bottom_quartile: from the rank's distribution "
                "(Poisson-binomial)",
                "rank_set95 (two-sided) and rank_bounds95 (one-sided): Mogstad, Romano, Shaikh and "
                "Wilhelm (2024), from unshrunk means",
                "tier: top or bottom from a probability of 0.8 on; provisional while n_eff < 3",
                "change: z = δ ÷ √(v₁ + v₂), q by Benjamini and Hochberg (1995)",
            ),
        ),
    )
}
