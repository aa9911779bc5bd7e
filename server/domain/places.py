"""Countries and time zones: what a store's `country` and `timezone` may be.

Codes, English names and each country's zones are those of the IANA time zone database (package
tzdata: iso3166.tab and zone.tab), constant while the process runs. Bounds are Natural Earth's
(1:50m, public domain), widened outwards by one to two degrees: a point beyond them is surely not in
the country.
"""

import zoneinfo
from collections import Counter
from functools import cache, lru_cache
from importlib.resources import files

_OTHER_NAMES = {
    "austria": "AT", "österreich": "AT", "belgio": "BE", "belgique": "BE", "belgië": "BE",
    "bosnia and herzegovina": "BA", "brasil": "BR", "brasile": "BR", "česko": "CZ", "cina": "CN",
    "croazia": "HR", "czechia": "CZ", "danimarca": "DK", "deutschland": "DE", "england": "GB",
    "españa": "ES", "francia": "FR", "germania": "DE", "giappone": "JP", "grecia": "GR",
    "great britain": "GB", "hongkong": "HK", "inghilterra": "GB", "irlanda": "IE", "italia": "IT",
    "italie": "IT", "italien": "IT", "ivory coast": "CI", "lussemburgo": "LU", "macao": "MO",
    "norvegia": "NO", "paesi bassi": "NL", "polonia": "PL", "polska": "PL", "portogallo": "PT",
    "regno unito": "GB", "republic of ireland": "IE", "republic of korea": "KR",
    "repubblica ceca": "CZ", "russian federation": "RU", "schweiz": "CH", "scotland": "GB",
    "slovacchia": "SK", "south korea": "KR", "spagna": "ES", "stati uniti": "US", "suisse": "CH",
    "svezia": "SE", "svizzera": "CH", "the netherlands": "NL", "turchia": "TR", "türkiye": "TR",
    "uk": "GB", "ungheria": "HU", "united kingdom": "GB", "united states of america": "US",
    "usa": "US", "wales": "GB",
}  # fmt: skip

_OTHER_ZONES = {"Asia/Beijing": "Asia/Shanghai", "Asia/New_Delhi": "Asia/Kolkata"}
"""Names that software of some makers writes for a zone, and the database does not know."""

_BOUNDS = """
AD 41 0 44 3; AE 21 50 28 58; AF 28 59 40 76; AG 15 -63 19 -60; AI 17 -65 20 -61; AL 38 18 44 23;
AM 37 42 43 48; AO -20 10 -3 26; AR -57 -75 -20 -52; AS -16 -172 -13 -169; AT 45 8 51 19;
AU -56 111 -9 160; AW 11 -72 14 -68; AX 59 18 62 22; AZ 37 43 43 52; BA 41 14 47 21;
BB 12 -61 15 -58; BD 19 87 28 94; BE 48 1 53 8; BF 8 -7 17 4; BG 40 21 46 30; BH 24 49 28 52;
BI -6 28 -1 32; BJ 5 -1 14 5; BL 16 -64 19 -61; BM 31 -66 34 -63; BN 3 113 7 117;
BO -24 -71 -8 -56; BQ 11 -70 14 -67; BR -35 -76 7 -33; BS 19 -80 28 -71; BT 25 87 30 94;
BW -28 18 -16 31; BY 50 22 58 34; BZ 14 -91 20 -86; CA 40 -143 85 -51; CC -14 95 -11 98;
CD -15 11 7 33; CF 1 13 12 29; CG -7 10 5 20; CH 44 4 49 12; CI 3 -10 12 -1; CK -23 -161 -20 -158;
CL -57 -111 -16 -65; CM 0 7 15 18; CN 17 72 55 136; CO -6 -81 14 -65; CR 7 -87 13 -81;
CU 18 -86 25 -73; CV 13 -27 19 -21; CW 11 -71 14 -67; CX -12 104 -9 107; CY 33 31 37 36;
CZ 47 11 53 20; DE 46 4 57 17; DJ 9 40 14 45; DK 53 7 59 17; DM 14 -63 17 -60; DO 16 -74 21 -67;
DZ 17 -10 39 13; EC -6 -93 3 -74; EE 56 20 61 30; EG 20 23 33 38; EH 19 -19 29 -7; ER 11 35 20 45;
ES 26 -20 45 6; ET 2 31 16 49; FI 58 19 72 33; FJ -23 -180 -11 180; FK -54 -63 -50 -56;
FM 4 137 11 164; FO 60 -9 64 -5; FR -23 -63 53 57; GA -5 7 4 16; GB 49 -10 62 3; GD 11 -63 14 -60;
GE 40 38 45 48; GF 1 -56 7 -50; GG 48 -4 51 -1; GH 3 -5 13 3; GL 58 -74 85 -10; GM 12 -18 15 -12;
GN 6 -17 14 -6; GP 14 -63 18 -60; GQ -1 7 5 13; GR 33 18 43 30; GT 12 -94 19 -87;
GU 12 143 15 146; GW 9 -18 14 -12; GY 0 -63 10 -55; HK 21 112 24 116; HM -55 72 -51 75;
HN 11 -91 18 -82; HR 41 12 48 21; HT 17 -76 22 -70; HU 44 15 50 24; ID -12 94 7 142;
IE 50 -12 57 -5; IL 28 33 35 37; IM 53 -6 56 -3; IN 5 67 37 99; IQ 28 37 39 50; IR 24 43 41 65;
IS 62 -26 68 -12; IT 35 5 49 20; JE 48 -4 51 -1; JM 16 -80 20 -75; JO 28 33 35 41;
JP 23 122 47 147; KE -6 32 7 43; KG 38 68 45 82; KH 9 101 16 109; KI -13 -176 5 176;
KM -14 42 -10 46; KN 16 -64 19 -61; KP 36 123 44 132; KR 32 125 40 132; KW 27 45 32 50;
KY 18 -83 21 -78; KZ 39 45 57 89; LA 12 99 24 109; LB 32 34 36 38; LC 12 -63 16 -59;
LI 46 8 49 11; LK 4 78 11 83; LR 3 -13 10 -6; LS -32 26 -27 31; LT 52 19 58 28; LU 48 4 52 8;
LV 54 20 60 30; LY 18 8 35 27; MA 20 -19 37 0; MC 42 6 45 9; MD 44 25 50 32; ME 40 17 45 22;
MF 17 -65 20 -62; MG -27 42 -11 52; MH 4 165 13 173; MK 39 19 44 25; ML 9 -14 26 6;
MM 8 91 30 103; MN 40 86 54 121; MO 21 112 24 115; MP 13 144 20 147; MQ 13 -63 16 -59;
MR 13 -19 29 -3; MS 15 -64 18 -61; MT 34 13 38 16; MU -22 56 -18 59; MV 2 72 6 75;
MW -19 31 -8 37; MX 13 -120 34 -85; MY -1 98 9 121; MZ -28 29 -9 42; NA -30 10 -15 27;
NC -24 158 -18 170; NE 10 -1 25 17; NF -31 166 -28 169; NG 3 1 15 16; NI 9 -89 17 -82;
NL 11 -70 55 9; NO 57 -11 82 35; NP 25 79 32 90; NR -2 165 1 168; NU -21 -171 -17 -168;
NZ -54 -178 -7 180; OM 15 50 28 61; PA 6 -85 11 -76; PE -20 -83 1 -67; PF -22 -153 -7 -135;
PG -13 139 0 157; PH 4 115 22 128; PK 22 59 39 79; PL 48 13 56 26; PM 45 -58 49 -55;
PN -26 -130 -23 -127; PR 16 -69 20 -64; PT 31 -33 44 -5; PW 2 130 9 136; PY -29 -64 -18 -53;
QA 23 49 28 53; RE -23 54 -19 57; RO 42 19 50 31; RS 41 17 48 24; RU 40 -180 83 180;
RW -4 27 0 32; SA 15 33 34 57; SB -13 154 -5 168; SC -6 54 -3 57; SD 7 20 24 40; SE 54 10 71 26;
SG 0 102 3 105; SH -18 -16 -6 -4; SI 44 12 48 18; SJ 73 9 82 35; SK 46 15 51 24; SL 5 -15 11 -9;
SM 42 11 45 14; SN 11 -19 18 -10; SO -3 39 13 53; SR 0 -60 7 -52; SS 2 23 14 37; ST -1 5 3 9;
SV 12 -92 16 -86; SX 17 -65 20 -62; SY 31 34 39 44; SZ -29 29 -24 34; TC 20 -74 23 -70;
TD 6 12 25 25; TF -51 50 -45 72; TG 5 -2 13 3; TH 4 96 22 107; TJ 35 66 43 77;
TK -11 -174 -7 -170; TM 34 51 44 68; TN 29 6 39 13; TO -23 -177 -17 -172; TR 34 24 44 46;
TT 9 -63 13 -59; TW 20 117 27 123; TZ -13 28 1 42; UA 43 21 54 42; UG -3 28 6 36;
US 17 -180 73 180; UY -36 -60 -29 -52; UZ 36 54 47 75; VA 40 11 43 14; VC 11 -63 15 -60;
VE -1 -75 14 -58; VG 17 -66 20 -63; VI 16 -67 20 -63; VN 7 101 25 111; VU -22 165 -12 171;
WF -16 -180 -12 -175; WS -16 -174 -12 -170; YE 11 41 20 56; YT -14 44 -11 47; ZA -48 15 -21 39;
ZM -20 20 -7 35; ZW -24 24 -14 35
"""
"""Country, south, west, north, east in degrees. One that crosses 180° spans the globe."""


@cache
def countries() -> dict[str, str]:
    """ISO 3166-1 alpha-2 code → English name."""
    return dict(_table("iso3166.tab"))


def country_of(text: str) -> str | None:
    """The ISO 3166-1 alpha-2 code that `text` means: a code, or a country's name in English or, for
    some, in its own language or in Italian. None if unknown."""
    return _country_words().get(text.strip().casefold())


@cache
def timezones() -> frozenset[str]:
    """All IANA time zone names."""
    return frozenset(zoneinfo.available_timezones() - {"Factory", "localtime"})


def timezone_of(text: str) -> str | None:
    """The IANA zone that `text` names, perhaps after an offset ("GMT+1:00 Europe/Andorra"). None
    if unknown."""
    name = _last_word(text)
    name = _OTHER_ZONES.get(name, name)
    return name if name in timezones() else None


@lru_cache(maxsize=1024)
def cut_timezone(text: str) -> str | None:
    """The only IANA zone whose name begins as `text` ends ("America/Argentina/Bu"). None if there
    is none, or are several."""
    name = _last_word(text)
    longer = [zone for zone in timezones() if "/" in name and zone.startswith(name)]
    return longer[0] if len(longer) == 1 else None


def only_timezone(country: str | None) -> str | None:
    """The time zone of a country that has only one."""
    return _only_zones().get(country or "")


def is_within(country: str | None, latitude: float, longitude: float) -> bool:
    """False if the point (degrees) is surely not in the country."""
    south, west, north, east = _bounds().get(country or "", (-90.0, -180.0, 90.0, 180.0))
    return south <= latitude <= north and west <= longitude <= east


def _last_word(text: str) -> str:
    return text.split()[-1] if text.strip() else ""


@cache
def _country_words() -> dict[str, str]:
    codes = {code.casefold(): code for code in countries()}
    return {name.casefold(): code for code, name in countries().items()} | _OTHER_NAMES | codes


@cache
def _only_zones() -> dict[str, str]:
    zones = [(code, zone) for code, _, zone, *_ in _table("zone.tab")]
    count = Counter(code for code, _ in zones)
    return {code: zone for code, zone in zones if count[code] == 1}


@cache
def _bounds() -> dict[str, tuple[float, ...]]:
    entries = (entry.split() for entry in _BOUNDS.split(";"))
    return {code: tuple(float(degrees) for degrees in bounds) for code, *bounds in entries}


def _table(name: str) -> list[list[str]]:
    text = (files("tzdata") / "zoneinfo" / name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and line[0] != "#"]
