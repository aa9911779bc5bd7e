"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    class Kpi(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        name = TextField()
        measure = CharField(max_length=200)
        target = DoubleField()
        bands = TextField()

        class Meta:
            database = db
            table_name = "kpi"
            legacy_table_names = False

    db.create_tables([Kpi])

    class KpiVersion(Model):
        kpi_id = CharField(max_length=160)
        version = IntegerField()
        name = TextField()
        measure = CharField(max_length=200)
        target = DoubleField()
        bands = TextField()
        since = BigIntegerField()

        class Meta:
            database = db
            table_name = "kpi_version"
            legacy_table_names = False
            primary_key = CompositeKey("kpi_id", "version")

    db.create_tables([KpiVersion])

    class Outcome(Model):
        brand_id = CharField(max_length=160)
        kind = CharField(max_length=32)
        month = CharField(max_length=7)
        store_id = CharField(max_length=160)
        value = DoubleField()
        imported_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "outcome"
            legacy_table_names = False
            primary_key = CompositeKey("brand_id", "kind", "month", "store_id")

    db.create_tables([Outcome])

    class RankedStore(Model):
        ranking_id = CharField(max_length=160)
        position = IntegerField()
        store_id = CharField(max_length=160)
        code = TextField()
        name = TextField()
        region_id = CharField(null=True, max_length=160)
        format = TextField(null=True)
        ownership = TextField()
        n_visits = IntegerField()
        raw_mean = DoubleField()
        adjusted_mean = DoubleField()
        delta = DoubleField(null=True)
        figures = TextField()

        class Meta:
            database = db
            table_name = "ranked_store"
            legacy_table_names = False
            primary_key = CompositeKey("ranking_id", "position")
            indexes = ((("ranking_id", "store_id"), True),)

    db.create_tables([RankedStore])

    class Ranking(Model):
        id = CharField(primary_key=True, max_length=160)
        brand_id = CharField(max_length=160)
        key = CharField(max_length=64)
        number = IntegerField(null=True)
        changes = BigIntegerField()
        computed_at = BigIntegerField()
        seconds = DoubleField()
        head = TextField()

        class Meta:
            database = db
            table_name = "ranking"
            legacy_table_names = False
            indexes = ((("brand_id", "key", "computed_at"), False), (("brand_id", "number"), True))

    db.create_tables([Ranking])

    class VarianceFit(Model):
        brand_id = CharField(max_length=160)
        measure = CharField(max_length=200)
        number = IntegerField()
        mu = DoubleField()
        store_variance = DoubleField()
        shopper_variance = DoubleField()
        error_variance = DoubleField()
        separable = BooleanField()
        exact = BooleanField()
        n_visits = IntegerField()
        n_stores = IntegerField()
        n_shoppers = IntegerField()
        changes = BigIntegerField()
        fitted_at = BigIntegerField()
        seconds = DoubleField()

        class Meta:
            database = db
            table_name = "variance_fit"
            legacy_table_names = False
            primary_key = CompositeKey("brand_id", "measure", "number")

    db.create_tables([VarianceFit])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("variance_fit"))
    migrator.migrate(migrator.drop_table("ranking"))
    migrator.migrate(migrator.drop_table("ranked_store"))
    migrator.migrate(migrator.drop_table("outcome"))
    migrator.migrate(migrator.drop_table("kpi_version"))
    migrator.migrate(migrator.drop_table("kpi"))
