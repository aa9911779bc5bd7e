"""server.domain.redaction: names are found however they are written, and nothing else is."""

import pytest

from server.domain.redaction import Name, redacted, spans

STAFF = [Name("Zoë De' Rossi", "manager"), Name("Anna Bianchi", "adviser"), Name("Lu", "guard")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna looked up.", "[adviser] looked up."),
        ("ANNA BIANCHI looked up.", "[adviser] looked up."),
        ("zoe and Zoë and ZOE\u0308.", "[manager] and [manager] and [manager]."),
        ("Signora Rossi's till", "Signora [manager]'s till"),
        ("Annabel sold bananas.", "Annabel sold bananas."),
        ("Lu let us in; the lunch was cold.", "[guard] let us in; the lunch was cold."),
        ("Anna, Bianchi", "[adviser], [adviser]"),
        ("De gustibus", "De gustibus"),
        ("", ""),
        ("\U0001f600 Anna", "\U0001f600 [adviser]"),
    ],
)
def test_roles_stand_for_names(text: str, expected: str) -> None:
    assert redacted(text, STAFF) == expected


def test_spans_are_of_the_text_as_it_is() -> None:
    text = "Ciao, Zoë  Rossi!"
    (span,) = spans(text, STAFF)
    assert (text[span.start : span.end], span.role) == ("Zoë  Rossi", "manager")


def test_without_staff_a_text_stays() -> None:
    assert redacted("Anna", []) == "Anna"
