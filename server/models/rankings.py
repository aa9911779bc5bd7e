"""Rankings as they were published or asked for, and the variances that they were made with."""

from datetime import datetime

import peewee

from server.clock import from_ms
from server.db import JsonField, Table, UtcField
from server.models.base import Id


class VarianceFit(Table):
    """The mixed model of a brand's measure, fitted to all its visits; the largest `number` holds.
    Points and points². `separable` and `exact` are as `server.domain.mixed_model.Fit` says."""

    brand_id = Id()
    measure = peewee.CharField(max_length=200)
    number = peewee.IntegerField()
    mu = peewee.DoubleField()
    store_variance = peewee.DoubleField()
    shopper_variance = peewee.DoubleField()
    error_variance = peewee.DoubleField()
    separable = peewee.BooleanField()
    exact = peewee.BooleanField()
    n_visits = peewee.IntegerField()
    n_stores = peewee.IntegerField()
    n_shoppers = peewee.IntegerField()
    changes = peewee.BigIntegerField()
    fitted_at = UtcField()
    seconds = peewee.DoubleField()

    class Meta:
        primary_key = peewee.CompositeKey("brand_id", "measure", "number")


class Ranking(Table):
    """A ranking of stores, never changed once it is here. `number` counts a brand's published ones
    from 1; null: made on demand, by other filters or for one who sees a part of the brand. `key`
    is a digest of filters and part; `changes` is `CubeState`'s when it was made. A part of an
    earlier published one names it in its head."""

    id = Id(primary_key=True)
    brand_id = Id()
    key = peewee.CharField(max_length=64)
    number = peewee.IntegerField(null=True)
    changes = peewee.BigIntegerField()
    computed_at = UtcField()
    seconds = peewee.DoubleField()
    head = JsonField()

    class Meta:
        indexes = (
            (("brand_id", "key", "computed_at"), False),
            (("brand_id", "number"), True),
        )

    @property
    def made_at(self) -> datetime:
        """When what it says was computed: of a part, when the published one was."""
        published = self.head.get("published")
        return from_ms(published["computed_at"]) if published else self.computed_at


class RankedStore(Table):
    """A store's place in a ranking, from 1: `figures` is all that is said of it, the columns
    repeat what rankings are sorted and grouped by. `kept` (of published ones) is what it takes to
    rank some of the stores among themselves later, and to tell readers below the brand no more than
    they may know (`server.services.excerpts`); it is never answered."""

    ranking_id = Id()
    position = peewee.IntegerField()
    store_id = Id()
    code = peewee.TextField()
    name = peewee.TextField()
    region_id = Id(null=True)
    format = peewee.TextField(null=True)
    ownership = peewee.TextField()
    n_visits = peewee.IntegerField()
    raw_mean = peewee.DoubleField()
    adjusted_mean = peewee.DoubleField()
    delta = peewee.DoubleField(null=True)
    figures = JsonField()
    kept = JsonField(null=True)

    class Meta:
        primary_key = peewee.CompositeKey("ranking_id", "position")
        indexes = ((("ranking_id", "store_id"), True),)
