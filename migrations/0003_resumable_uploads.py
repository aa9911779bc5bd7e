"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    class Upload(Model):
        id = CharField(primary_key=True, max_length=160)
        photo_id = CharField(max_length=160)
        shopper_id = CharField(max_length=160)
        sha256 = CharField(max_length=64)
        length = BigIntegerField()
        metadata = TextField()
        writer = CharField(null=True, max_length=40)
        writer_until = BigIntegerField(null=True)
        created_at = BigIntegerField()
        expires_at = BigIntegerField(index=True)
        finished_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "upload"
            legacy_table_names = False
            indexes = ((("shopper_id", "photo_id"), True),)

    db.create_tables([Upload])

    class UploadRange(Model):
        id = CharField(primary_key=True, max_length=160)
        upload_id = CharField(index=True, max_length=160)
        start = BigIntegerField()
        bytes = BigIntegerField()
        object_key = CharField(max_length=500)
        state = CharField(index=True, max_length=10)
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "upload_range"
            legacy_table_names = False

    db.create_tables([UploadRange])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("upload_range"))
    migrator.migrate(migrator.drop_table("upload"))
