"""Writing a new migration from the models: what they have and the present migrations do not make.

It sees tables, columns and indexes that came or went; neither types nor nulls that changed, nor
what should happen to rows. Read what it wrote.
"""

import re
import tempfile
from pathlib import Path
from typing import Any

import peewee
from playhouse.migrations import Runner, template
from playhouse.schema_diff import SchemaDiff, diff_models

from server.cli.migrations import FOLDER
from server.models import TABLES

_HEAD = '"""Frozen: a later change of the tables is a later migration."""\n\n'


def draft(name: str, folder: Path = FOLDER) -> Path | None:
    """Write the next migration into `folder`; None if the models need none."""
    with tempfile.TemporaryDirectory() as scratch:
        past = peewee.SqliteDatabase(str(Path(scratch) / "past.db"))
        with past.connection_context():
            runner = Runner(past, str(folder))
            runner.up()
            diff = diff_models(past, [_plain(table) for table in TABLES])
        if not diff:
            return None
        return Path(runner.create(name, body=_body(diff)))


def _plain(table: Any) -> Any:
    """A copy of a model on peewee's own fields, which a frozen file can name."""
    fields = {field.name: _plain_field(field) for field in table._meta.sorted_fields}
    meta = table._meta
    options = {"table_name": meta.table_name, "indexes": meta.indexes, "database": meta.database}
    if isinstance(meta.primary_key, peewee.CompositeKey):
        options["primary_key"] = peewee.CompositeKey(*meta.primary_key.field_names)
    return type(table.__name__, (peewee.Model,), fields | {"Meta": type("Meta", (), options)})


def _plain_field(field: Any) -> Any:
    kind = next(base for base in type(field).__mro__ if base.__module__ == "peewee")
    copied = {name: getattr(field, name) for name in ("null", "index", "unique", "default")}
    if isinstance(field, peewee.CharField):
        copied["max_length"] = field.max_length
    if field.primary_key and not isinstance(field, peewee.AutoField):
        copied["primary_key"] = True
    return kind(column_name=field.column_name, **copied)


def _body(diff: SchemaDiff) -> str:
    """The library's text without its date; the indexes that it leaves to us are written as SQL."""
    text: str = template(diff)
    up, down = text.split("\n\n\ndef down", 1)
    # By default peewee would name the indexes otherwise than those of the models.
    up = re.sub(r"(?m)^( +)table_name = .*$", r"\g<0>\n\1legacy_table_names = False", up)
    code = [line for line in up.splitlines() if not line.lstrip().startswith("#")]
    created = {model._meta.table_name for model in diff.create_tables}
    statements = [
        sql
        for table in TABLES
        for name, sql in _special_indexes(table)
        if table._meta.table_name in created or any(each.name == name for each in diff.add_indexes)
    ]
    code += [f"    db.execute_sql(\n        {sql!r}\n    )" for sql in statements]
    return _HEAD + "\n".join(code).strip() + "\n\n\ndef down" + re.sub(r"(?m)^ *#.*\n?", "", down)


def _special_indexes(table: Any) -> list[tuple[str, str]]:
    """Name and SQL of a table's partial and expression indexes."""
    special: list[Any] = [
        index for index in table._meta.indexes if isinstance(index, peewee.ModelIndex)
    ]
    return [(index._name, _sql(index)) for index in special]


def _sql(index: Any) -> str:
    """The statement that makes an index, the same on both databases."""
    context: Any = peewee.SqliteDatabase(None).get_sql_context(scope_index=True)
    sql, values = context.sql(index).query()
    if any(value is not None for value in values):
        raise ValueError(f"write index {index._name} into the migration by hand: {sql}")
    text: str = sql.replace("?", "NULL")
    return text
