"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    class Mention(Model):
        id = CharField(primary_key=True, max_length=160)
        brand_id = CharField(max_length=160)
        source = CharField(max_length=32)
        reference = CharField(max_length=160)
        store_id = CharField(max_length=160)
        month = CharField(max_length=7)
        rating = DoubleField(null=True)
        text = TextField(null=True)
        imported_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "mention"
            legacy_table_names = False
            indexes = (
                (("brand_id", "source", "reference"), True),
                (("brand_id", "store_id"), False),
            )

    db.create_tables([Mention])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("mention"))
