"""E-mail addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import emails


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        ("  a.b+tag@mail.example.co.uk\n", "a.b+tag@mail.example.co.uk"),
        ("o'neil_x@x-y.it", "o'neil_x@x-y.it"),
        ("perche\u0301@caffe\u0300.it", "perch\u00e9@caff\u00e8.it"),
    ],
)
def test_one_spelling(address: str, expected: str) -> None:
    assert emails.normalised(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        *("", "a", "@b.it", "a@", "a@b", "a b@c.it", ".a@b.it", "a..b@c.it", "a.@b.it", "a@b..it"),
        *("a@-b.it", "a@b-.it", "a@b_c.it", "a@@b.it", "a@[127.0.0.1]", '"a b"@c.it', "<a@b.it>"),
        *("a@b.it, c@d.it", "a\x00b@c.it", "a@b\nc.it", f"{'a' * 65}@b.it", f"a@{'b.' * 127}it"),
    ],
)
def test_no_address(address: str) -> None:
    with pytest.raises(ValueError, match="Not an e-mail"):
        emails.normalised(address)


@given(st.emails())
def test_what_is_accepted_stays_as_it_is(address: str) -> None:
    try:
        once = emails.normalised(address)
    except ValueError:
        return
    assert emails.normalised(once) == once
