"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    for table in ("photo", "assignment_response", "touchpoint_proposal"):
        migrator.migrate(migrator.add_column(table, "document", TextField(null=True)))
    migrator.migrate(migrator.add_column("report", "trimmed_at", BigIntegerField(null=True)))
    migrator.migrate(migrator.add_column("review", "missing", TextField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("review", "missing"))
    migrator.migrate(migrator.drop_column("report", "trimmed_at"))
    for table in ("touchpoint_proposal", "assignment_response", "photo"):
        migrator.migrate(migrator.drop_column(table, "document"))
