"""What steps make of rows that were there before."""

import importlib

import peewee
from playhouse.migrate import SchemaMigrator

from tests.migrations.test_schema import fresh, url

__all__ = ["fresh", "url"]


def step(name: str, database: peewee.Database, direction: str) -> None:
    """Run one migration by itself."""
    module = importlib.import_module(f"migrations.{name}")
    with database.atomic():
        getattr(module, direction)(SchemaMigrator.from_database(database), database)


def test_strategic_touchpoints_stay_moments_of_truth(fresh: peewee.Database) -> None:
    step("0001_initial", fresh, "up")
    for key, strategic in (("window", False), ("welcome", True)):
        fresh.execute_sql(
            "INSERT INTO touchpoint (id, version, created_at, updated_at, brand_id, name, stage,"
            f" channel, strategic) VALUES ('{key}', 1, 0, 0, 'b', '{key}', 'buy', 'store',"
            f" {strategic})"
        )
    step("0007_journey_map", fresh, "up")
    rows = fresh.execute_sql("SELECT id, lifecycle, interaction FROM touchpoint ORDER BY id")
    assert rows.fetchall() == [("welcome", "strategic", "direct"), ("window", "mapped", "direct")]
    step("0007_journey_map", fresh, "down")
    back = fresh.execute_sql("SELECT id FROM touchpoint WHERE strategic").fetchall()
    assert back == [("welcome",)]
