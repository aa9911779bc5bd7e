"""The command's manners: help, lines for mistakes, exit codes."""

import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from server import cli
from server.cli import main
from server.errors import Invalid
from tests.cli.running import promessa


@pytest.fixture
def run() -> CliRunner:
    return CliRunner()


@pytest.mark.parametrize("name", [name for each in cli.SECTIONS.values() for name in each])
def test_every_command_has_its_help(run: CliRunner, name: str) -> None:
    listed = run.invoke(main, ["--help"]).output
    assert f"  {name} " in listed
    assert run.invoke(main, [name, "--help"]).exit_code == 0
    command = main.get_command(click.Context(main), name)  # type: ignore[attr-defined]
    assert command is not None
    assert command.help


def test_an_unknown_command_is_a_usage_error(run: CliRunner) -> None:
    assert run.invoke(main, ["nonsense"]).exit_code == 2


def test_each_mistake_in_the_settings_is_a_line() -> None:
    checked = promessa("config", "check", DATABASE_URL="mysql://x/y", LOG_LEVEL="loud")
    assert checked.returncode == 2
    lines = checked.stderr.splitlines()
    assert [line for line in lines if not line.startswith("promessa: ")] == []
    assert any("DATABASE_URL must begin with" in line for line in lines)
    assert any("SECRET_KEY is not set" in line for line in lines)
    assert any("LOG_LEVEL must be one of" in line for line in lines)


def test_good_settings_are_said_without_secrets(tmp_path: Path) -> None:
    checked = promessa(
        "config",
        "check",
        "--data-dir",
        str(tmp_path),
        DATABASE_URL="postgresql://promessa:hunter2@127.0.0.1:1/promessa",
        SECRET_KEY="s" * 40,
    )
    assert checked.returncode == 0, checked.stderr
    assert "hunter2" not in checked.stdout
    assert "s" * 40 not in checked.stdout


def test_a_database_that_does_not_answer_is_a_line(tmp_path: Path) -> None:
    url = "postgresql://promessa:hunter2@127.0.0.1:1/promessa"
    failed = promessa(
        "db", "status", "--data-dir", str(tmp_path), DATABASE_URL=url, SECRET_KEY="s" * 40
    )
    assert failed.returncode == 1
    assert "The database does not answer" in failed.stderr
    assert "hunter2" not in failed.stderr
    assert "Traceback" not in failed.stderr


def failing(error: BaseException) -> click.Command:
    @click.command()
    def fails() -> None:
        raise error

    return fails


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (KeyboardInterrupt(), 130, "Interrupted."),
        (click.Abort(), 130, "Interrupted."),
        (Invalid("Mend it.", errors=[{"pointer": "/a", "detail": "Wrong."}]), 1, "/a: Wrong."),
        (click.UsageError("No such thing."), 2, "No such thing."),
    ],
)
def test_errors_are_lines_and_codes(
    run: CliRunner,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    line: str,
) -> None:
    monkeypatch.setattr(type(main), "get_command", lambda *_: failing(error))
    result = run.invoke(main, ["fails"])
    assert (result.exit_code, line in result.output) == (code, True)


def test_a_fault_of_ours_is_not_hidden(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(main), "get_command", lambda *_: failing(ZeroDivisionError("ours")))
    assert isinstance(run.invoke(main, ["fails"]).exception, ZeroDivisionError)


def test_data_dir_is_an_option_of_every_command(tmp_path: Path) -> None:
    assert promessa("db", "migrate", "--data-dir", str(tmp_path / "new")).returncode == 0
    assert (tmp_path / "new" / "promessa.db").stat().st_size > 0


_FULL = Path("/dev/full")
_RANK = ("--store", "s", "--shopper", "by", "--score", "passed")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a device that is always full")
@pytest.mark.parametrize(
    "arguments",
    [
        ("rank", *_RANK),
        ("rank", "--json", *_RANK),
        ("rates", "--store", "s", "--passed", "passed", "--n", "n"),
        ("drivers", "--outcome", "n", "--predictors", "passed"),
        ("openapi",),
        ("--help",),
    ],
)
def test_output_that_cannot_be_written_is_a_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    file = tmp_path / "table.csv"
    file.write_text("s,by,passed,n\nA,x,1,5\nA,y,2,4\nB,x,3,7\nB,y,3,5\nC,x,0,3\nC,y,1,6\n")
    if arguments[0] in ("rank", "rates", "drivers"):
        arguments = (arguments[0], str(file), *arguments[1:])
    output = _FULL.open("w")
    monkeypatch.setattr(sys, "stdout", output)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    told = capsys.readouterr().err
    assert (ended.value.code, told) == (
        1,
        "promessa: Cannot write the output: No space left on device.\n",
    )
    assert output.closed, "what is left in it would fail again at the end of the process"


def test_an_address_that_is_none_is_a_line() -> None:
    refused = promessa("serve", "--bind", "127.0.0.1:99999")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "--bind must be HOST:PORT" in refused.stderr


def test_a_storage_folder_that_cannot_be_written_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    checked = promessa(
        "config", "check", "--data-dir", str(tmp_path), STORAGE=f"file:{tmp_path}/file/photos"
    )
    assert (checked.returncode, checked.stderr.count("\n")) == (2, 1)
    assert "cannot be written" in checked.stderr


def test_the_status_of_no_database_makes_none(tmp_path: Path) -> None:
    told = promessa("db", "status", "--data-dir", str(tmp_path / "new"))
    assert told.returncode == 1
    assert "promessa db migrate makes it" in told.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "arguments",
    [("",), (" ",), ("Aurea", "--locale", "xx-invalid-zz-yy"), ("Aurea", "--locale", "Italian")],
)
def test_a_brand_has_a_name_and_languages(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    refused = promessa(
        "brand", "create", *arguments, "--admin", "a@b.example", "--data-dir", str(tmp_path)
    )
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
