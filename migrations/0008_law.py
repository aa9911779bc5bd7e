"""Frozen: a later change of the tables is a later migration."""

from peewee import *


def up(migrator, db):
    migrator.migrate(migrator.add_column("brand", "times_shown", TextField(default="month")))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("brand", "times_shown"))
