"""Wire shapes of sync. They document `/v1/sync`; its rows are read and written without them,
because they are many."""

from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn

import marshmallow as ma
import orjson
from marshmallow import fields, validate

from server.errors import MalformedRequest, Problem

_MS = {"description": "Milliseconds since 1970-01-01 UTC.", "format": "int64"}


class Open(ma.Schema):
    """Base of all these shapes: what an app sends beyond them is ignored."""

    class Meta:
        unknown = ma.EXCLUDE


def _moment(**more: Any) -> fields.Integer:
    return fields.Integer(allow_none=True, metadata=_MS, **more)


def _text(description: str = "", **more: Any) -> fields.String:
    metadata = {"description": description} if description else {}
    return fields.String(allow_none=True, metadata=metadata, **more)


def _number(description: str = "") -> fields.Float:
    return fields.Float(allow_none=True, metadata={"description": description})


class CursorField(fields.Field[int | None]):
    """A cursor in a query: a former answer's `timestamp`; absent, empty or `null` is none."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> int | None:
        if value in ("", "null"):
            return None
        if not (value.isascii() and value.isdigit() and len(value) <= 19):
            raise ma.ValidationError("Give the `timestamp` of the last pull, or null.")
        return int(value) or None


class _ChangedSchema(Open):
    table = fields.String(required=True)


class _MigrationSchema(Open):
    tables = fields.List(fields.String(), load_default=None, allow_none=True)
    columns = fields.List(fields.Nested(_ChangedSchema), load_default=None, allow_none=True)


class MigrationField(fields.Field[frozenset[str]]):
    """WatermelonDB's migration: {"from", "tables": [name], "columns": [{"table", "columns"}]}; read
    as the set of tables to send whole."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **more: Any) -> frozenset[str]:
        try:
            migration = orjson.loads(value or "null")
        except ValueError as error:
            raise ma.ValidationError("Give WatermelonDB's migration as JSON, or null.") from error
        if migration is None:
            return frozenset()
        read = _MigrationSchema().load(migration)
        changed = (one["table"] for one in read["columns"] or ())
        return frozenset(read["tables"] or ()).union(changed)


class SyncQuerySchema(Open):
    """Query of both directions. What is wrong with it is not the protocol's shape, as with a
    body."""

    REFUSED_AS: ClassVar[type[Problem]] = MalformedRequest

    def handle_error(self, error: ma.ValidationError, data: Any, **_: Any) -> NoReturn:
        """MalformedRequest instead of webargs' Invalid."""
        raise MalformedRequest(f"The query is not this protocol's: {error.messages}.") from error

    last_pulled_at = CursorField(
        load_default=None,
        metadata={
            "type": "string",
            "description": "The `timestamp` of the last pull; absent or `null` before the first.",
            "example": "1099511627783",
        },
    )
    schema_version = fields.Integer(
        load_default=None, metadata={"description": "The version of the app's local schema."}
    )


class SyncPullQuerySchema(SyncQuerySchema):
    """Query of a pull."""

    migration = MigrationField(
        load_default=None,
        metadata={
            "type": "string",
            "description": "JSON: tables and columns that the app has just gained; those tables "
            "are sent whole. Unknown names are ignored.",
            "example": '{"from":1,"tables":["photos"],"columns":[]}',
        },
    )


class SyncAssignmentSchema(Open):
    """An assignment on the phone."""

    id = fields.String(required=True)
    brand_id = fields.String(required=True)
    store_id = fields.String(required=True)
    checklist_id = fields.String(required=True)
    campaign = _text("The wave's name.")
    attempt = fields.Integer(required=True)
    part_of = _text("The assignment that this is a delayed section of.")
    status = fields.String(required=True)
    scenario = _text()
    persona_id = _text("Who the shopper plays: a row of `personas`.")
    opens_at = _moment()
    closes_at = _moment()
    fee = fields.Integer(allow_none=True, metadata={"description": "In minor units."})
    currency = _text("ISO 4217.")


class SyncStoreSchema(Open):
    """A store on the phone."""

    id = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    address = _text()
    city = _text()
    country = _text("ISO 3166-1 alpha-2.")
    latitude = _number()
    longitude = _number()
    timezone = _text("IANA name.")
    format = _text()
    ownership = fields.String(required=True)


class SyncChecklistSchema(Open):
    """A published checklist version on the phone."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    version = fields.Integer(required=True)
    locales = _text("JSON text: a list of BCP 47 tags.")
    document = _text("JSON text: the whole checklist.")
    closing_at = _moment()


class SyncPromiseSchema(Open):
    """A promise on the phone."""

    id = fields.String(required=True)
    brand_id = fields.String(required=True)
    name = fields.String(required=True)
    statement = fields.String(required=True)
    kind = fields.String(required=True)
    translations = _text("JSON text: {adjective, statement} by locale.")


class SyncPersonaSchema(Open):
    """Who a shopper plays."""

    id = fields.String(required=True)
    brand_id = fields.String(required=True)
    name = fields.String(required=True)
    behaviour = _text()
    functional_needs = _text()
    relational_needs = _text()
    ambitions = _text()
    history = _text()
    technology = _text()
    paths = _text()
    translations = _text("JSON text: {name, behaviour, …} by locale.")
    traits = _text("JSON text: age_bands, customs, languages, devices, channels.")


class SyncReviewSchema(Open):
    """A reviewer's word on one revision of a report."""

    id = fields.String(required=True)
    report_id = fields.String(required=True)
    revision = fields.Integer(required=True)
    outcome = fields.String(
        required=True, validate=validate.OneOf(("approved", "returned", "rejected"))
    )
    message = _text()
    items = _text('JSON text: [{"item_key", "message"}].')
    due_at = _moment()
    created_at = _moment()


class SyncNoticeSchema(Open):
    """What the app should tell its shopper, or mend; docs/sync.md lists the codes."""

    id = fields.String(required=True)
    record = fields.String(required=True, metadata={"description": "table/id of the row."})
    code = fields.String(required=True)
    message = fields.String(required=True)
    created_at = _moment()


class SyncAssignmentResponseSchema(Open):
    """The shopper's answer to an offer; its id is the assignment's."""

    id = fields.String(required=True)
    response = _text("accepted or declined")
    reason = _text()
    responded_at = _moment()


class SyncReportSchema(Open):
    """A report's own row; its id is `{assignment_id}.{attempt}`."""

    id = fields.String(required=True)
    assignment_id = fields.String()
    attempt = fields.Integer()
    checklist_id = _text("Fixed when the report is begun; absent: the assignment's.")
    revision = fields.Integer(
        allow_none=True, metadata={"description": "Which submission this is; absent: the next."}
    )
    started_at = _moment()
    ended_at = _moment()
    latitude = _number()
    longitude = _number()
    accuracy_m = _number("Metres.")
    summary = _text()
    answer_count = fields.Integer(allow_none=True)
    photo_count = fields.Integer(allow_none=True)
    submitted_at = _moment()
    updated_at = _moment()


class SyncAnswerSchema(Open):
    """An answer; its id is `{report_id}.{item_key}`."""

    id = fields.String(required=True)
    report_id = fields.String()
    item_key = fields.String()
    value = _text("JSON text.")
    note = _text()
    answered_at = _moment()
    updated_at = _moment()


class SyncPhotoSchema(Open):
    """A photo's row; the phone chooses its id, `state` is the server's."""

    id = fields.String(required=True)
    report_id = fields.String()
    item_key = _text()
    sha256 = _text("Hexadecimal.")
    bytes = fields.Integer(allow_none=True)
    content_type = _text()
    taken_at = _moment()
    latitude = _number()
    longitude = _number()
    state = fields.String(metadata={"description": "declared, stored or rejected; not pushed."})


class SyncTouchpointProposalSchema(Open):
    """A touchpoint that the shopper met and the map does not have."""

    id = fields.String(required=True)
    assignment_id = fields.String()
    title = _text()
    description = _text()
    stage = _text()
    channel = _text()
    proposed_at = _moment()


class SyncMessageSchema(Open):
    """A message between the shopper and the reviewers of a report; the phone chooses its own
    messages' ids."""

    id = fields.String(required=True)
    report_id = fields.String()
    author = fields.String(metadata={"description": "shopper or reviewer; not pushed."})
    text = _text()
    sent_at = _moment()
    created_at = fields.Integer(
        allow_none=True, metadata=_MS | {"description": "When it arrived; not pushed."}
    )


ROWS: dict[str, type[ma.Schema]] = {
    "assignments": SyncAssignmentSchema,
    "stores": SyncStoreSchema,
    "checklists": SyncChecklistSchema,
    "promises": SyncPromiseSchema,
    "personas": SyncPersonaSchema,
    "reviews": SyncReviewSchema,
    "notices": SyncNoticeSchema,
    "assignment_responses": SyncAssignmentResponseSchema,
    "reports": SyncReportSchema,
    "answers": SyncAnswerSchema,
    "photos": SyncPhotoSchema,
    "touchpoint_proposals": SyncTouchpointProposalSchema,
    "messages": SyncMessageSchema,
}
_PUSHED = (
    "assignment_responses",
    "reports",
    "answers",
    "photos",
    "touchpoint_proposals",
    "messages",
)


def _changes_of(table: str, *, pulled: bool) -> type[ma.Schema]:
    """The created, updated and deleted rows of a table."""
    noun = ROWS[table].__name__.removeprefix("Sync").removesuffix("Schema")
    rows = fields.List(fields.Nested(ROWS[table]), required=pulled)
    ids = fields.List(fields.String(), required=pulled)
    members: dict[str, Any] = {"created": rows, "updated": rows, "deleted": ids}
    return type(f"Sync{noun}{'Pulled' if pulled else 'Pushed'}", (Open,), members)


def _tables(name: str, tables: Iterable[str], *, pulled: bool) -> type[ma.Schema]:
    """Changes by table."""
    return type(
        name,
        (Open,),
        {
            table: fields.Nested(_changes_of(table, pulled=pulled), required=pulled)
            for table in tables
        },
    )


SyncChangesSchema = _tables("SyncChanges", ROWS, pulled=True)
"""What changed, by table. `created` is always empty: rows come as `updated`."""

SyncPushSchema = _tables("SyncPush", _PUSHED, pulled=False)
"""What the phone recorded, by table. Unknown tables and columns are ignored."""


class SyncPullSchema(Open):
    """The answer to a pull."""

    changes = fields.Nested(SyncChangesSchema, required=True)
    timestamp = fields.Integer(
        required=True,
        metadata={"format": "int64", "description": "The cursor for the next pull; below 2^53."},
    )


class SyncPushedSchema(Open):
    """The answer to a push."""

    experimentalRejectedIds = fields.Dict(  # noqa: N815
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "By table: ids of rows that are not this shopper's."},
    )
