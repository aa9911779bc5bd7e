"""A plot as bytes. matplotlib's settings are global and its fonts are cached without a lock, so one
plot is drawn at a time; it is imported on first use, since most processes never draw."""

import io
import re
import threading
import warnings
from collections.abc import Callable
from enum import StrEnum
from typing import Any

TOP, BOTTOM, PLAIN = "#0072b2", "#d55e00", "#6b7280"
"""Blue and vermilion of Okabe and Ito (2008), told apart with every kind of colour vision."""
INK, FAINT, MARK = "#1f2937", "#d1d5db", "#fdf3c7"

_lock = threading.Lock()
_SETTINGS = {
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "svg.fonttype": "none",  # words stay words: to be found, read aloud, and shown in any script
    "svg.hashsalt": "promessa",  # the same figures give the same file
    "text.color": INK,
    "text.parse_math": False,  # a store may be called "$hop$"
    "xtick.color": INK,
    "ytick.color": INK,
}
_DPI = 144
EMPTY_HEIGHT = 1.8
"""Inches of a plot that has nothing to show."""
_UNPRINTABLE = re.compile("[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
"""What XML 1.0 cannot hold, and what would break a line of text."""


class Kind(StrEnum):
    """What a plot may be saved as."""

    SVG = "svg"
    PNG = "png"


def drawn(draw: Callable[[Any], None], kind: Kind, *, width: float, height: float) -> bytes:
    """The plot that `draw` puts on a matplotlib Figure of that many inches."""
    with _lock:
        import matplotlib
        from matplotlib.figure import Figure

        matplotlib.use("agg")
        with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
            # A script that the PNG's font lacks is drawn as boxes; the SVG has it.
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            figure = Figure(figsize=(width, height), layout="constrained")
            draw(figure)
            return _saved(figure, kind)


def _saved(figure: Any, kind: Kind) -> bytes:
    data = io.BytesIO()
    stamp = {"Date": None} if kind == Kind.SVG else {"Software": None}
    figure.savefig(data, format=str(kind), dpi=_DPI, metadata=stamp)
    return data.getvalue()


def heading(figure: Any, title: str, note: str) -> None:
    """A title, if there is one, with a line beneath that says how to read the plot."""
    if title:
        figure.suptitle(printable(title), x=0.01, ha="left", fontsize=12, fontweight="bold")
    figure.supxlabel(note, x=0.01, ha="left", fontsize=8, color=PLAIN)


def empty(figure: Any, words: str) -> None:
    """Say why there is nothing to see."""
    axes = figure.add_subplot()
    axes.text(0.5, 0.5, words, ha="center", transform=axes.transAxes)
    axes.set_axis_off()


def printable(text: str) -> str:
    """`text` on one line, with spaces for what no file can hold."""
    return _UNPRINTABLE.sub(" ", text)


def shortened(text: str, most: int = 34) -> str:
    """`text`, cut to fit a label."""
    text = printable(text)
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
