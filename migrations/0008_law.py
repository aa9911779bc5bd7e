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

    db.create_tables([Erasure])


def down(migrator, db):
    db.execute_sql("DROP TABLE erasure")
    migrator.migrate(migrator.drop_column("brand", "times_shown"))
