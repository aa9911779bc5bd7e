"""`promessa openapi`: deterministic, and a check that can fail."""

from pathlib import Path

from click.testing import CliRunner

from server.cli import main
from tests.cli.running import ROOT, promessa


def test_openapi_yaml_is_what_the_code_says_in_every_process() -> None:
    checked = promessa("openapi", "--check", str(ROOT / "openapi.yaml"), PYTHONHASHSEED="1")
    assert checked.returncode == 0, checked.stdout
    printed = promessa("openapi", PYTHONHASHSEED="2")
    assert printed.stdout == (ROOT / "openapi.yaml").read_text()


def test_shows_the_difference(tmp_path: Path) -> None:
    changed = tmp_path / "openapi.yaml"
    changed.write_text((ROOT / "openapi.yaml").read_text().replace("/healthz:", "/health:"))
    result = CliRunner().invoke(main, ["openapi", "--check", str(changed)])
    assert result.exit_code == 1
    assert "-  /health:" in result.output
    assert "+  /healthz:" in result.output


def test_a_check_against_no_file_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["openapi", "--check", str(tmp_path / "none.yaml")])
    assert result.exit_code == 1
    assert "There is no" in result.output
