"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    class Claim(Model):
        revision_id = CharField(primary_key=True, max_length=160)
        brand_id = CharField(index=True, max_length=160)
        reviewer_id = CharField(max_length=160)
        claimed_at = BigIntegerField()
        until = BigIntegerField()

        class Meta:
            database = db
            table_name = "claim"
            legacy_table_names = False

    db.create_tables([Claim])

    class Inspection(Model):
        revision_id = CharField(primary_key=True, max_length=160)
        brand_id = CharField(index=True, max_length=160)
        checklist_version_id = CharField(max_length=160)
        seconds = DoubleField(null=True)
        flag_count = IntegerField()
        whole = BooleanField()
        inspected_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "inspection"
            legacy_table_names = False
            indexes = ((("checklist_version_id", "inspected_at"), False),)

    db.create_tables([Inspection])

    class Message(Model):
        id = CharField(primary_key=True, max_length=160)
        arrival = CharField(unique=True, max_length=160)
        brand_id = CharField(index=True, max_length=160)
        report_id = CharField(index=True, max_length=160)
        shopper_id = CharField(index=True, max_length=160)
        author = TextField()
        author_id = CharField(max_length=160)
        text = TextField()
        sent_at = BigIntegerField(null=True)
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "message"
            legacy_table_names = False

    db.create_tables([Message])

    class Rating(Model):
        revision_id = CharField(primary_key=True, max_length=160)
        brand_id = CharField(max_length=160)
        report_id = CharField(index=True, max_length=160)
        shopper_id = CharField(index=True, max_length=160)
        rating = IntegerField()
        message = TextField(null=True)
        rated_by = CharField(max_length=160)
        rated_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "rating"
            legacy_table_names = False
            indexes = ((("brand_id", "shopper_id"), False),)

    db.create_tables([Rating])

    class ReportFlag(Model):
        revision_id = CharField(max_length=160)
        position = IntegerField()
        brand_id = CharField(max_length=160)
        code = CharField(max_length=40)
        message = TextField()
        item_keys = TextField()
        evidence = TextField()

        class Meta:
            database = db
            table_name = "report_flag"
            legacy_table_names = False
            primary_key = CompositeKey("revision_id", "position")
            indexes = ((("brand_id", "code"), False),)

    db.create_tables([ReportFlag])

    class TextPrint(Model):
        brand_id = CharField(max_length=160)
        print = BigIntegerField()
        report_id = CharField(index=True, max_length=160)
        revision_id = CharField(max_length=160)

        class Meta:
            database = db
            table_name = "text_print"
            legacy_table_names = False
            primary_key = CompositeKey("brand_id", "print", "report_id")

    db.create_tables([TextPrint])

    migrator.migrate(
        migrator.add_column(
            "audit_entry", "report_id", CharField(index=True, null=True, max_length=160)
        )
    )
    migrator.migrate(migrator.add_column("brand", "approval_rule", TextField(null=True)))
    migrator.migrate(
        migrator.add_column("checklist_version", "closing_at", BigIntegerField(null=True))
    )
    migrator.migrate(migrator.add_column("review", "overdue_at", BigIntegerField(null=True)))
    migrator.migrate(migrator.add_index("review", ("due_at",)))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("review", "review_due_at"))
    migrator.migrate(migrator.drop_index("audit_entry", "audit_entry_report_id"))
    migrator.migrate(migrator.drop_column("review", "overdue_at"))
    migrator.migrate(migrator.drop_column("checklist_version", "closing_at"))
    migrator.migrate(migrator.drop_column("brand", "approval_rule"))
    migrator.migrate(migrator.drop_column("audit_entry", "report_id"))
    migrator.migrate(migrator.drop_table("text_print"))
    migrator.migrate(migrator.drop_table("report_flag"))
    migrator.migrate(migrator.drop_table("rating"))
    migrator.migrate(migrator.drop_table("message"))
    migrator.migrate(migrator.drop_table("inspection"))
    migrator.migrate(migrator.drop_table("claim"))
