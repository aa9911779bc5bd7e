"""CSV files as people have them: bytes to records, with encoding and delimiter guessed.

A record is (line, cells): the physical line on which it begins, counted from 1 as an editor does (a
quoted cell may span lines), or (line, None) where it cannot be read: its quote is not closed, or a
cell is too long. Then only that line is lost, and not what an open quote would swallow.

A file that is UTF-8 but for some lines is read as UTF-8; those lines hold half surrogates, for
which `undecoded` looks.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import charset_normalizer

from server.errors import Invalid

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = (
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "iso8859-15", "cp1250",
    "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp437", "cp850", "mac-roman", "cp932",
    "euc-jp", "gb18030", "big5", "euc-kr",
)  # fmt: skip

Record = tuple[int, list[str] | None]

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_GUESSED = [name.replace("-", "_") for name in ENCODINGS[5:]]
_WESTERN = "cp1252"
_ACCENTED = "À-ÖØ-ÜßàâãäåæçèéêëìíîïñòóôõöøùúûüÿáŒœŠšŽžŸ"
_SIGNS = "°ºª€£§©®™«»¿¡²³½¼¾·µ‘’“”„–—…•\xa0"
_NOT_WESTERN = re.compile(
    rf"[^\x00-\x7f{_ACCENTED}{_SIGNS}]"  # hardly ever written
    rf"|[{_ACCENTED}]{{3}}|[^\x00-\x7f]{{4}}"  # words of another alphabet
    rf"|[a-zß-ÿœšž][À-ÖØ-ÜŒŠŽŸ]"  # a capital within a word
    rf"|[A-Za-z{_ACCENTED}](?:[…•—„]|[^\x00-\x7f{_ACCENTED}’‘·–\xa0][A-Za-z{_ACCENTED}])"
    rf"|[€£µ§][A-Za-z{_ACCENTED}]"
)
"""What in text that was decoded as Western is a sign that it is not. Accents stand alone between
plain letters, and signs beside words; DOS, Mac and other alphabets look otherwise."""
_LONGEST_LINE = 1_000_000
_MOST_COLUMNS = 500
_SAMPLE_BYTES = 32 * 1024
_SAMPLE_RECORDS = 20
_HALF = re.compile("[\udc80-\udcff]")
_BREAK = re.compile(r"\r\n|\r|\n")
_SEPARATOR_LINE = re.compile(r"sep=([,;|\t])[\r\n]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CsvText:
    """A file that can be read: `header` and the lines after it are still CSV text."""

    encoding: str
    delimiter: str
    header: list[str]
    header_line: int
    text: str

    def records(self) -> Iterator[Record]:
        """The records below the header; empty ones are left out."""
        for line, cells in _records(self.text, self.delimiter):
            if line > self.header_line and (cells is None or any(cell.strip() for cell in cells)):
                yield line, cells


def read(data: bytes, *, encoding: str | None = None, delimiter: str | None = None) -> CsvText:
    """The CSV file in `data`. Invalid if nothing can be made of it, saying why."""
    text, encoding = decoded(data, encoding)
    _refuse_endless_lines(text)
    separator = _SEPARATOR_LINE.match(text)
    skipped = 1 if separator else 0
    delimiter = delimiter or (separator[1] if separator else _delimiter(text))
    for line, cells in _records(text, delimiter):
        if line > skipped and cells is not None and any(cell.strip() for cell in cells):
            _refuse_too_wide(cells)
            if undecoded(cells):
                raise unusable(f"line {line}, its header, is not {encoding}: say its encoding")
            header = [cell.strip().removeprefix("\ufeff") for cell in cells]
            return CsvText(encoding, delimiter, header, line, text)
    raise unusable("it is empty")


def unusable(why: str) -> Invalid:
    """The problem of a file that cannot be imported at all."""
    return Invalid(
        f"The file cannot be imported: {why}.", errors=[{"pointer": "", "detail": f"{why}."}]
    )


def decoded(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """(text, encoding) of `data`: by its byte order mark, as UTF-8, or by statistics. Invalid."""
    said, encoding = encoding, encoding or _encoding(data)
    by_line = said is None and encoding in ("utf-8", "utf-8-sig")
    try:
        return data.decode(encoding, "surrogateescape" if by_line else "strict"), encoding
    except UnicodeError as error:
        raise unusable(f"it is not {encoding} text ({error}): say its encoding") from error


def undecoded(cells: list[str]) -> bool:
    """Whether a record holds bytes that its encoding does not know."""
    return any(not cell.isascii() and _HALF.search(cell) for cell in cells)


def fault(cells: list[str] | None, header: list[str]) -> str | None:
    """Why nothing of a record can be trusted, if so. No cell may be missing, nor hold something
    beyond the last column that has a name: a decimal comma where commas part cells cuts a number
    in two, and shifts what follows."""
    if cells is None:
        return "cannot be read: a quote is not closed, or a cell is too long"
    if undecoded(cells):
        return "holds bytes that are not UTF-8, as the rest of the file is"
    width = max((i for i, name in enumerate(header, start=1) if name.strip()), default=0)
    if len(cells) >= len(header) and not any(cell.strip() for cell in cells[width:]):
        return None
    breaks = sum(len(_BREAK.findall(cell)) for cell in cells)
    swallowed = f", or a stray quote that took {breaks} more lines" if breaks else ""
    return f"{len(cells)} cells under {width} columns: shifted, cut, a stray delimiter{swallowed}"


def _encoding(data: bytes) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    sample = data[:_SAMPLE_BYTES]
    for start, name in ((0, "utf-16-be"), (1, "utf-16-le")):
        if len(sample) > 3 and sample[start::2].count(0) > len(sample) * 0.4:
            return name
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-8" if _mostly_utf8(data) else _likely(data)
    return "utf-8"


def _mostly_utf8(data: bytes) -> bool:
    """Whether most lines that are not plain ASCII are UTF-8, which other text hardly ever is."""
    balance = 0
    for line in data.splitlines():
        if not line.isascii():
            try:
                line.decode("utf-8")
                balance += 1
            except UnicodeDecodeError:
                balance -= 1
    return balance > 0


def _likely(data: bytes) -> str:
    """Western where that makes sense, else by charset-normalizer: a few accents tell its statistics
    nothing. On lines that are not plain ASCII, as the others say nothing."""
    lines, size = [], 0
    for line in data.splitlines():
        if not line.isascii() and size < _SAMPLE_BYTES:
            lines.append(line[:_SAMPLE_BYTES])
            size += len(line)
    sample = b"\n".join(lines)
    if _is_western(sample):
        return _WESTERN
    matches = charset_normalizer.from_bytes(sample, cp_isolation=_GUESSED)
    if not matches:
        raise unusable("its encoding is not recognised: say it, or save it as UTF-8")
    return min(matches, key=_unlikeliness).encoding


def _is_western(sample: bytes) -> bool:
    try:
        return not _NOT_WESTERN.search(sample.decode(_WESTERN))
    except UnicodeDecodeError:
        return False


def _unlikeliness(match: charset_normalizer.CharsetMatch) -> tuple[float, float, int]:
    """Of equally likely encodings the earlier in `ENCODINGS`."""
    return match.chaos, -match.coherence, _GUESSED.index(match.encoding)


def _refuse_endless_lines(text: str) -> None:
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > _LONGEST_LINE:
            raise unusable(f"line {number} is longer than {_LONGEST_LINE:,} characters")


def _refuse_too_wide(cells: list[str]) -> None:
    if len(cells) > _MOST_COLUMNS:
        raise unusable(f"it has {len(cells):,} columns, and {_MOST_COLUMNS} are read at most")


def _delimiter(text: str) -> str:
    """The delimiter by which most of the first records are as wide as the header."""
    return max(DELIMITERS, key=lambda delimiter: _fit(text, delimiter))


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    widths = []
    for _, cells in _records(text, delimiter):
        if cells:
            widths.append(len(cells))
        if len(widths) == _SAMPLE_RECORDS:
            break
    if not widths or widths[0] == 1:
        return 0, 0
    return widths.count(widths[0]), widths[0]


class _Lines:
    """Physical lines, some of which may be given back. `taken` are those of the present record."""

    def __init__(self, text: str) -> None:
        self._source = io.StringIO(text, newline="")
        self._given_back: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else next(self._source)
        self.taken.append(line)
        return line

    def give_back(self) -> None:
        """All that was taken but its first."""
        self._given_back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _records(text: str, delimiter: str) -> Iterator[Record]:
    """The csv module goes on after a record that it refuses."""
    lines, number = _Lines(text), 1
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.taken = []
        try:
            cells: list[str] | None = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        if cells is None or not _closed(lines.taken, delimiter):
            lines.give_back()
            cells = None
        yield number, cells
        number += len(lines.taken)


def _closed(lines: list[str], delimiter: str) -> bool:
    """Whether the quotes of a record are. Within one line only an open one at the file's end is
    wrong; over several lines, anything that a writer of CSV would not write."""
    several = len(lines) > 1
    if not several and lines[0].count('"') % 2 == 0:
        return True
    try:
        next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return not several and "unexpected end" not in str(error)
    return True
