"""What the words of exports mean, for readers who have no documentation at hand."""

COLUMNS = {
    "rank": "Place by expected rank; equals share one. Empty: the visits show no difference "
    "between the stores, or there is one store alone.",
    "of": "How many stores are ranked; 0 where nobody is.",
    "n_visits": "Visits that count.",
    "n_eff": "Visits weighted by their age: what they are worth in fresh visits.",
    "n_shoppers": "How many shoppers made the visits.",
    "few_shoppers": "Fewer than three shoppers visited, or one of them made most of the visits. To "
    "managers of stores and regions the means are then given from the store's own visits as they "
    "are, with wider intervals, since the difference would tell of one person; and so by a period, "
    "a wave or a measure of all stores.",
    "raw_mean": "Mean of the visits as they are, in points from 0 to 100.",
    "adjusted_mean": "Shrunk towards the mean of all stores, and freed of its shoppers' severity. "
    "Compare stores by this one.",
    "se": "Standard error of adjusted_mean.",
    "interval95": "The store's true level lies between its two ends with 95 %.",
    "reliability": "Share of the store's distance from the mean that is kept; the rest is chance.",
    "expected_rank": "Mean of the ranks that the store may have.",
    "rank_interval90": "The store's true rank lies between its two ends with 90 %.",
    "rank_set95": "Ranks that the visits alone, without shrinkage, do not exclude.",
    "rank_bounds95": "The true rank is no better than the first with 95 %, and no worse than the "
    "second with 95 %; each holds for itself.",
    "p_top_quartile": "Probability to be among the best quarter of the stores.",
    "p_bottom_quartile": "Probability to be among the last quarter of the stores.",
    "tier": "Top or bottom from a probability of 0.8 on, else undetermined.",
    "provisional": "Fewer than three effective visits: do not act on it yet.",
    "comparable_block": "Stores of different blocks share no chain of shoppers: between them a "
    "good store cannot be told from a lenient shopper. Empty: not told, or of no use.",
    "weakest_touchpoint": "The touchpoint with the lowest mean.",
    "critical_count": "Critical items that failed.",
    "glue_rate": "Share of visits with an unexpected extra, drawn towards that of all stores.",
    "change": "From the period before: points (delta), in standard errors (z), its false-discovery "
    "rate (q), and whether q is at most 0.05 (significant).",
    "peer_group": "Format and ownership.",
    "score, target, gap": "Of a promise: the score is adjusted as the mean is; gap = score − "
    "target.",
    "given": "Of a promise that depends on others (control follows from certainty): the same in "
    "the visits that kept those: n, of so many whose checklist had the dependency. Where it is "
    "high and the score is low, mend what it depends on.",
    "reach": "How far the interval reaches below and above the adjusted mean, for the chart.",
    "method_version": "The version of the method; another may give other figures.",
    "weights_version": "The checklist versions that the visits were scored by.",
    "computed_at": "When the figures were computed, not when anybody visited.",
}
"""By column; what has two ends or parts is named once."""

READING = (
    "A rank is an estimate. Where the intervals of two stores overlap widely, their order is not "
    "settled, and the next visits may turn it round.",
    "The fewer the visits, the wider the interval and the closer the adjusted mean to the mean of "
    "all: a store is believed as far as its visits bear it out.",
    "Act on a tier (top, bottom), on a change that is significant, or on an interval that lies "
    "wholly below a target. Do not act on a single place up or down.",
)
"""How to read what is unsure."""
