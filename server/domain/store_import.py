"""Rows of a CSV file as stores: which column means what, and what a row's cells mean.

Columns are guessed by their names in several languages, or said: `code=Store Number`. Two columns
make one value by `code=country+name` (joined by a hyphen), and regions have levels,
`region=Country>State`. A row is refused with its line and reason, or becomes values; what had to be
left out of it is a warning.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.domain import csv_text, places
from server.domain.csv_text import CsvText
from server.domain.ownership import Ownership
from server.domain.spreadsheets import from_text
from server.errors import Invalid

NAMES: dict[str, str] = {
    "code": "storenumber storecode storeid storeno shopid shopcode code codice codicenegozio "
    "codicepuntovendita idnegozio idimpianto idpuntovendita numeronegozio codigo codigotienda "
    "codemagasin numeromagasin filialnummer filialcode filiale nummer number id",
    "name": "storename shopname name nome nomenegozio nomeimpianto denominazione puntovendita "
    "negozio nombre nombretienda nom nommagasin filialname bezeichnung naam",
    "address": "address streetaddress street addressline1 indirizzo via direccion domicilio "
    "adresse rue strasse anschrift adres",
    "city": "city town comune citta localita ciudad ville stadt ort plaats",
    "postal_code": "postalcode postcode zip zipcode cap codiceavviamentopostale codigopostal "
    "codepostal plz postleitzahl",
    "country": "country countrycode nazione paese pais pays land",
    "latitude": "latitude lat latitudine latitud breitengrad",
    "longitude": "longitude lon lng long longitudine longitud langengrad",
    "timezone": "timezone tz fusoorario zonahoraria fuseauhoraire zeitzone",
    "format": "format storeformat formato storetype tipoimpianto tiponegozio tipo type typ",
    "ownership": "ownership ownershiptype proprieta gestione propiedad propriete",
}
"""Field → its columns' usual names, folded (see `folded`), the surest first."""

FIELDS = (*NAMES, "region")
DEFAULTABLE = ("city", "country", "timezone", "format", "ownership")

_LENGTHS = {
    "code": 64, "name": 200, "address": 500, "city": 200, "postal_code": 20, "format": 80,
    "region": 200, "country": 80, "timezone": 80, "ownership": 80,
}  # fmt: skip
_LONGEST_NUMBER = 64
_REQUIRED = ("code", "name")
_MISSING = frozenset(("", "NULL", "null", "NaN", "nan", "N/A", "n/a", "#N/A", "-"))
"""What exports write for nothing. "NA" is not one: it is Napoli, and Namibia."""

_NUMBER = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{1,40})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_BREAK = re.compile(r"\r\n|\r|\n")
_DIRECT = "direct directo diretto diretta owned companyowned company corporate proprio proprieta di"
_FRANCHISE = (
    "franchise franchised franchising franchisee licensed license licence concession affiliato "
    "affiliata jointventure franquicia concessione indiretto indiretta"
)
_OWNERSHIP = dict.fromkeys(_DIRECT.split(), Ownership.DIRECT) | dict.fromkeys(
    _FRANCHISE.split(), Ownership.FRANCHISE
)

Spec = tuple[tuple[int, ...], ...]
"""Columns of a field: levels (one, except for regions) of columns to join."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Why a row is refused, or what was left out of it. `field` is "" for the whole row."""

    line: int
    field: str
    column: str
    reason: str


@dataclass(slots=True)
class StoreRow:
    """A row that can be imported. `values` holds the fields that the file speaks of, None where it
    says that there is nothing; `region` the names from the root down, or None if unmapped."""

    line: int
    values: dict[str, Any]
    region: tuple[str, ...] | None = None
    warnings: list[Remark] = field(default_factory=list)


class Refused(Exception):
    """A row cannot be imported: (field, reason)."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which columns make which field, and what to take where the file says nothing."""

    header: list[str]
    specs: dict[str, Spec]
    defaults: dict[str, str]

    def columns(self, name: str) -> str:
        """The field's columns, written as one would say them; "" if it has none."""
        levels = self.specs.get(name, ())
        return ">".join("+".join(self.header[i] for i in level) for level in levels)

    def ignored(self) -> list[str]:
        """The columns that no field uses."""
        used = {i for spec in self.specs.values() for level in spec for i in level}
        return [column for i, column in enumerate(self.header) if i not in used]


def folded(name: str) -> str:
    """A column's or a category's name without case, accents, blanks and punctuation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def mapping(header: list[str], said: Sequence[str] = (), defaults: Sequence[str] = ()) -> Mapping:
    """The mapping of `header`: what is `said` ("code=Store Number,name=…"; `field=` leaves a field
    out), the rest guessed. `defaults` likewise give values. Invalid names what is missing."""
    specs = {name: _guess(header, name) for name in NAMES}
    for name, column in _pairs(said, FIELDS, "map"):
        specs[name] = _spec(header, column, name) if column else ()
    found = {name: spec for name, spec in specs.items() if spec}
    if missing := [name for name in _REQUIRED if name not in found]:
        raise _no_column(missing, header)
    return Mapping(header, found, dict(_pairs(defaults, DEFAULTABLE, "default")))


def rows(file: CsvText, chosen: Mapping) -> Iterator[StoreRow | Remark]:
    """Every record of the file as a row, or the reason why it is refused. A code counts once: the
    first row that can be imported has it."""
    first_lines: dict[str, int] = {}
    for line, cells in file.records():
        try:
            row = _row(line, cells, chosen)
            _refuse_second(row, first_lines)
        except Refused as refusal:
            name, reason = refusal.args
            yield Remark(line, name, chosen.columns(name), reason)
        else:
            yield row


def _refuse_second(row: StoreRow, first_lines: dict[str, int]) -> None:
    code = row.values["code"]
    first = first_lines.setdefault(code, row.line)
    if first != row.line:
        raise Refused("code", f"{code!r} is the code of line {first} already")


def _row(line: int, cells: list[str] | None, chosen: Mapping) -> StoreRow:
    fault = csv_text.fault(cells, chosen.header)
    if cells is None or fault is not None:
        raise Refused("", fault)
    row = StoreRow(line, {})
    for name, spec in chosen.specs.items():
        _read_texts(row, cells, spec, name, chosen)
    for name, value in chosen.defaults.items():
        row.values[name] = row.values.get(name) or value
    _read_values(row, chosen)
    return row


def _read_texts(row: StoreRow, cells: list[str], spec: Spec, name: str, chosen: Mapping) -> None:
    """The field's text into `row.values`; a region's levels, down to the first empty one."""
    texts: list[str] = []
    for level in spec:
        parts = [part for i in level if (part := _clean(cells[i], name)) not in _MISSING]
        if name in _REQUIRED and any(_BREAK.search(cells[i].strip()) for i in level):
            reason = "holds a line break, imported as a blank: is a quote missing?"
            row.warnings.append(Remark(row.line, name, chosen.columns(name), reason))
        if len(parts) < len(level):
            break
        if not (text := _without_controls("-".join(parts), row, name, chosen)):
            break
        texts.append(text)
        if len(text) > _LENGTHS.get(name, _LONGEST_NUMBER):
            raise Refused(name, f"longer than {_LENGTHS.get(name, _LONGEST_NUMBER)} characters")
    if name == "region":
        row.region = tuple(texts)
    else:
        row.values[name] = texts[0] if texts else None


def _clean(cell: str, name: str) -> str:
    """Line breaks and tabs within a cell become blanks; what an export disarmed is itself again."""
    text = from_text(cell.strip())
    if text.isprintable():
        return text
    if "\x00" in text:
        raise Refused(name, "holds the NUL character")
    return " ".join(text.split())


def _without_controls(text: str, row: StoreRow, name: str, chosen: Mapping) -> str:
    """Text wrongly decoded by whoever wrote the file often holds them."""
    if text.isprintable():
        return text
    kept = "".join(letter for letter in text if unicodedata.category(letter) != "Cc").strip()
    if kept != text:
        reason = f"holds control characters: imported as {kept!r}"
        row.warnings.append(Remark(row.line, name, chosen.columns(name), reason))
    return kept


def _read_values(row: StoreRow, chosen: Mapping) -> None:
    values = row.values
    for name in _REQUIRED:
        if values[name] is None:
            raise Refused(name, "is missing")
    if values.get("country"):
        values["country"] = _country(values["country"])
    if "ownership" in values:
        _read_ownership(values)
    if "latitude" in values or "longitude" in values:
        _read_place(row, chosen)
    if values.get("timezone"):
        _read_timezone(row, chosen)


def _country(text: str) -> str:
    code = places.country_of(text)
    if code is None:
        raise Refused("country", f"{text!r} is no country: give an ISO code, such as IT")
    return code


def _read_ownership(values: dict[str, Any]) -> None:
    """Every store has an owner: where the file is silent, it stays as it is."""
    text = values.pop("ownership")
    if text is None:
        return
    if folded(text) not in _OWNERSHIP:
        raise Refused("ownership", f"{text!r} is neither direct nor franchise")
    values["ownership"] = str(_OWNERSHIP[folded(text)])


def _read_place(row: StoreRow, chosen: Mapping) -> None:
    latitude = _degrees(row.values.pop("latitude", None), "latitude")
    longitude = _degrees(row.values.pop("longitude", None), "longitude")
    wrong = _misplaced(latitude, longitude, row.values.get("country"))
    if wrong:
        name, reason = wrong
        reason = f"{reason}: imported without coordinates"
        row.warnings.append(Remark(row.line, name, chosen.columns(name), reason))
    else:
        row.values |= {"latitude": latitude, "longitude": longitude}


def _degrees(text: str | None, name: str) -> float | None:
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise Refused(name, f"{text!r} is not a number: the cells of this row may be shifted")
    return float(text.replace(",", "."))


def _misplaced(
    latitude: float | None, longitude: float | None, country: str | None
) -> tuple[str, str] | None:
    """(field, reason) if the point cannot be right."""
    if latitude is None or longitude is None:
        if latitude is longitude:
            return None
        return ("latitude" if latitude is None else "longitude"), "is missing beside the other"
    for name, value, most in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        if abs(value) > most:
            return name, f"{value} is beyond {most} degrees"
    if latitude == longitude == 0:
        return "latitude", "0, 0 is in the ocean"
    if places.is_within(country, latitude, longitude):
        return None
    swapped = abs(longitude) <= 90 and places.is_within(country, longitude, latitude)
    hint = ", though it would be if they were swapped" if swapped else ""
    return "latitude", f"{latitude}, {longitude} is not in {country}{hint}"


def _read_timezone(row: StoreRow, chosen: Mapping) -> None:
    """An unknown zone gives way to the only one that begins so or that the country has."""
    text = row.values.pop("timezone")
    zone = places.timezone_of(text)
    if zone is None:
        zone = places.cut_timezone(text) or places.only_timezone(row.values.get("country"))
        what = f"taken as {zone}" if zone else "imported without time zone"
        reason = f"{text!r} is no IANA time zone: {what}"
        row.warnings.append(Remark(row.line, "timezone", chosen.columns("timezone"), reason))
    if zone is not None:
        row.values["timezone"] = zone


def _guess(header: list[str], name: str) -> Spec:
    folded_header = [folded(column) for column in header]
    for usual in NAMES[name].split():
        if usual in folded_header:
            return ((folded_header.index(usual),),)
    return ()


def _spec(header: list[str], text: str, name: str) -> Spec:
    if text in header:
        return ((_index(header, text),),)
    levels = text.split(">") if name == "region" else [text]
    return tuple(tuple(_index(header, part) for part in _parts(header, x)) for x in levels)


def _parts(header: list[str], level: str) -> list[str]:
    return [level] if level.strip() in header else level.split("+")


def _index(header: list[str], column: str) -> int:
    column = column.strip()
    for fold in (str.strip, folded):
        same = [i for i, each in enumerate(header) if fold(each) == fold(column)]
        if len(same) == 1:
            return same[0]
        if same:
            raise _wrong("map", f"{len(same)} columns are called {column!r}: rename one.")
    raise _wrong("map", f"There is no column {column!r}; {_there_are(header)}")


def _pairs(said: Sequence[str], allowed: Iterable[str], pointer: str) -> Iterator[tuple[str, str]]:
    """(field, text) of "field=text,field=text"; a pair with a comma in it is quoted as in CSV."""
    for pair in (pair for line in said for pair in _split(line, pointer) if pair.strip()):
        name, equals, text = (part.strip() for part in pair.partition("="))
        if not equals or name not in allowed:
            raise _wrong(pointer, f"{pair!r} is not FIELD=…; fields are {', '.join(allowed)}.")
        yield name, text


def _split(line: str, pointer: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error as error:
        raise _wrong(pointer, f"Not readable: {error}.") from error


def _no_column(missing: list[str], header: list[str]) -> Invalid:
    ask = " and ".join(f"{name}=…" for name in missing)
    return _wrong(
        "map",
        f"No column looks like the stores' {' or '.join(missing)}: say {ask}; {_there_are(header)}",
    )


def _there_are(header: list[str]) -> str:
    names = ", ".join(repr(column[:60]) for column in header[:40])
    return f"the columns are {names}{' …' if len(header) > 40 else ''}."


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(
        "The file's columns cannot be mapped.", errors=[{"pointer": pointer, "detail": detail}]
    )
