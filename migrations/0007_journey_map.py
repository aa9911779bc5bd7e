"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.add_column("promise", "translations", TextField(default="{}")))
    migrator.migrate(migrator.add_column("promise", "question", TextField(null=True)))
    migrator.migrate(migrator.add_column("promise", "depends_on", TextField(default="[]")))
    migrator.migrate(migrator.add_column("touchpoint", "interaction", TextField(default="direct")))
    migrator.migrate(migrator.add_column("touchpoint", "lifecycle", TextField(default="mapped")))
    migrator.migrate(migrator.add_column("touchpoint", "sense", TextField(null=True)))
    migrator.migrate(migrator.add_column("touchpoint", "need", TextField(null=True)))
    migrator.migrate(migrator.add_column("touchpoint", "domain", TextField(null=True)))
    migrator.migrate(migrator.add_column("touchpoint", "expectation", TextField(null=True)))
    migrator.migrate(migrator.add_column("touchpoint", "weakness", TextField(null=True)))
    migrator.migrate(migrator.add_column("touchpoint", "opportunity", TextField(null=True)))
    migrator.migrate(migrator.add_column("touchpoint_proposal", "decision", TextField(null=True)))
    migrator.migrate(
        migrator.add_column(
            "touchpoint_proposal", "touchpoint_id", CharField(null=True, max_length=160)
        )
    )
    migrator.migrate(migrator.add_column("touchpoint_proposal", "message", TextField(null=True)))
    migrator.migrate(
        migrator.add_column(
            "touchpoint_proposal", "decided_by", CharField(null=True, max_length=160)
        )
    )
    migrator.migrate(
        migrator.add_column("touchpoint_proposal", "decided_at", BigIntegerField(null=True))
    )
    db.execute_sql("UPDATE touchpoint SET lifecycle = 'strategic' WHERE strategic")
    migrator.migrate(migrator.drop_column("touchpoint", "strategic"))


def down(migrator, db):
    migrator.migrate(migrator.add_column("touchpoint", "strategic", BooleanField(default=False)))
    db.execute_sql("UPDATE touchpoint SET strategic = (lifecycle = 'strategic')")
    migrator.migrate(migrator.drop_column("touchpoint_proposal", "decided_at"))
    migrator.migrate(migrator.drop_column("touchpoint_proposal", "decided_by"))
    migrator.migrate(migrator.drop_column("touchpoint_proposal", "message"))
    migrator.migrate(migrator.drop_column("touchpoint_proposal", "touchpoint_id"))
    migrator.migrate(migrator.drop_column("touchpoint_proposal", "decision"))
    migrator.migrate(migrator.drop_column("touchpoint", "opportunity"))
    migrator.migrate(migrator.drop_column("touchpoint", "weakness"))
    migrator.migrate(migrator.drop_column("touchpoint", "expectation"))
    migrator.migrate(migrator.drop_column("touchpoint", "domain"))
    migrator.migrate(migrator.drop_column("touchpoint", "need"))
    migrator.migrate(migrator.drop_column("touchpoint", "sense"))
    migrator.migrate(migrator.drop_column("touchpoint", "lifecycle"))
    migrator.migrate(migrator.drop_column("touchpoint", "interaction"))
    migrator.migrate(migrator.drop_column("promise", "depends_on"))
    migrator.migrate(migrator.drop_column("promise", "question"))
    migrator.migrate(migrator.drop_column("promise", "translations"))
