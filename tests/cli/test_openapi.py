"""`promessa openapi`: deterministic, and a check that can fail."""

from pathlib import Path

from click.testing import CliRunner

from server.cli import main
from tests.cli.running import ROOT, promessa


def test_openapi_yaml_is_what_the_code_says() -> None:
    checked = promessa("openapi", "--check", str(ROOT / "openapi.yaml"))
    assert checked.returncode == 0, checked.stdout


def test_prints_the_same_in_another_process() -> None:
    hashed = [promessa("openapi", PYTHONHASHSEED=seed).stdout for seed in ("1", "2")]
    assert hashed[0] == hashed[1]
    assert hashed[0] == (ROOT / "openapi.yaml").read_text()


def test_shows_the_difference(tmp_path: Path) -> None:
    changed = tmp_path / "openapi.yaml"
    changed.write_text((ROOT / "openapi.yaml").read_text().replace("/healthz:", "/health:"))
    result = CliRunner().invoke(main, ["openapi", "--check", str(changed)])
    assert result.exit_code == 1
    assert "-  /health:" in result.output
    assert "+  /healthz:" in result.output


def test_a_missing_file_differs(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["openapi", "--check", str(tmp_path / "none.yaml")])
    assert result.exit_code == 1


def test_a_check_against_no_file_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["openapi", "--check", str(tmp_path / "none.yaml")])
    assert result.exit_code == 1
    assert "There is no" in result.output
