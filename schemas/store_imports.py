"""Wire shapes of the import of stores."""

import marshmallow as ma
from marshmallow import fields

from schemas.base import Choice, Shape, Text
from server.domain.csv_text import DELIMITERS, ENCODINGS

_PAIRS = "FIELD=…, separated by commas; one that holds a comma is quoted as in CSV. "


class StoreImportQuery(Shape):
    """How to read the file."""

    map = Text(
        most=2000,
        load_default=None,
        metadata={
            "description": _PAIRS + "FIELD=COLUMN, for columns that are not guessed right; "
            "FIELD=COLUMN+COLUMN joins two, FIELD= leaves a field out. "
            "region=COLUMN>COLUMN finds regions by code or name, and makes those that are missing.",
            "example": "code=Store Number,region=Country>State",
        },
    )
    default = Text(
        most=2000,
        load_default=None,
        metadata={
            "description": _PAIRS + "FIELD=VALUE, where the file says nothing: "
            "city, country, timezone, format, ownership.",
            "example": "country=IT",
        },
    )
    encoding = Choice(ENCODINGS, load_default=None, metadata={"description": "Guessed if absent."})
    delimiter = Choice(
        DELIMITERS, load_default=None, metadata={"description": "Guessed if absent."}
    )
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Write nothing; answer what would be."}
    )


class RemarkSchema(ma.Schema):
    """Why a row was refused, or what was left out of it."""

    line = fields.Integer(
        required=True, metadata={"description": "Physical line of the file where the row begins."}
    )
    pointer = fields.String(
        required=True,
        attribute="field",
        metadata={"description": "The field; empty for the whole row."},
    )
    column = fields.String(required=True, metadata={"description": "The column, as in the header."})
    reason = fields.String(required=True)


class StoreImportSchema(ma.Schema):
    """What came of a file. Each row is created, updated, unchanged or refused."""

    dry_run = fields.Boolean(required=True)
    encoding = fields.String(required=True)
    delimiter = fields.String(required=True)
    mapping = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "Field → column, said or guessed."},
    )
    ignored_columns = fields.List(fields.String(), required=True)
    rows = fields.Integer(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    regions_created = fields.Integer(required=True)
    refusals = fields.List(fields.Nested(RemarkSchema), required=True)
    warnings = fields.List(fields.Nested(RemarkSchema), required=True)
