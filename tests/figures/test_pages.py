"""A PDF: its pages, whatever the script of its texts, the same each time."""

from datetime import UTC, datetime

from server.figures import gaps
from server.figures.canvas import Kind
from server.figures.pages import Picture, Report, Table, pdf


def report(lines: int) -> Report:
    png = gaps.picture([gaps.Row("concrete", 62, 80)], title="Promises", kind=Kind.PNG)
    return Report(
        title="Città di Castello – Αθήνα",
        subtitle="2026-01 to 2026-03",
        facts=[("visits", "12")],
        made_at=datetime(2026, 4, 1, tzinfo=UTC),
        footer="Method 2",
        parts=[
            Picture("Promises", png),
            Table("What to mend first", ["item", "gap"], [["Sorriso", "-12.4"]] * lines),
        ],
        notes=["Intervals are of 95 %."],
    )


def pages_of(data: bytes) -> int:
    return data.count(b"/Type /Page\n")


def test_a_short_report_is_one_page_and_a_long_one_is_more() -> None:
    short, long = pdf(report(3)), pdf(report(120))
    assert short.startswith(b"%PDF-")
    assert pages_of(short) == 1
    assert pages_of(long) > 2


def test_the_same_report_gives_the_same_file() -> None:
    assert pdf(report(3)) == pdf(report(3))
