"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.add_column("blob", "collecting_since", BigIntegerField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("blob", "collecting_since"))
