"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    class AuditEntry(Model):
        id = CharField(max_length=160, primary_key=True)
        brand_id = CharField(index=True, max_length=160)
        at = BigIntegerField()
        actor = CharField(max_length=160)
        operation = TextField()
        things = TextField()
        request_id = CharField(max_length=64)

        class Meta:
            database = db
            table_name = "audit_entry"
            legacy_table_names = False

    class Consent(Model):
        id = CharField(max_length=160, primary_key=True)
        brand_id = CharField(index=True, max_length=160)
        account_id = CharField(index=True, max_length=160)
        kind = TextField()
        document_version = TextField()
        agreed = BooleanField()
        at = BigIntegerField()

        class Meta:
            database = db
            table_name = "consent"

    class Disclosure(Model):
        id = CharField(max_length=160, primary_key=True)
        brand_id = CharField(index=True, max_length=160)
        store_id = CharField(max_length=160, null=True)
        told_on = CharField(max_length=10)
        objective = TextField()
        legal_basis = TextField()
        recorded_by = CharField(max_length=160)
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "disclosure"

    class Edition(Model):
        id = CharField(max_length=160, primary_key=True)
        revision_id = CharField(index=True, max_length=160)
        number = IntegerField()
        item_key = CharField(max_length=160, null=True)
        field = TextField()
        text = TextField()
        by = CharField(max_length=160)
        at = BigIntegerField()

        class Meta:
            database = db
            table_name = "edition"

    class StaffMember(Model):
        id = CharField(max_length=160, primary_key=True)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        store_id = CharField(index=True, max_length=160)
        role = TextField()
        name = TextField()

        class Meta:
            database = db
            table_name = "staff_member"
            legacy_table_names = False

    db.create_tables([AuditEntry, Consent, Disclosure, Edition, StaffMember])


def down(migrator, db):
    for table in ("staff_member", "edition", "disclosure", "consent", "audit_entry"):
        db.execute_sql(f"DROP TABLE {table}")
