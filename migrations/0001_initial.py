"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    class Account(Model):
        id = CharField(primary_key=True, max_length=160)
        email = CharField(unique=True, max_length=254)
        name = TextField()
        password_hash = TextField()
        locale = TextField(default="en")
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "account"
            legacy_table_names = False

    db.create_tables([Account])

    class Assignment(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        wave_id = CharField(index=True, max_length=160)
        store_id = CharField(index=True, max_length=160)
        shopper_id = CharField(index=True, max_length=160)
        checklist_version_id = CharField(max_length=160)
        attempt = IntegerField(default=1)
        part_of = CharField(null=True, max_length=160)
        status = TextField()
        scenario = TextField(null=True)
        opens_at = BigIntegerField()
        closes_at = BigIntegerField()
        fee = IntegerField(null=True)
        currency = TextField(null=True)
        closed_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "assignment"
            legacy_table_names = False
            indexes = ((("status", "closes_at"), False),)

    db.create_tables([Assignment])

    class AssignmentResponse(Model):
        id = CharField(primary_key=True, max_length=160)
        shopper_id = CharField(index=True, max_length=160)
        response = TextField(null=True)
        reason = TextField(null=True)
        responded_at = BigIntegerField(null=True)
        updated_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "assignment_response"
            legacy_table_names = False

    db.create_tables([AssignmentResponse])

    class Blob(Model):
        object_key = CharField(primary_key=True, max_length=500)
        sha256 = CharField(max_length=64)
        bytes = BigIntegerField()
        created_at = BigIntegerField(index=True)
        collecting_since = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "blob"
            legacy_table_names = False

    db.create_tables([Blob])

    class Brand(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        name = TextField()
        locales = TextField()
        auto_approve = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "brand"
            legacy_table_names = False

    db.create_tables([Brand])

    class Checklist(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        title = TextField()
        draft = TextField()
        published_number = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "checklist"
            legacy_table_names = False

    db.create_tables([Checklist])

    class ChecklistVersion(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        checklist_id = CharField(index=True, max_length=160)
        number = IntegerField()
        title = TextField()
        locales = TextField()
        document = TextField()
        published_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "checklist_version"
            legacy_table_names = False
            indexes = ((("checklist_id", "number"), True),)

    db.create_tables([ChecklistVersion])

    class Client(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        name = TextField()
        secret_hash = TextField()
        revoked_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "client"
            legacy_table_names = False

    db.create_tables([Client])

    class Device(Model):
        account_id = CharField(max_length=160)
        device_id = CharField(max_length=160)
        name = TextField()
        created_at = BigIntegerField()
        seen_at = BigIntegerField()
        revoked_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "device"
            legacy_table_names = False
            primary_key = CompositeKey("account_id", "device_id")

    db.create_tables([Device])

    class Event(Model):
        id = BigAutoField()
        kind = CharField(max_length=60)
        subject_id = CharField(max_length=160)
        brand_id = CharField(null=True, max_length=160)
        detail = TextField(null=True)
        created_at = BigIntegerField()
        due_at = BigIntegerField()
        attempts = IntegerField(default=0)
        error = TextField(null=True)
        done_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "event"
            legacy_table_names = False

    db.create_tables([Event])

    class Membership(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        account_id = CharField(index=True, max_length=160)
        role = TextField()
        region_id = CharField(null=True, max_length=160)
        store_id = CharField(null=True, max_length=160)
        suspended = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "membership"
            legacy_table_names = False
            indexes = ((("brand_id", "account_id", "role"), True),)

    db.create_tables([Membership])

    class Notice(Model):
        id = CharField(primary_key=True, max_length=160)
        shopper_id = CharField(index=True, max_length=160)
        record = TextField()
        code = TextField()
        message = TextField()
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "notice"
            legacy_table_names = False

    db.create_tables([Notice])

    class Photo(Model):
        id = CharField(primary_key=True, max_length=160)
        brand_id = CharField(index=True, max_length=160)
        shopper_id = CharField(index=True, max_length=160)
        report_id = CharField(index=True, max_length=160)
        item_key = CharField(null=True, max_length=160)
        sha256 = CharField(null=True, max_length=64)
        bytes = BigIntegerField(null=True)
        content_type = TextField(null=True)
        taken_at = BigIntegerField(null=True)
        latitude = DoubleField(null=True)
        longitude = DoubleField(null=True)
        state = TextField()
        reason = TextField(null=True)
        frozen_revision = IntegerField(null=True)
        deleted_at = BigIntegerField(null=True)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "photo"
            legacy_table_names = False

    db.create_tables([Photo])

    class PhotoContent(Model):
        photo_id = CharField(primary_key=True, max_length=160)
        shopper_id = CharField(index=True, max_length=160)
        sha256 = CharField(max_length=64)
        bytes = BigIntegerField()
        content_type = TextField(null=True)
        object_key = CharField(index=True, max_length=500)
        waiting = BooleanField(default=True)
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "photo_content"
            legacy_table_names = False

    db.create_tables([PhotoContent])

    class Promise(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        kind = TextField()
        adjective = TextField()
        statement = TextField()
        target = FloatField()
        weight = FloatField()

        class Meta:
            database = db
            table_name = "promise"
            legacy_table_names = False

    db.create_tables([Promise])

    class RefreshToken(Model):
        hash = CharField(primary_key=True, max_length=160)
        family_id = CharField(index=True, max_length=160)
        account_id = CharField(index=True, max_length=160)
        device_id = CharField(max_length=160)
        created_at = BigIntegerField()
        expires_at = BigIntegerField()
        used_at = BigIntegerField(null=True)
        revoked_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "refresh_token"
            legacy_table_names = False

    db.create_tables([RefreshToken])

    class Region(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        name = TextField()
        code = TextField(null=True)
        parent_id = CharField(null=True, max_length=160)
        path = CharField(index=True, max_length=2000)

        class Meta:
            database = db
            table_name = "region"
            legacy_table_names = False
            indexes = ((("brand_id", "code"), True),)

    db.create_tables([Region])

    class Report(Model):
        id = CharField(primary_key=True, max_length=160)
        brand_id = CharField(index=True, max_length=160)
        assignment_id = CharField(index=True, max_length=160)
        store_id = CharField(index=True, max_length=160)
        shopper_id = CharField(index=True, max_length=160)
        attempt = IntegerField()
        checklist_version_id = CharField(max_length=160)
        document = TextField()
        revision = IntegerField(default=0)
        locked_revision = IntegerField(null=True)
        submitted_at = BigIntegerField(null=True)
        late = BooleanField(default=False)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "report"
            legacy_table_names = False

    db.create_tables([Report])

    class Review(Model):
        id = CharField(primary_key=True, max_length=160)
        report_id = CharField(index=True, max_length=160)
        revision = IntegerField()
        shopper_id = CharField(index=True, max_length=160)
        reviewer_id = CharField(null=True, max_length=160)
        outcome = TextField()
        message = TextField(null=True)
        items = TextField()
        due_at = BigIntegerField(null=True)
        created_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "review"
            legacy_table_names = False

    db.create_tables([Review])

    class Revision(Model):
        id = CharField(primary_key=True, max_length=160)
        report_id = CharField(index=True, max_length=160)
        brand_id = CharField(index=True, max_length=160)
        number = IntegerField()
        status = TextField()
        document = TextField()
        missing = TextField()
        late = BooleanField(default=False)
        frozen_at = BigIntegerField()
        decided_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "revision"
            legacy_table_names = False
            indexes = ((("report_id", "number"), True), (("brand_id", "status"), False))

    db.create_tables([Revision])

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

    class Store(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        code = CharField(max_length=64)
        name = TextField()
        region_id = CharField(index=True, null=True, max_length=160)
        address = TextField(null=True)
        city = TextField(null=True)
        postal_code = TextField(null=True)
        country = TextField(null=True)
        latitude = DoubleField(null=True)
        longitude = DoubleField(null=True)
        timezone = TextField(null=True)
        format = TextField(null=True)
        ownership = TextField(default="direct")

        class Meta:
            database = db
            table_name = "store"
            legacy_table_names = False
            indexes = ((("brand_id", "code"), True),)

    db.create_tables([Store])

    class SyncChange(Model):
        shopper_id = CharField(max_length=160)
        table = CharField(max_length=40)
        row_id = CharField(max_length=160)
        seq = BigIntegerField()
        deleted = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "sync_change"
            legacy_table_names = False
            primary_key = CompositeKey("shopper_id", "table", "row_id")
            indexes = ((("shopper_id", "seq"), False), (("table", "row_id"), False))

    db.create_tables([SyncChange])

    class SyncFeed(Model):
        shopper_id = CharField(primary_key=True, max_length=160)
        epoch = IntegerField(default=1)
        seq = BigIntegerField(default=0)

        class Meta:
            database = db
            table_name = "sync_feed"
            legacy_table_names = False

    db.create_tables([SyncFeed])

    class Touchpoint(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        name = TextField()
        stage = TextField()
        channel = TextField()
        strategic = BooleanField(default=False)
        owner_unit = TextField(null=True)

        class Meta:
            database = db
            table_name = "touchpoint"
            legacy_table_names = False

    db.create_tables([Touchpoint])

    class TouchpointProposal(Model):
        id = CharField(primary_key=True, max_length=160)
        shopper_id = CharField(index=True, max_length=160)
        assignment_id = CharField(max_length=160)
        brand_id = CharField(index=True, max_length=160)
        title = TextField(null=True)
        description = TextField(null=True)
        stage = TextField(null=True)
        channel = TextField(null=True)
        proposed_at = BigIntegerField(null=True)
        updated_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "touchpoint_proposal"
            legacy_table_names = False

    db.create_tables([TouchpointProposal])

    class VisitScore(Model):
        revision_id = CharField(primary_key=True, max_length=160)
        report_id = CharField(index=True, max_length=160)
        brand_id = CharField(index=True, max_length=160)
        store_id = CharField(max_length=160)
        shopper_id = CharField(max_length=160)
        wave_id = CharField(max_length=160)
        month = CharField(max_length=7)
        checklist_version_id = CharField(max_length=160)
        method_version = TextField()
        measures = TextField()
        coverage = IntegerField()
        critical_failed = TextField()
        counted = BooleanField(default=False)
        computed_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "visit_score"
            legacy_table_names = False

    db.create_tables([VisitScore])

    class Wave(Model):
        id = CharField(primary_key=True, max_length=160)
        version = IntegerField(default=1)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        brand_id = CharField(index=True, max_length=160)
        archived_at = BigIntegerField(null=True)
        name = TextField()
        checklist_version_id = CharField(max_length=160)
        opens_at = BigIntegerField()
        closes_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "wave"
            legacy_table_names = False

    db.create_tables([Wave])
    db.execute_sql(
        'CREATE INDEX IF NOT EXISTS "event_kind_due_at" ON "event" ("kind", "due_at") WHERE ("done_at" IS NULL)'
    )


def down(migrator, db):
    migrator.migrate(migrator.drop_table("wave"))
    migrator.migrate(migrator.drop_table("visit_score"))
    migrator.migrate(migrator.drop_table("touchpoint_proposal"))
    migrator.migrate(migrator.drop_table("touchpoint"))
    migrator.migrate(migrator.drop_table("sync_feed"))
    migrator.migrate(migrator.drop_table("sync_change"))
    migrator.migrate(migrator.drop_table("store"))
    migrator.migrate(migrator.drop_table("score_sum"))
    migrator.migrate(migrator.drop_table("revision"))
    migrator.migrate(migrator.drop_table("review"))
    migrator.migrate(migrator.drop_table("report"))
    migrator.migrate(migrator.drop_table("region"))
    migrator.migrate(migrator.drop_table("refresh_token"))
    migrator.migrate(migrator.drop_table("promise"))
    migrator.migrate(migrator.drop_table("photo_content"))
    migrator.migrate(migrator.drop_table("photo"))
    migrator.migrate(migrator.drop_table("notice"))
    migrator.migrate(migrator.drop_table("membership"))
    migrator.migrate(migrator.drop_table("event"))
    migrator.migrate(migrator.drop_table("device"))
    migrator.migrate(migrator.drop_table("client"))
    migrator.migrate(migrator.drop_table("checklist_version"))
    migrator.migrate(migrator.drop_table("checklist"))
    migrator.migrate(migrator.drop_table("brand"))
    migrator.migrate(migrator.drop_table("blob"))
    migrator.migrate(migrator.drop_table("assignment_response"))
    migrator.migrate(migrator.drop_table("assignment"))
    migrator.migrate(migrator.drop_table("account"))
