"""promessa rank, rates and drivers: from CSV files alone."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.domain.ranking import METHOD_VERSION
from tests.domain import oracles

FOLDER = Path(oracles.__file__).parent
SWISS = "Agriculture,Examination,Education,Catholic,Infant.Mortality"
BATCHES = ("--store", "Batch", "--shopper", "rownames", "--score", "Yield")
VISITS = ("--store", "store", "--shopper", "by", "--score", "score")
STORE_FIELDS = {
    "store", "n_visits", "n_eff", "n_shoppers", "raw_mean", "adjusted_mean", "se", "interval95",
    "reliability", "rank", "expected_rank", "rank_interval90", "rank_set95",
    "rank_bounds95", "of", "p_top_quartile", "p_bottom_quartile", "tier", "provisional",
    "comparable_block",
}  # fmt: skip


def run(*arguments: str, table: str | None = None) -> Result:
    """Run a command; `table` is its standard input."""
    return CliRunner().invoke(main, [str(one) for one in arguments], input=table)


def told(*arguments: str, table: str | None = None) -> Any:
    """The JSON that a command prints."""
    result = run(*arguments, "--json", table=table)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_rank_dyestuff() -> None:
    answer = told("rank", str(FOLDER / "Dyestuff.csv"), *BATCHES)
    assert answer["mu"] == pytest.approx(1527.5)
    assert answer["method_version"] == METHOD_VERSION
    expected = {"store": 1764.05, "shopper": 0, "error": 2451.25}
    assert answer["variances"] == pytest.approx(expected, abs=0.005)
    effects = {row["store"]: row["adjusted_mean"] - 1527.5 for row in answer["stores"]}
    assert effects == pytest.approx(
        {"A": -17.607, "B": 0.391, "C": 28.562, "D": -23.085, "E": 56.733, "F": -44.995}, abs=6e-4
    )
    assert [row["rank"] for row in answer["stores"]] == [1, 2, 3, 4, 5, 6]
    assert all(set(row) == STORE_FIELDS for row in answer["stores"])
    assert answer["stores"][0]["tier"] == "top"


def test_rank_as_a_table() -> None:
    result = run("rank", str(FOLDER / "Dyestuff.csv"), *BATCHES)
    assert result.exit_code == 0
    assert "1,584.23" in result.output
    assert "store 1,764.05, shopper 0.00, error 2,451.25; rankability 0.78" in result.output


def test_a_harsh_shopper_is_taken_out() -> None:
    """[b]Uno and Due score alike with each shopper; Due had the harsh one more often."""
    visits = "store;by;score\n" + "".join(
        f"{store};{by};{score},5\n"
        for store, by, score in [
            ("[b]Uno", "mild", 90), ("[b]Uno", "mild", 92), ("[b]Uno", "harsh", 60),
            ("Due", "mild", 91), ("Due", "harsh", 62), ("Due", "harsh", 61),
            ("Tre", "mild", 70), ("Tre", "harsh", 38), ("Tre", "harsh", 41),
        ]
    )  # fmt: skip
    answer = told("rank", "-", *VISITS, table=visits)
    means = {row["store"]: row for row in answer["stores"]}
    one, two = means["[b]Uno"], means["Due"]
    assert one["raw_mean"] - two["raw_mean"] > 9
    assert abs(one["adjusted_mean"] - two["adjusted_mean"]) < 1
    assert answer["stores"][2]["store"] == "Tre"
    assert "[b]Uno" in run("rank", "-", *VISITS, table=visits).output


def test_weights_and_dates_say_what_a_visit_counts() -> None:
    rows = ["A,x,90,2026-03-31,1", "A,y,60,2025-03-31,1", "B,x,80,2026-03,1", "B,y,75,2026-03-02,0"]
    visits = "store,by,score,day,w\n" + "\n".join(rows)
    dated = told("rank", "-", *VISITS, "--date", "day", table=visits)
    one = next(row for row in dated["stores"] if row["store"] == "A")
    assert one["n_eff"] == pytest.approx(1.5**2 / 1.25)
    assert one["n_visits"] == 2
    half = told("rank", "-", *VISITS, "--date", "day", "--half-life", "182.5", table=visits)
    one = next(row for row in half["stores"] if row["store"] == "A")
    assert one["n_eff"] == pytest.approx(1.25**2 / (1 + 1 / 16))
    weighed = told("rank", "-", *VISITS, "--weight", "w", table=visits)
    assert {row["store"]: row["n_visits"] for row in weighed["stores"]} == {"A": 2, "B": 1}


def test_where_stores_do_not_differ_nobody_is_ranked() -> None:
    answer = told("rank", "-", *VISITS, table="store,by,score\nA,x,5\nB,x,5\nA,y,5\n")
    assert answer["variances"] == {"store": 0, "shopper": 0, "error": 0}
    assert [row["rank"] for row in answer["stores"]] == [None, None]
    assert "nobody is ranked" in answer["warnings"][0]
    shown = run("rank", "-", *VISITS, table="store,by,score\nA,x,5\nB,x,5\nA,y,5\n")
    assert "Mind: nobody is ranked" in shown.output
    assert {(row["se"], row["interval95"]) for row in answer["stores"]} == {(None, None)}


def test_that_no_difference_was_seen_makes_nobody_sure() -> None:
    """One visit each: μ is known better than any store is."""
    rows = "".join(f"S{number},p{number % 3},{60 + number * 7 % 20}\n" for number in range(12))
    answer = told("rank", "-", *VISITS, table="store,by,score\n" + rows)
    assert answer["variances"]["store"] == 0
    for row in answer["stores"]:
        low, high = row["interval95"]
        assert low <= row["adjusted_mean"] <= high
        assert high - low > 2 * 1.96 * answer["variances"]["error"] ** 0.5 * 0.99


@pytest.mark.parametrize("origin", [0.0, -3e8, 1e9, 1e13])
@pytest.mark.parametrize("unit", [1.0, 1e-60, 1e80])
def test_neither_a_constant_nor_a_unit_changes_the_ranking(origin: float, unit: float) -> None:
    def ranked(origin: float, unit: float) -> list[Any]:
        rows = [
            (f"S{number % 8}", f"p{number % 3}", number % 8 * 4 + number * number % 5 * 8)
            for number in range(40)
        ]
        table = [f"{store},{by},{(origin + score) * unit!r}" for store, by, score in rows]
        answer = told("rank", "-", *VISITS, table="store,by,score\n" + "\n".join(table))
        assert answer["variances"]["store"] > 0
        names = ("store", "rank", "expected_rank", "reliability")
        return [pytest.approx([row[name] for name in names[1:]], rel=1e-4) for row in
                sorted(answer["stores"], key=lambda row: row["store"])]  # fmt: skip

    assert [one.expected for one in ranked(origin, unit)] == ranked(0.0, 1.0)


def test_what_is_not_connected_is_named() -> None:
    rows = [
        f"{store},{by},{score}"
        for store, by, score in zip("AABBCCDD", "xyxyzwzw", (5, 9, 7, 12, 1, 4, 4, 9), strict=True)
    ]
    answer = told("rank", "-", *VISITS, table="store,by,score\n" + "\n".join(rows))
    warning = "2 stores are connected with the largest block by no chain"
    assert warning in answer["warnings"][0]
    shown = run("rank", "-", *VISITS, table="store,by,score\n" + "\n".join(rows)).output
    assert (warning in shown, "block" in shown.splitlines()[0]) == (True, True)
    alike = [f"{row.rpartition(',')[0]},{10 * 'ABCD'.index(row[0])}" for row in rows]
    answer = told("rank", "-", *VISITS, table="store,by,score\n" + "\n".join(alike))
    assert answer["variances"]["shopper"] == 0
    assert warning in "".join(answer["warnings"])
    blocks = {row["store"]: row["comparable_block"] for row in answer["stores"]}
    assert blocks == {"A": 1, "B": 1, "C": 2, "D": 2}


def test_rates_of_rat_tumours(tmp_path: Path) -> None:
    rows = oracles.read("rat_tumor")
    lines = [f"{number},{row['y']},{row['n']}" for number, row in enumerate(rows)]
    file = tmp_path / "counts.csv"
    file.write_text("store,y,n\n" + "\n".join(lines))
    columns = ("--store", "store", "--passed", "y", "--n", "n")
    answer = told("rates", str(file), *columns)
    assert answer["alpha"] == pytest.approx(2.3048, abs=1e-4)
    assert answer["beta"] == pytest.approx(14.0797, abs=1e-3)
    assert len(answer["stores"]) == len(rows)
    assert "α 2.3048, β 14.079" in run("rates", str(file), *columns).output


def test_rows_of_one_store_are_added_up() -> None:
    table = "s,p,n\nA,1,2\nB,0,5\nA,3,3\nC,0,0\n"
    answer = told("rates", "-", "--store", "s", "--passed", "p", "--n", "n", table=table)
    counts = {row["store"]: (row["passed"], row["n"], row["raw_rate"]) for row in answer["stores"]}
    assert counts == {"A": (4, 5, 0.8), "B": (0, 5, 0), "C": (0, 0, None)}


def test_drivers_of_swiss_fertility() -> None:
    file = str(FOLDER / "swiss.csv")
    answer = told("drivers", file, "--outcome", "Fertility", "--predictors", SWISS)
    assert answer["r2"] == pytest.approx(0.706735, abs=1e-6)
    expected = [0.057091, 0.171173, 0.260135, 0.105570, 0.112766]
    assert list(answer["shares"].values()) == pytest.approx(expected, abs=1e-6)
    assert ",".join(answer["shares"]) == SWISS
    shown = run("drivers", file, "--outcome", "Fertility", "--predictors", SWISS).output
    assert "0.171173" in shown
    assert "R² 0.706735 from 47 rows" in shown
    assert answer["adjusted_r2"] == pytest.approx(1 - (1 - 0.706735) * 46 / 41, abs=1e-5)
    low, high = answer["intervals95"]["Education"]
    assert 0 < low < answer["shares"]["Education"] < high < 1


def test_drivers_of_numbers_that_have_no_square() -> None:
    rows = [f"{number}e98,{number * number % 7}e-98,1e90" for number in range(1, 12)]
    command = ("drivers", "-", "--outcome", "y", "--predictors", "a,b")
    answer = told(*command, table="y,a,b\n" + "\n".join(rows))
    assert answer["shares"]["b"] == 0  # it never varies
    assert 0 < answer["shares"]["a"] == pytest.approx(answer["r2"])


def test_rates_that_show_no_difference_are_as_sure_as_their_own_counts() -> None:
    columns = ("--store", "s", "--passed", "r", "--n", "n")
    answer = told("rates", "-", *columns, table="s,r,n\nA,1,2\nB,50,100\nC,0,0\n")
    spans = {row["store"]: row["interval95"] for row in answer["stores"]}
    assert answer["alpha"] is None
    assert {row["rate"] for row in answer["stores"]} == {51 / 102}
    assert spans["A"] == pytest.approx([0.0945, 0.9055], abs=1e-4)
    assert spans["B"] == pytest.approx([0.4038, 0.5962], abs=1e-4)
    assert spans["C"] == [0, 1]
    nothing = told("rates", "-", *columns, table="s,r,n\nC,0,0\n")
    assert (nothing["mean"], nothing["stores"][0]["rate"]) == (None, None)
    assert nothing["stores"][0]["interval95"] is None


BAD_TABLES = {
    "store,by\nA,x\n": "there is no column 'score'; the columns are 'store', 'by'",
    "store,by,score,score\nA,x,1,2\n": "two columns are called 'score'",
    "store,by,score\nA,x,5\nB,x,good\n": "line 3: 'score' is not a number: 'good'",
    "store,by,score\nA,x,inf\n": "line 2: 'score' is not a number: 'inf'",
    "store,by,score\nA,x,5\n\nB,,6\n": "line 4: 'by' is empty",
    "store,by,score\nA,x\n": "line 2: 2 cells under 3 columns",
    "store,by,score\n": "there are no rows below the header",
    "": "it is empty",
}


@pytest.mark.parametrize("table", BAD_TABLES)
def test_a_bad_table_is_refused_with_its_line(table: str) -> None:
    result = run("rank", "-", *VISITS, table=table)
    assert result.exit_code == 2
    assert BAD_TABLES[table] in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ("rank", "-", *VISITS, "--date", "day"),
            "line 2: 'day' is not a date like 2026-03-31: 'x'",
        ),
        (("rank", "-", *VISITS, "--weight", "w"), "line 2: 'w' is less than 0: '-1'"),
        (("rates", "-", "--store", "by", "--passed", "score", "--n", "n"), "line 2: 5 of 4 passed"),
        (("rates", "-", "--store", "by", "--passed", "half", "--n", "n"), "not a whole number"),
        (("drivers", "-", "--outcome", "n", "--predictors", "n"), "named twice"),
        (("drivers", "-", "--outcome", "n", "--predictors", ""), "names no column"),
        (("drivers", "-", "--outcome", "n", "--predictors", "day,"), "names no column"),
        (("rank", "-", *VISITS, "--weight", "none"), "every 'none' is 0: no row counts"),
        (("rank", "-", "--store", "store", "--shopper", "by", "--score", "huge"), "beyond 1e+100"),
        (("rates", "-", "--store", "by", "--passed", "n", "--n", "big"), "is more than 1e+12"),
        (("rank", "-", *VISITS, "--half-life", "nan"), "nan is not a number of days above 0"),
        (("rank", "-", *VISITS, "--half-life", "0"), "0.0 is not a number of days above 0"),
        (("drivers", "-", "--outcome", "n", "--predictors", "a,b,c,d,e,f,g,h,i,j,k,l,m"), "13 pre"),
        (("rank", "none.csv", *VISITS), "none.csv"),
        (("rank", "-", "--store", "store"), "Missing option"),
    ],
)
def test_bad_columns_and_cells_exit_2(arguments: tuple[str, ...], reason: str) -> None:
    table = "store,by,score,day,w,n,half,none,huge,big\nA,x,5,x,-1,4,0.5,0,1e300,1e20\n"
    result = run(*arguments, table=table)
    assert result.exit_code == 2
    assert reason in result.stderr


def test_many_mistakes_are_counted() -> None:
    table = "store,by,score\n" + "A,x,?\n" * 30
    assert "… and 20 more" in run("rank", "-", *VISITS, table=table).stderr


@pytest.mark.parametrize("command", ["rank", "rates", "drivers"])
def test_no_settings_are_asked_for(command: str) -> None:
    found = main.get_command(click.Context(main), command)  # type: ignore[attr-defined]
    assert "data_dir" not in {parameter.name for parameter in found.params}
