"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    class Persona(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        name = TextField()
        behaviour = TextField(null=True)
        functional_needs = TextField(null=True)
        relational_needs = TextField(null=True)
        ambitions = TextField(null=True)
        history = TextField(null=True)
        technology = TextField(null=True)
        paths = TextField(null=True)
        translations = TextField(default=dict)
        traits = TextField(default=dict)

        class Meta:
            database = db
            table_name = "persona"
            legacy_table_names = False

    db.create_tables([Persona])

    class ShopperTraits(Model):
        brand_id = CharField(max_length=160)
        account_id = CharField(index=True, max_length=160)
        traits = TextField()
        said_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "shopper_traits"
            legacy_table_names = False
            primary_key = CompositeKey("brand_id", "account_id")

    db.create_tables([ShopperTraits])

    migrator.migrate(
        migrator.add_column("assignment", "persona_id", CharField(null=True, max_length=160))
    )
    migrator.migrate(migrator.add_column("touchpoint", "weight", DoubleField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("touchpoint", "weight"))
    migrator.migrate(migrator.drop_column("assignment", "persona_id"))
    migrator.migrate(migrator.drop_table("shopper_traits"))
    migrator.migrate(migrator.drop_table("persona"))
