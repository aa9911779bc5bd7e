"""Plots: what is said in them, in both kinds; nothing is drawn where there is no figure."""

import html
import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from PIL import Image

from server.figures import caterpillar, gaps, heat, radar, trend
from server.figures.canvas import BOTTOM, MARK, PLAIN, TOP, Kind


def row(rank: int, label: str = "Milano Brera", tier: str = "undetermined") -> caterpillar.Row:
    mean = 90.0 - rank
    return caterpillar.Row(rank, label, mean, mean - 3, mean + 3, tier, rank % 2 == 0, rank)


def stores(*rows: caterpillar.Row) -> str:
    return caterpillar.picture(rows, title="Stores", mu=80, kind=Kind.SVG).decode()


def test_a_caterpillar_names_its_stores_and_colours_only_what_is_sure() -> None:
    text = stores(row(1, "Città", "top"), row(2, "$hop$ 漢字"), row(3, "<b>", "bottom"))
    for words in ("Città  (n 1)  1", "$hop$ 漢字  (n 2)  2", "&lt;b&gt;  (n 3)  3"):
        assert words in text
    assert all(colour in text for colour in (TOP, BOTTOM, PLAIN))
    assert TOP not in stores(row(1), row(2))


def test_a_caterpillar_says_what_its_dashed_line_is() -> None:
    assert "mean of all the brand's stores, shown or not" in html.unescape(stores(row(1)))


def test_of_many_stores_the_ends_are_shown() -> None:
    text = stores(*(row(rank, f"store-{rank}-") for rank in range(1, 101)))
    assert "store-30-" in text
    assert "store-31-" not in text
    assert "… 40 more …" in text
    assert "store-71-" in text


def test_one_store_is_marked_and_a_number_stands_for_those_left_out() -> None:
    rows = [row(1), 1200, replace(row(1202), marked=True), row(1203)]
    text = caterpillar.picture(rows, title="Stores", mu=None, kind=Kind.SVG).decode()
    assert "… 1,200 more …" in text
    assert text.count(MARK) == 1


def test_what_xml_cannot_hold_becomes_a_space() -> None:
    text = caterpillar.picture([row(1, "a\x0bb\nc")], title="x\x01\ufffey", mu=1, kind=Kind.SVG)
    said = {element.text for element in ElementTree.fromstring(text).iter() if element.text}
    assert {"a b c  (n 1)  1", "x y"} <= said


def test_much_is_cut_and_said_to_be() -> None:
    names = [f"row {index}-" for index in range(300)]
    columns = [f"column {index}-" for index in range(50)]
    text = heat.picture(names, columns, [[1.0] * 50] * 300, title="T", kind=Kind.SVG).decode()
    said = [words in text for words in ("240 more rows", "14 more columns", "row 59-", "row 60-")]
    assert said == [True, True, True, False]
    promises = [gaps.Row(name, 50, 60) for name in names]
    assert "260 more promises" in gaps.picture(promises, title="T", kind=Kind.SVG).decode()
    points = [trend.Point(f"month {index}-", 50, 1) for index in range(300)]
    text = trend.picture(points, title="T", kind=Kind.SVG).decode()
    assert ("month 239-" in text, "month 240-" in text) == (False, True)
    assert len(set(re.findall(r"month \d+-", text))) == 20  # every third is labelled


def test_nothing_at_all_is_said_so() -> None:
    assert "Nobody visited." in trend.picture([], title="T", kind=Kind.SVG).decode()
    assert "No visit tells of" in gaps.picture([], title="T", kind=Kind.SVG).decode()


def test_no_store_is_said_so() -> None:
    assert "No store has visits here." in stores()


def test_gaps_are_signed_and_a_promise_without_visits_has_none() -> None:
    rows = [gaps.Row("concrete", 62, 80, 55, 69), gaps.Row("essential", None, 70)]
    text = gaps.picture(rows, title="Promises", kind=Kind.SVG).decode()
    assert "-18.0" in text
    assert BOTTOM in text
    assert "no visit tells of it" in text


def test_a_gap_without_an_interval_is_not_certain() -> None:
    for score in (90.0, 10.0):
        row = gaps.Row("clear", score, 50)
        text = gaps.picture([row], title="Promises", kind=Kind.SVG).decode()
        assert TOP not in text
        assert BOTTOM not in text
        sure = replace(row, low=score - 1, high=score + 1)
        assert (TOP if score > 50 else BOTTOM) in gaps.picture(
            [sure], title="Promises", kind=Kind.SVG
        ).decode()


def test_a_trend_has_holes_where_nobody_visited() -> None:
    points = [trend.Point("2026-01", 60, 2, 55, 65), trend.Point("2026-02", None, 0)]
    text = trend.picture(points, title="Visits", target=75, kind=Kind.SVG).decode()
    assert "2026-02" in text
    assert "nan" not in text.lower()


def test_a_heat_map_bears_its_figures() -> None:
    text = heat.picture(
        ["Welcome"], ["2026-01", "2026-02"], [[61.4, None]], title="Touchpoints", kind=Kind.SVG
    ).decode()
    assert ">61<" in text
    assert ">0<" not in text


@pytest.mark.parametrize("kind", list(Kind))
def test_the_same_figures_give_the_same_file_from_many_threads(kind: Kind) -> None:
    def draw(_: int) -> bytes:
        return caterpillar.picture([row(1), row(2)], title="Stores", mu=80, kind=kind)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(draw, range(6)))) == 1


def test_a_png_is_one() -> None:
    data = heat.picture([], [], [], title="Touchpoints", kind=Kind.PNG)
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        assert image.width > 500


def test_a_radar_bears_its_figures_and_leaves_open_what_nobody_tells() -> None:
    axes = [radar.Axis("certainty", 84.4, 6), radar.Axis("control", None, 0)]
    text = radar.picture(axes, title="Forces", kind=Kind.SVG).decode()
    for words in ("certainty", "84 (n 6)", "control", "–"):
        assert words in text
    none = radar.picture([radar.Axis("control", None, 0)], title="Forces", kind=Kind.SVG).decode()
    assert "No visit tells of it." in none
