"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    class Picture(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(max_length=160)
        sha256 = CharField(max_length=64)
        shared_id = CharField(unique=True, max_length=32)
        facts = TextField()
        twins = TextField()
        marks = TextField()
        marked_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "picture"
            legacy_table_names = False
            indexes = ((("brand_id", "sha256"), False),)

    db.create_tables([Picture])

    class PictureBand(Model):
        brand_id = CharField(max_length=160)
        band = IntegerField()
        photo_id = CharField(max_length=160)

        class Meta:
            database = db
            table_name = "picture_band"
            legacy_table_names = False
            primary_key = CompositeKey("brand_id", "band", "photo_id")

    db.create_tables([PictureBand])

    class Rendering(Model):
        photo_id = CharField(max_length=160)
        version = CharField(max_length=16)
        object_key = CharField(index=True, max_length=500)
        bytes = BigIntegerField()
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "rendering"
            legacy_table_names = False
            primary_key = CompositeKey("photo_id", "version")

    db.create_tables([Rendering])

    migrator.migrate(migrator.add_column("photo", "developed_at", BigIntegerField(null=True)))

    # Photos that are here already are developed like new ones.
    db.execute_sql(
        "INSERT INTO event (kind, subject_id, brand_id, created_at, due_at, attempts) "
        "SELECT 'picture.undeveloped', id, brand_id, updated_at, updated_at, 0 FROM photo "
        "WHERE state = 'stored' AND deleted_at IS NULL"
    )


def down(migrator, db):
    migrator.migrate(migrator.drop_column("photo", "developed_at"))
    migrator.migrate(migrator.drop_table("rendering"))
    migrator.migrate(migrator.drop_table("picture_band"))
    migrator.migrate(migrator.drop_table("picture"))
