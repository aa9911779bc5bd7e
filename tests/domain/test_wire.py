"""Reading a push: any JSON either is not the protocol's shape, or is read whole."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import cursors, mending, wire
from server.domain.cursors import Cursor
from server.errors import MalformedRequest

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
ANY = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
COLUMNS = sorted({column for columns in wire.PUSHED.values() for column in columns})
ROWS = st.fixed_dictionaries(
    {"id": st.text(max_size=12)}, optional=dict.fromkeys([*COLUMNS, "updated_at"], ANY)
)
CHANGES = st.fixed_dictionaries(
    {}, optional={"created": st.lists(ROWS, max_size=2), "deleted": st.lists(st.text(max_size=5))}
)


@given(ANY | st.dictionaries(st.sampled_from([*wire.PUSHED, "x"]), ANY, max_size=3))
def test_any_json_is_read_or_refused(body: Any) -> None:
    try:
        changes = wire.read(body)
    except MalformedRequest:
        return
    assert set(changes) == set(wire.PUSHED)


@given(st.dictionaries(st.sampled_from(list(wire.PUSHED)), CHANGES))
def test_any_columns_are_kept_as_what_can_be_stored(body: dict[str, Any]) -> None:
    for table, changes in wire.read(body).items():
        sent = body.get(table, {}).get("created", [])
        assert [row.id for row in changes.rows] == [row["id"] for row in sent]
        for row, one in zip(changes.rows, sent, strict=True):
            assert set(row.values) == set(wire.PUSHED[table]) & set(one)
            assert orjson.loads(orjson.dumps(row.values)) == row.values
            assert not any(
                "\x00" in value for value in row.values.values() if isinstance(value, str)
            )
            for column, value in one.items():
                if column in row.values and value is not None and row.values[column] is None:
                    assert column in {complaint.column for complaint in row.complaints}


@given(st.text(st.characters(codec=None, categories=None)))
def test_any_javascript_string_is_read(text: str) -> None:
    """As JSON.stringify writes it: lone surrogates and NUL escaped."""
    body = json.dumps({"id": text}).encode()
    read, _ = mending.text(mending.loads(body)["id"])
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert len(read) <= len(text)
    if not any(0xD800 <= ord(one) < 0xE000 or one in "\x00\ufdd0" for one in text):
        assert read == whole == text
    assert "\x00" not in read
    read.encode()
    if "\ufdd0" not in text:
        said = mending.said(orjson.dumps(mending.loads(body)).decode())
        assert json.loads(said) == json.loads(body)


@given(st.binary(max_size=40))
def test_any_bytes_are_json_or_not(data: bytes) -> None:
    try:
        value = mending.loads(data)
    except orjson.JSONDecodeError:
        return
    orjson.dumps(value)


@pytest.mark.parametrize(
    ("text", "mended", "changed"),
    [
        ('"plain"', '"plain"', False),
        (r'"\ud83d\ude00"', r'"\ud83d\ude00"', False),
        (r'"\ud83d"', r'"\ufffd"', True),
        (r'"\ude00\ud83d\ud83d\ude00"', r'"\ufffd\ufffd\ud83d\ude00"', True),
        (r'"\\ud83d"', r'"\\ud83d"', False),
        (r'"\\\ud83d"', r'"\\\ufffd"', True),
        (r'"\u0000"', r'"\ufffd"', True),
        ('"a\x00b"', '"a\ufffdb"', True),
    ],
)
def test_json_text_is_mended_within(text: str, mended: str, changed: bool) -> None:
    assert mending.json_text(text) == (mended, changed)
    assert mending.value_of(mended)[1]


@pytest.mark.parametrize(
    ("row_id", "parts"),
    [
        ("a-1.1.greeting", ("a-1.1", "greeting")),
        ("a.12.x_Y-9", ("a.12", "x_Y-9")),
        ("a.0.x", None),
        ("a.01.x", None),
        ("a.1", None),
        ("a.1.", None),
        (".1.x", None),
        ("a.b.1.x", None),
        ("a.1.x\n", None),
        ("a.99999.x", None),
    ],
)
def test_derived_ids_are_taken_apart(row_id: str, parts: tuple[str, str] | None) -> None:
    assert wire.answer_parts(row_id) == parts


@given(st.integers(1, cursors.LARGEST_EPOCH), st.integers(0, 2**40 - 1))
def test_cursors_survive_javascript(epoch: int, seq: int) -> None:
    number = Cursor(epoch, seq).number()
    assert 0 < number < 2**53
    assert int(float(number)) == number
    assert cursors.parse(number) == Cursor(epoch, seq)


@given(st.integers(0, 2**70), st.integers(1, 100), st.integers(0, 100))
def test_a_cursor_is_stale_unless_it_lies_in_the_feed(number: int, epoch: int, seq: int) -> None:
    cursor, end = cursors.parse(number), Cursor(epoch, seq)
    assert cursor.stale(end) == (number not in range(epoch * 2**40, epoch * 2**40 + seq + 1))
