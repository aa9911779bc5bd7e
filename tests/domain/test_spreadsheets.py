"""Cells that a spreadsheet would run stay text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.spreadsheets import as_text, from_text


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+39 081", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n", "  =1", "＝1", "\x00a", "'=1"],
)
def test_what_a_spreadsheet_might_run_becomes_text(text: str) -> None:
    assert as_text(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Napoli", "", "a=b", "3-4", "'a", -2, 2.5, None, True])
def test_all_else_stays(value: object) -> None:
    assert as_text(value) is value


@given(st.text())
def test_no_cell_begins_with_a_formula(text: str) -> None:
    cell = as_text(text)
    assert cell.lstrip()[:1] not in tuple("=+-@")
    assert cell in (text, f"'{text}")


@given(st.text())
def test_what_became_text_is_itself_again(text: str) -> None:
    assert from_text(as_text(text)) == text
