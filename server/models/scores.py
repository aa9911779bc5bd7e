"""Scores: one row per scored revision (the ledger), and exact integer sums over them (the cube).

All scores are integers: thousandths of a point on 0–100 (docs/scoring.md). A measure is a text,
"dimension:value"; `server.domain.cube` names them all.
"""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Id


class VisitScore(Table):
    """A revision's score: `measures` is {measure: thousandths}, `items` {item_key: thousandths},
    `tallies` {Tally: count}; the two are null of scores from before they were kept. `counted` says
    whether the cube's sums hold it; `month` is YYYY-MM of the visit in the store's time zone;
    `coverage` in thousandths. `week` is not kept: it is derived when shown. Of a visit in parts
    the row of the first part's revision is the visit's; `joined` are the later parts' revisions
    that are in it. Their own rows are never counted."""

    revision_id = Id(primary_key=True)
    report_id = Id(index=True)
    brand_id = Id(index=True)
    store_id = Id()
    shopper_id = Id()
    wave_id = Id()
    month = peewee.CharField(max_length=7)
    checklist_version_id = Id()
    method_version = peewee.TextField()
    measures = JsonField()
    coverage = peewee.IntegerField()
    critical_failed = JsonField()
    counted = peewee.BooleanField(default=False)
    computed_at = UtcField()
    items = JsonField(null=True)
    tallies = JsonField(null=True)
    joined = JsonField(null=True)

    class Meta:
        indexes = ((("brand_id", "store_id"), False),)


class ScoreSum(Table):
    """The sums of one store × shopper × wave × month × dimension: `sums` is {value: [n, Σy, Σy²]},
    y in thousandths; one value, "", where the dimension has no more."""

    brand_id = Id()
    store_id = Id()
    shopper_id = Id()
    wave_id = Id()
    month = peewee.CharField(max_length=7)
    dimension = peewee.CharField(max_length=180)
    sums = JsonField()

    class Meta:
        primary_key = peewee.CompositeKey(
            "brand_id", "dimension", "month", "store_id", "shopper_id", "wave_id"
        )
        indexes = ((("store_id", "dimension"), False),)


class CubeState(Table):
    """How often a brand's sums have changed, and how often they had when its ranking was last
    published: where `changes` is larger, a ranking is due. `changed_at` is of the first change
    that no published ranking holds."""

    brand_id = Id(primary_key=True)
    changes = peewee.BigIntegerField()
    published = peewee.BigIntegerField()
    changed_at = UtcField()
