"""Frozen: a later change of the tables is a later migration.

The sums follow from the ledger: the old ones go, and `promessa scores rebuild` makes the new.
"""

from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.drop_table("score_sum"))

    class ScoreSum(Model):
        brand_id = CharField(max_length=160)
        store_id = CharField(max_length=160)
        shopper_id = CharField(max_length=160)
        wave_id = CharField(max_length=160)
        month = CharField(max_length=7)
        dimension = CharField(max_length=180)
        sums = TextField()

        class Meta:
            database = db
            table_name = "score_sum"
            legacy_table_names = False
            primary_key = CompositeKey(
                "brand_id", "dimension", "month", "store_id", "shopper_id", "wave_id"
            )
            indexes = ((("store_id", "dimension"), False),)

    class CubeState(Model):
        brand_id = CharField(primary_key=True, max_length=160)
        changes = BigIntegerField()
        published = BigIntegerField()
        changed_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "cube_state"
            legacy_table_names = False

    db.create_tables([ScoreSum, CubeState])
    migrator.migrate(
        migrator.add_column("visit_score", "items", TextField(null=True)),
        migrator.add_column("visit_score", "tallies", TextField(null=True)),
    )
    db.execute_sql(
        'CREATE INDEX "visit_score_brand_id_store_id" ON "visit_score" ("brand_id", "store_id")'
    )


def down(migrator, db):
    db.execute_sql('DROP INDEX "visit_score_brand_id_store_id"')
    migrator.migrate(
        migrator.drop_column("visit_score", "tallies"),
        migrator.drop_column("visit_score", "items"),
    )
    migrator.migrate(migrator.drop_table("cube_state"))
    migrator.migrate(migrator.drop_table("score_sum"))

    class ScoreSum(Model):
        brand_id = CharField(max_length=160)
        store_id = CharField(max_length=160)
        shopper_id = CharField(max_length=160)
        wave_id = CharField(max_length=160)
        month = CharField(max_length=7)
        measure = CharField(max_length=200)
        n = BigIntegerField()
        total = BigIntegerField()
        total_squares = BigIntegerField()

        class Meta:
            database = db
            table_name = "score_sum"
            legacy_table_names = False
            primary_key = CompositeKey(
                "brand_id", "measure", "month", "store_id", "shopper_id", "wave_id"
            )

    db.create_tables([ScoreSum])
