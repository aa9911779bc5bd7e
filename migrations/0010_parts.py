"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    migrator.migrate(
        migrator.drop_index("checklist_version", "checklist_version_checklist_id_number")
    )
    migrator.migrate(
        migrator.add_column(
            "checklist_version", "whole_id", CharField(index=True, null=True, max_length=160)
        )
    )
    migrator.migrate(migrator.add_column("checklist_version", "part", IntegerField(default=0)))
    migrator.migrate(migrator.add_column("visit_score", "joined", TextField(null=True)))
    migrator.migrate(migrator.add_index("assignment", ("part_of",)))
    migrator.migrate(
        migrator.add_index("checklist_version", ("checklist_id", "number", "part"), unique=True)
    )


def down(migrator, db):
    db.execute_sql("DELETE FROM checklist_version WHERE part > 0")
    migrator.migrate(migrator.drop_index("checklist_version", "checklist_version_whole_id"))
    migrator.migrate(
        migrator.drop_index("checklist_version", "checklist_version_checklist_id_number_part")
    )
    migrator.migrate(migrator.drop_index("assignment", "assignment_part_of"))
    migrator.migrate(migrator.drop_column("visit_score", "joined"))
    migrator.migrate(migrator.drop_column("checklist_version", "part"))
    migrator.migrate(migrator.drop_column("checklist_version", "whole_id"))
    migrator.migrate(
        migrator.add_index("checklist_version", ("checklist_id", "number"), unique=True)
    )
