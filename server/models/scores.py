"""Scores: one row per scored revision (the ledger), and exact integer sums over them (the cube).

All scores are integers: thousandths of a point on 0–100 (docs/scoring.md). A measure is a text:
"visit", "section:KEY", "promise:ID", "stage:NAME", "touchpoint:ID".
"""

import peewee

from server.db import JsonField, Table, UtcField
from server.models.base import Id


class VisitScore(Table):
    """A revision's score: `measures` is {measure: thousandths}. `counted` says whether the cube's
    sums hold it; `month` is YYYY-MM of the visit in the store's time zone; `coverage` in
    thousandths. `week` is not kept: it is derived when shown."""

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


class ScoreSum(Table):
    """n, Σy and Σy² of one store × shopper × wave × month × measure, y in thousandths."""

    brand_id = Id()
    store_id = Id()
    shopper_id = Id()
    wave_id = Id()
    month = peewee.CharField(max_length=7)
    measure = peewee.CharField(max_length=200)
    n = peewee.BigIntegerField()
    total = peewee.BigIntegerField()
    total_squares = peewee.BigIntegerField()

    class Meta:
        primary_key = peewee.CompositeKey(
            "brand_id", "measure", "month", "store_id", "shopper_id", "wave_id"
        )
