"""promessa import stores"""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from server.cli.imports import imports
from server.models import Store
from tests.cast import Cast


@pytest.fixture
def run(cast: Cast, tmp_path: Path) -> Any:
    """Run the command on a file of the given bytes."""

    def run(data: bytes, *options: str, brand: str | None = None) -> Result:
        file = tmp_path / "stores.csv"
        file.write_bytes(data)
        arguments = ["stores", str(file), "--brand", brand or cast.brand.id, *options]
        return CliRunner().invoke(imports, arguments)

    return run


def test_a_good_file_exits_0(run: Any) -> None:
    result = run(b"Nr;name\n1;[b]Uno[/b]\n2;Due\n", "--map", "code=Nr")
    assert result.exit_code == 0, result.output
    assert "2 rows, 2 created, 0 updated, 0 unchanged, 0 refused" in result.output
    assert Store.get(Store.code == "1").name == "[b]Uno[/b]"


def test_refused_rows_exit_1_and_are_all_in_the_file(run: Any, tmp_path: Path) -> None:
    lines = b"".join(b"%d,,=1+1\n" % number for number in range(30))
    out = tmp_path / "refusals.csv"
    result = run(
        b"code,name,=land\nX,good,IT\n9,a,Nowhere\n" + lines,
        "--map",
        "country==land",
        "--refusals",
        str(out),
    )
    assert result.exit_code == 1
    assert "1 created" in result.output
    assert "and 11 more" in result.output
    written = out.read_text("utf-8-sig").splitlines()
    assert len(written) == 1 + 31
    assert written[1].startswith("3,refused,country,'=land,")


def test_a_dry_run_writes_nothing(run: Any) -> None:
    result = run(b"code,name\n1,a\n", "--dry-run")
    assert result.exit_code == 0
    assert "Dry run, nothing written: 1 rows, 1 created" in result.output
    assert Store.select().count() == 0


def test_an_unusable_file_or_brand_exits_2(run: Any) -> None:
    for arguments, told in (
        ((b"",), "it is empty"),
        ((b"foo,bar\n1,2\n",), "say code=… and name=…; the columns are 'foo', 'bar'."),
        ((b"code,name\n1,a\n", "--map", "colour=code"), "is not FIELD=…"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert told in result.output
    missing = run(b"code,name\n1,a\n", brand="nowhere")
    assert missing.exit_code == 2
    assert "There is no brand 'nowhere'" in missing.output
    assert Store.select().count() == 0


def test_the_help_says_the_exit_status() -> None:
    text = CliRunner().invoke(imports, ["stores", "--help"]).output
    for words in ("Exit status", "--map", "--dry-run", "--refusals"):
        assert words in text
