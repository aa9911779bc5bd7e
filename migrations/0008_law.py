"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.add_column("brand", "times_shown", TextField(default="month")))

    class Erasure(Model):
        id = CharField(max_length=160, primary_key=True)
        brand_id = CharField(index=True, max_length=160)
        membership_id = CharField(max_length=160)
        account_id = CharField(max_length=160, null=True)
        pseudonym = CharField(max_length=160, null=True)
        requested_by = CharField(max_length=160)
        requested_at = BigIntegerField()
        done_at = BigIntegerField(null=True)
        counts = TextField(null=True)

        class Meta:
            database = db
            table_name = "erasure"

    class RetentionRule(Model):
        brand_id = CharField(max_length=160)
        kind = CharField(max_length=20)
        days = IntegerField()
        applied_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "retention_rule"
            primary_key = CompositeKey("brand_id", "kind")

    class Removal(Model):
        id = CharField(max_length=160, primary_key=True)
        brand_id = CharField(index=True, max_length=160)
        kind = TextField()
        days = IntegerField()
        before = BigIntegerField()
        count = IntegerField()
        removed_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "removal"

    db.create_tables([Erasure, RetentionRule, Removal])
    migrator.migrate(migrator.add_column("report", "words_gone_at", BigIntegerField(null=True)))
    migrator.migrate(migrator.add_column("report", "moments_gone_at", BigIntegerField(null=True)))
    migrator.migrate(migrator.add_column("picture", "claims_gone", BooleanField(default=False)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("picture", "claims_gone"))
    migrator.migrate(migrator.drop_column("report", "moments_gone_at"))
    migrator.migrate(migrator.drop_column("report", "words_gone_at"))
    for table in ("removal", "retention_rule", "erasure"):
        db.execute_sql(f"DROP TABLE {table}")
    migrator.migrate(migrator.drop_column("brand", "times_shown"))
