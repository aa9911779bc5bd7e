"""The documents keep to the code: every setting and every command is in them, and nothing else."""

import re
from pathlib import Path

from server import config
from server.cli import SECTIONS

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
_NAME = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|STORAGE"


class Listening(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, **given: str) -> None:
        super().__init__(given)
        self.asked: set[str] = set()

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)  # type: ignore[arg-type]


def settings_read() -> set[str]:
    """The names that the code asks the environment for."""
    env = Listening(
        DATABASE_URL="sqlite:///none",
        REDIS_URL="unix:///none",
        STORAGE="s3://bucket",
        S3_ENDPOINT="http://127.0.0.1:1",
        S3_ACCESS_KEY="key",
        S3_SECRET_KEY="secret",
        SECRET_KEY="-" * 32,
    )
    config.load(env)  # type: ignore[arg-type]
    return env.asked


def test_the_table_of_settings_is_the_code() -> None:
    table = OPERATIONS.split("## Settings")[1].split("\n## ")[0]
    assert set(re.findall(rf"(?m)^\| `({_NAME})` \|", table)) == settings_read()


def test_the_docstring_of_settings_is_the_code() -> None:
    listed = config.__doc__ or ""
    first = re.findall(rf"(?m)^    ((?:(?:{_NAME})(?:, |  +))+)", listed)
    assert set(re.findall(_NAME, " ".join(first))) == settings_read()


def test_commands_in_the_documents_exist() -> None:
    commands = {name for section in SECTIONS.values() for name in section}
    named = set(re.findall(r"(?m)^(?:    )?promessa ([a-z]+)", OPERATIONS))
    assert named
    assert named - commands == set()
