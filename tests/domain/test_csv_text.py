"""Any bytes become records or a clear refusal."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.domain import csv_text
from server.errors import Invalid


def records(data: bytes, **options: str) -> list[csv_text.Record]:
    return list(csv_text.read(data, **options).records())


@pytest.mark.parametrize(
    ("encoding", "guessed"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_guessed(encoding: str, guessed: str) -> None:
    text = "code,name,city\n1,Caffè della Città,Forlì\n2,Perché no,Cantù\n3,Übergröße,Köln\n"
    file = csv_text.read(text.encode(encoding))
    assert file.encoding == guessed
    assert file.header == ["code", "name", "city"]
    assert [cells for _, cells in file.records()] == [
        ["1", "Caffè della Città", "Forlì"],
        ["2", "Perché no", "Cantù"],
        ["3", "Übergröße", "Köln"],
    ]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("latin-1", 'code,name,city\n1,"Città Alta","Roma"\n2,"Centro","Milano"\n'),
        ("latin-1", "code,name\n1,N° 1\n2,N° 2\n"),
        ("latin-1", "codice;nome;località\n1;Uno;Roma\n"),
        ("latin-1", "codice;nome;località\n1;Uno;Forlì\n2;Perché;Cantù\n"),
        ("latin-1", "code;name\n1;CAFFÈ CITTÀ\n"),
        ("latin-1", "code,name\n1,Café\n"),
        ("latin-1", "code,name\n1,Weißenburger Straße\n2,Größe\n"),
        ("latin-1", "code,name\n1,A Coruña 2ª\n2,Málaga\n"),
        ("cp1252", "code,name\n1,L’Aquila – «Più» a 5 €\n2,“Œuvre”…\n3,Žižek\n"),
        ("mac-roman", "code,name\n1,Caffè\n2,Città\n3,Perché\n"),
        ("cp1250", "code,name\n1,Łódź\n2,Gdańsk\n3,Świętochłowice\n"),
        ("cp1251", "code;name\n1;Кафе на площади\n2;Магазин у дома\n"),
        ("cp1253", "code,name\n1,Αθήνα\n"),
        ("cp932", "code,name\n1,東京駅前店\n"),
        ("cp932", "code,name\n1,ﾄｳｷｮｳ\n"),
        ("euc-jp", "code,name\n1,東京\n2,大阪\n3,カフェ\n"),
    ],
)
def test_a_few_letters_tell_the_encoding(encoding: str, text: str) -> None:
    assert csv_text.decoded(text.encode(encoding))[0] == text


def test_the_encoding_can_be_said() -> None:
    data = "code;name\n1;Кафе\n".encode("cp1251")
    assert records(data, encoding="cp1251") == [(2, ["1", "Кафе"])]
    with pytest.raises(Invalid, match="not utf-8 text"):
        csv_text.read(data, encoding="utf-8")


@pytest.mark.parametrize("delimiter", csv_text.DELIMITERS)
def test_the_delimiter_is_guessed(delimiter: str) -> None:
    text = f"code{delimiter}name{delimiter}latitude\n1{delimiter}Uno{delimiter}45.1\n"
    assert csv_text.read(text.encode()).delimiter == delimiter


def test_decimal_commas_do_not_make_a_comma_the_delimiter() -> None:
    assert records(b"code;lat\n1;45,1\n2;45,2\n") == [(2, ["1", "45,1"]), (3, ["2", "45,2"])]


def test_a_separator_line_of_a_spreadsheet_is_obeyed() -> None:
    assert records(b"sep=|\r\ncode|name\r\n1|a,b\r\n") == [(3, ["1", "a,b"])]


def test_lines_are_counted_as_an_editor_does() -> None:
    data = b'\r\ncode,name\r\n1,"two\r\nlines"\r\n\r\n2,one\r\n3,"x\ry\nz"\r\n4,last'
    lines = [(line, cells[0]) for line, cells in records(data) if cells]
    assert lines == [(3, "1"), (6, "2"), (7, "3"), (10, "4")]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b" , ,\n"])
def test_an_empty_file_says_so(data: bytes) -> None:
    with pytest.raises(Invalid, match="it is empty"):
        csv_text.read(data)


def test_one_endless_line_is_refused() -> None:
    with pytest.raises(Invalid, match="line 2 is longer than"):
        csv_text.read(b"code,name\n" + b"x" * 10_000_000)


def test_a_million_columns_are_refused() -> None:
    with pytest.raises(Invalid, match="longer than 1,000,000 characters"):
        csv_text.read(b"c," * 1_000_000)
    with pytest.raises(Invalid, match="400,000 columns"):
        csv_text.read(b"c," * 399_999 + b"c")


@pytest.mark.parametrize("rows", [20, 40_000], ids=["to-the-end", "beyond-a-cell"])
def test_an_open_quote_costs_its_line(rows: int) -> None:
    data = b'code,name\n1,"open\n' + b"x,y\n" * rows
    first, *others = records(data)
    assert first == (2, None)
    assert others == [(line, ["x", "y"]) for line in range(3, rows + 3)]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ('1,"a,b\n2,c\n3,"d"\n', [2]),
        ('1,a\n2,b\n3,"c', [4]),
        ('1,"a\n2,"b\n3,"c\n4,d', [2, 3, 4]),
        ('1,"a""b\n2,"c, ""d"""\n', [2]),
        ('1,"a"b\n2,5" disc\n3,"x\ny"\n', []),
    ],
)
def test_an_open_quote_is_told_from_a_quoted_cell(text: str, lost: list[int]) -> None:
    read = records(b"code,name\n" + text.encode())
    assert [line for line, cells in read if cells is None] == lost


def test_one_bad_byte_does_not_make_another_encoding() -> None:
    data = "code,name\n1,Caffè\n2,Perché\n3,Cantù\n4,plain\n".encode()
    file = csv_text.read(data.replace("ù".encode(), b"\xf9"))
    assert file.encoding == "utf-8"
    assert [cells[1] for _, cells in file.records() if cells and not csv_text.undecoded(cells)] == [
        "Caffè",
        "Perché",
        "plain",
    ]
    with pytest.raises(Invalid, match="line 1, its header, is not utf-8"):
        csv_text.read("c\xf4de,name\n".encode("latin-1") + "1,Caffè\n2,Perché\n".encode())


@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00\xd8")
@example(b"\x00" * 50)
@example(b'"')
@example(b"a\x00b,c\n\x00,\x00")
@example(b"\xff\xfe\x00\x00\x00\x00\x11\x00")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        file = csv_text.read(data)
    except Invalid:
        return
    lines = [line for line, _ in file.records()]
    assert lines == sorted(set(lines))
    assert all(line > file.header_line for line in lines)


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(
    st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8),
    st.sampled_from(csv_text.DELIMITERS),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_a_writer_wrote_is_read(
    rows: list[list[str]], delimiter: str, end: str, encoding: str, quoting: int
) -> None:
    if any(mark in cell for row in rows for cell in row for mark in "\r\n"):
        quoting = csv.QUOTE_ALL  # the csv module writes one bare that does not end its lines
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([["code", "name", "city"], *rows])
    data = out.getvalue().encode(encoding)
    read = [cells for _, cells in records(data, delimiter=delimiter)]
    assert read == [row for row in rows if any(cell.strip() for cell in row)]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["MI", "2026-03", "1"], None),
        (["MI", "2026-03", "1", "", " "], None),
        (["MI", "2026-03", "1", "5"], "4 cells under 3 columns"),
        (["MI", "2026-03"], "2 cells under 3 columns"),
        (["MI", "a\r\nb", "1", "5"], "stray quote that took 1 more lines"),
        (["MI", "\udce9", "1"], "bytes that are not UTF-8"),
        (None, "a quote is not closed"),
    ],
)
def test_a_record_that_is_not_as_wide_as_the_header_is_not_trusted(
    cells: list[str] | None, told: str | None
) -> None:
    fault = csv_text.fault(cells, ["store", "month", "value"])
    assert fault is None if told is None else told in str(fault)


def test_a_column_without_a_name_holds_nothing() -> None:
    header = ["store", "month", "value", ""]
    assert csv_text.fault(["MI", "2026-03", "1", ""], header) is None
    assert csv_text.fault(["MI", "2026-03", "1", "5"], header) is not None
