"""Rows become stores, or are refused with line and reason."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import csv_text, store_import
from server.domain.spreadsheets import as_text
from server.domain.store_import import Remark, StoreRow
from server.errors import Invalid


def imported(
    text: str | bytes, said: str = "", default: str = ""
) -> tuple[list[StoreRow], list[Remark]]:
    data = text.encode() if isinstance(text, str) else text
    file = csv_text.read(data)
    chosen = store_import.mapping(file.header, [said], [default])
    rows, refused = [], []
    for row in store_import.rows(file, chosen):
        (rows if isinstance(row, StoreRow) else refused).append(row)
    return rows, refused  # type: ignore[return-value]


def only(text: str, said: str = "", default: str = "") -> StoreRow:
    (row,), refused = imported(text, said, default)
    assert refused == []
    return row


def reason(text: str) -> Remark:
    rows, (refused,) = imported(text)
    assert rows == []
    return refused


@pytest.mark.parametrize(
    "header",
    [
        "Store Number,Store Name,City,Latitude,Longitude",
        "Codice,Denominazione,Città,Latitudine,Longitudine",
        "CÓDIGO,Nombre,Ciudad,Latitud,Longitud",
        "Filialnummer,Bezeichnung,Ort,Breitengrad,Längengrad",
        "code_magasin,nom magasin,ville,lat,lng",
    ],
)
def test_columns_are_guessed_in_several_languages(header: str) -> None:
    row = only(f"{header}\n7,Chiaia,Napoli,40.8,14.2\n")
    assert row.values == {
        "code": "7",
        "name": "Chiaia",
        "city": "Napoli",
        "latitude": 40.8,
        "longitude": 14.2,
    }


def test_columns_can_be_said() -> None:
    text = 'Nr,"Name, long",name,id\n7,Chiaia,x,y\n'
    row = only(text, 'code=Nr,"name=Name, long"')
    assert (row.values["code"], row.values["name"]) == ("7", "Chiaia")
    assert "city" not in only("code,name,city\n1,a,b\n", "city=").values


def test_two_columns_make_one_code() -> None:
    rows, refused = imported("country,name\nIT,Roma\nFR,Roma\nIT,Roma\n", "code=country+name")
    assert [row.values["code"] for row in rows] == ["IT-Roma", "FR-Roma"]
    assert refused[0].reason == "'IT-Roma' is the code of line 2 already"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("code=Nope", "There is no column 'Nope'"),
        ("colour=code", "is not FIELD=…"),
        ("code", "is not FIELD=…"),
        ("code=", "No column looks like the stores' code"),
        ("city=twice", "2 columns are called 'twice'"),
    ],
)
def test_a_mapping_that_cannot_be(said: str, told: str) -> None:
    with pytest.raises(Invalid) as refusal:
        imported("code,name,twice,twice\n1,a,b,c\n", said)
    assert refusal.value.errors[0]["pointer"] == "map"
    assert told in refusal.value.errors[0]["detail"]


def test_without_a_code_the_columns_are_named() -> None:
    with pytest.raises(Invalid) as refusal:
        imported("foo,name\n1,a\n")
    assert "say code=…; the columns are 'foo', 'name'." in refusal.value.errors[0]["detail"]


def test_naples_is_not_nothing() -> None:
    text = "code,name,country,Provincia\n1,a,NA,NA\n2,b,IT,NULL\n3,c,IT,NaN\n"
    rows, _ = imported(text, "region=Provincia")
    assert [row.region for row in rows] == [("NA",), (), ()]
    assert rows[0].values["country"] == "NA", "Namibia"


def test_regions_have_levels() -> None:
    text = "code,name,Nation,State/Province\n1,a,US,CA\n2,b,CA,\n3,c,,ON\n"
    rows, _ = imported(text, "region=Nation>State/Province")
    assert [row.region for row in rows] == [("US", "CA"), ("CA",), ()]


def test_a_shifted_row_is_refused() -> None:
    text = "code,name,city,latitude,longitude\n1,a,b,VICENZA,VI,45.5\n"
    assert "6 cells under 5 columns" in reason(text).reason
    shifted = reason("code,name,city,latitude,longitude\n1,a,VICENZA,VI,45.5\n")
    assert (shifted.line, shifted.field, shifted.column) == (2, "latitude", "latitude")
    assert shifted.reason.startswith("'VI' is not a number")
    assert "2 cells under 5" in reason("code,name,city,latitude,longitude\n1,a\n").reason


@pytest.mark.parametrize(
    ("row", "field", "told"),
    [
        (",a,,,", "code", "is missing"),
        ("NULL,a,,,", "code", "is missing"),
        ("1,,,,", "name", "is missing"),
        (f"{'x' * 65},a,,,", "code", "longer than 64"),
        (f"1,{'x' * 201},,,", "name", "longer than 200"),
        ("1,a\x00b,,,", "name", "NUL"),
        ("1,a,Nowhere,,", "country", "'Nowhere' is no country"),
        ("1,a,,stolen,", "ownership", "neither direct nor franchise"),
        ('1,a,,,"1,2,3"', "latitude", "not a number"),
        ("1,a,,,１２", "latitude", "not a number"),
        ("1,a,,,inf", "latitude", "not a number"),
    ],
)
def test_what_is_refused(row: str, field: str, told: str) -> None:
    refused = reason(f"code,name,country,ownership,latitude\n{row}\n")
    assert refused.field == field
    assert told in refused.reason


@pytest.mark.parametrize(
    ("place", "field", "told"),
    [
        ("2.24,16.4", "latitude", "is not in IT: imported without coordinates"),
        ("14.2,40.8", "latitude", "swapped"),
        ("0,0", "latitude", "in the ocean"),
        ("91,12", "latitude", "beyond 90"),
        ("45,181", "longitude", "beyond 180"),
        ("45,", "longitude", "is missing beside the other"),
    ],
)
def test_a_point_that_cannot_be_is_left_out_and_told(place: str, field: str, told: str) -> None:
    row = only(f"code,name,country,latitude,longitude\n1,a,IT,{place}\n")
    assert "latitude" not in row.values
    assert "longitude" not in row.values
    (warning,) = row.warnings
    assert (warning.line, warning.field) == (2, field)
    assert told in warning.reason


def test_no_point_at_all_is_no_mistake() -> None:
    row = only("code,name,latitude,longitude\n1,a,NaN,NULL\n")
    assert (row.values["latitude"], row.values["longitude"], row.warnings) == (None, None, [])


def test_decimal_commas() -> None:
    row = only("code;name;latitude;longitude\n1;a;45,5;-9,25\n")
    assert (row.values["latitude"], row.values["longitude"]) == (45.5, -9.25)


@pytest.mark.parametrize(
    ("text", "country", "zone", "warned"),
    [
        ("GMT+1:00 Europe/Andorra", "", "Europe/Andorra", False),
        ("GMT+08:00 Asia/Beijing", "CN", "Asia/Shanghai", False),
        ("GMT-03:00 America/Argentina/Bu", "AR", "America/Argentina/Buenos_Aires", True),
        ("America/Willemstad", "CW", "America/Curacao", True),
        ("Mars/Olympus", "US", None, True),
    ],
)
def test_time_zones(text: str, country: str, zone: str | None, warned: bool) -> None:
    row = only(f"code,name,country,timezone\n1,a,{country},{text}\n")
    assert row.values.get("timezone") == zone
    assert bool(row.warnings) == warned


@pytest.mark.parametrize(
    ("text", "ownership"),
    [
        ("Company Owned", "direct"),
        ("Diretto", "direct"),
        ("Licensed", "franchise"),
        ("Joint Venture", "franchise"),
        ("Franchising", "franchise"),
    ],
)
def test_ownership_words(text: str, ownership: str) -> None:
    assert only(f"code,name,ownership\n1,a,{text}\n").values["ownership"] == ownership


def test_silence_about_ownership_changes_nothing() -> None:
    assert "ownership" not in only("code,name,ownership\n1,a,\n").values


def test_defaults_fill_what_the_file_leaves_empty() -> None:
    rows, _ = imported("code,name,country\n1,a,\n2,b,FR\n", default="country=Italia,format=corner")
    assert [row.values["country"] for row in rows] == ["IT", "FR"]
    assert rows[0].values["format"] == "corner"
    with pytest.raises(Invalid):
        imported("code,name\n1,a\n", default="code=7")


def test_control_characters_go_and_are_told() -> None:
    row = only('code,name,address\n1,a\x96b,"Via\tRoma\n1"\n')
    assert (row.values["name"], row.values["address"]) == ("ab", "Via Roma 1")
    assert [warning.field for warning in row.warnings] == ["name"]
    assert reason("code,name\n1,\x96\n").reason == "is missing"


def test_the_first_good_row_has_the_code() -> None:
    rows, refused = imported("code,name\n1,\n1,good\n1,late\n2,x\n")
    assert [(row.line, row.values["code"]) for row in rows] == [(3, "1"), (5, "2")]
    assert [(each.line, each.reason) for each in refused] == [
        (2, "is missing"),
        (4, "'1' is the code of line 3 already"),
    ]


@given(st.binary(max_size=300))
def test_any_bytes_below_a_header_are_rows_or_refusals(data: bytes) -> None:
    try:
        rows, refused = imported(b"code,name,country,latitude,longitude,timezone\n" + data)
    except Invalid:
        return
    for row in rows:
        assert row.values["code"]
        assert "\x00" not in "".join(map(str, row.values.values()))
    assert all(each.reason for each in refused)


good_text = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=20
).filter(lambda text: text not in store_import._MISSING)
good_row = st.fixed_dictionaries(
    {
        "code": good_text,
        "name": good_text,
        "city": good_text,
        "latitude": st.floats(-89, 89).filter(bool),
        "longitude": st.floats(-179, 179).filter(bool),
        "country": st.none(),
        "ownership": st.sampled_from(["direct", "franchise"]),
        "timezone": st.sampled_from(["Europe/Rome", "UTC", "America/Argentina/Buenos_Aires"]),
    }
)


@given(
    st.lists(good_row, min_size=1, max_size=6, unique_by=lambda row: row["code"]),
    st.sampled_from(csv_text.DELIMITERS),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_good_rows_come_back_whole(
    written: list[dict[str, Any]], delimiter: str, end: str, encoding: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(written[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows({name: as_text(value) for name, value in row.items()} for row in written)
    rows, refused = imported(out.getvalue().encode(encoding))
    assert refused == []
    assert [row.values for row in rows] == written
    assert all(row.warnings == [] for row in rows)


def test_the_ministry_file(shared: Path) -> None:
    data = (shared / "stores" / "mimit_impianti_2022-03-24.csv").read_bytes()
    rows, refused = imported(data, "region=Provincia", "country=IT")
    assert (len(rows), len(refused)) == (21_366, 40)
    assert sum(row.region == ("NA",) for row in rows) == 733
    assert {len(name) for row in rows for name in row.region or ()} == {2}, "no malformed province"
    assert [each.field for each in refused].count("latitude") == 39
    outside = [each for row in rows for each in row.warnings if each.field == "latitude"]
    assert [each.line for each in outside] == [11_135]


def test_the_coffee_file(shared: Path) -> None:
    data = (shared / "stores" / "starbucks_directory.csv").read_bytes()
    rows, refused = imported(data, "region=Country>State/Province")
    assert len(rows) == 25_596
    assert [(each.line, each.reason) for each in refused] == [
        (8_109, "'19773-160973' is the code of line 7978 already")
    ]
    assert sum(not row.values["name"].isascii() for row in rows) == 2_984
    assert all(row.values.get("timezone") for row in rows)


def test_the_furniture_file(shared: Path) -> None:
    data = (shared / "stores" / "ikea_stores.csv").read_bytes()
    rows, refused = imported(data, "code=country+name")
    assert (len(rows), refused) == (207, [])
    assert all(len(row.values["country"]) == 2 for row in rows)


def test_a_stray_quote_swallows_no_row() -> None:
    lines = [f"C{n},Bar Sport,Street {n}" for n in range(1, 201)]
    lines[9] = 'C10,"Bar Sport,Street 10'
    rows, refused = imported("\n".join(["code,name,address", *lines]))
    assert len(rows) == 199
    assert [(remark.line, "quote" in remark.reason) for remark in refused] == [(11, True)]


def test_a_line_break_within_a_name_is_a_warning() -> None:
    row = only('code,name,address\n1,"Bar\nSport","Street 1\nFloor 2"\n')
    assert row.values["name"] == "Bar Sport"
    assert [(one.field, "line break" in one.reason) for one in row.warnings] == [("name", True)]


def test_two_stray_quotes_name_how_much_is_between_them() -> None:
    rows, (refused,) = imported('code,name,city\n1,"A,B\n2,C,D\n3,E",F,G\n4,H,I\n')
    assert [row.line for row in rows] == [5]
    assert refused.line == 2
    assert "a stray quote that took 2 more lines" in refused.reason


def test_a_line_that_is_not_utf_8_is_refused_alone() -> None:
    text = "code,name\n1,Caffè\n2,Perché\n3,Cantù\n4,Forlì\n".encode()
    rows, refused = imported(text.replace("ù".encode(), b"\xf9"))
    assert [row.values["name"] for row in rows] == ["Caffè", "Perché", "Forlì"]
    assert [(remark.line, "not UTF-8" in remark.reason) for remark in refused] == [(4, True)]
