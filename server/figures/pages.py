"""A report as PDF: facts, pictures and tables on A4 pages, each page with its number and with the
words that say how sure the figures are."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

MEDIA_TYPE = "application/pdf"
_WIDTH = 182
_MM_AN_INCH = _WIDTH / 9  # so a plot of 9 inches fills the width


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG under its caption."""

    caption: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; all cells are text already. `widths` are the columns' relative ones."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What is on the pages, in this order. `notes` stand at the end, `footer` on each page."""

    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    made_at: datetime
    footer: str
    parts: Sequence[Picture | Table] = field(default_factory=tuple)
    notes: Sequence[str] = field(default_factory=tuple)


def pdf(report: Report) -> bytes:
    """The report as a PDF file; the same report gives the same bytes."""
    document = _document(report)
    document.add_page()
    document.set_font(size=20, style="B")
    _line(document, report.title, 10)
    document.set_font(size=11)
    _line(document, report.subtitle, 6)
    document.ln(4)
    _facts(document, report.facts)
    for part in report.parts:
        if isinstance(part, Picture):
            _picture(document, part)
        else:
            _table(document, part)
    document.ln(4)
    document.set_font(size=11, style="B")
    _line(document, "Notes", 7)
    document.set_font(size=8, style="")
    for note in report.notes:
        _line(document, note, 4)
    return bytes(document.output())


def _document(report: Report) -> Any:
    import matplotlib
    from fpdf import FPDF

    class Pages(FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font(size=7)
            self.cell(_WIDTH - 20, 6, report.footer)
            self.cell(20, 6, f"{self.page_no()} / {{nb}}", align="R")

    document = Pages(format="A4", unit="mm")
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    document.add_font("DejaVu", "", fonts / "DejaVuSans.ttf")
    document.add_font("DejaVu", "B", fonts / "DejaVuSans-Bold.ttf")
    document.set_font("DejaVu")
    document.set_margins(14, 14, 14)
    document.set_auto_page_break(True, margin=16)
    document.set_creation_date(report.made_at)
    document.set_draw_color(200)
    document.set_line_width(0.1)
    document.set_title(report.title)
    document.set_creator("Promessa")
    return document


def _line(document: Any, text: str, height: float, width: float = _WIDTH) -> None:
    document.multi_cell(width, height, text, new_x="LMARGIN", new_y="NEXT", align="L")


def _facts(document: Any, facts: Sequence[tuple[str, str]]) -> None:
    for name, value in facts:
        document.set_font(size=9, style="B")
        document.cell(50, 6, name)
        document.set_font(size=9, style="")
        _line(document, value, 6, _WIDTH - 50)
    document.ln(3)


def _picture(document: Any, picture: Picture) -> None:
    """The caption and the picture on the same page, never larger than one; words of all pictures
    are of one size where they fit."""
    from PIL import Image

    with Image.open(io.BytesIO(picture.png)) as image:
        natural = image.width / image.info["dpi"][0] * _MM_AN_INCH
        height = min(min(natural, _WIDTH) * image.height / image.width, document.eph - 20)
        width = height * image.width / image.height
    if document.will_page_break(height + 10):
        document.add_page()
    document.set_font(size=11, style="B")
    _line(document, picture.caption, 7)
    document.image(io.BytesIO(picture.png), w=width, h=height, alt_text=picture.caption)
    document.ln(4)


def _table(document: Any, table: Table) -> None:
    document.set_font(size=11, style="B")
    if document.will_page_break(30):
        document.add_page()
    _line(document, table.title, 7)
    document.set_font(size=8, style="")
    if not table.rows:
        _line(document, "Nothing.", 5)
        return
    with document.table(
        width=_WIDTH,
        line_height=5,
        borders_layout="HORIZONTAL_LINES",
        text_align="LEFT",
        col_widths=table.widths,
    ) as drawn:
        for cells in (table.header, *table.rows):
            row = drawn.row()
            for cell in cells:
                row.cell(cell)
    document.ln(4)
