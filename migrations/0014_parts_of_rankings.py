"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.add_column("ranked_store", "kept", TextField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("ranked_store", "kept"))
