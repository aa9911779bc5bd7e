"""The house rules that no other tool checks, over every file that git has or would take."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
FILE_LINES = 400
FUNCTION_LINES = 60

# In pieces, so that this file keeps its own rules.
_REGISTRIES = (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
_MACHINE_FOLDERS = ("work", "root", "home", "Users", "opt", "tmp", "var/folders")

RULES = {
    "a package registry's host": re.compile(
        "|".join(re.escape(".".join(parts)) for parts in _REGISTRIES), re.IGNORECASE
    ),
    "a path of one machine": re.compile(
        rf"(?<![\w.)>}}-])/(?:{'|'.join(_MACHINE_FOLDERS)})/[\w.]|\b[A-Z]:\\\\?Users\b"
    ),
    "unfinished work": re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b"),
}


def tracked() -> list[Path]:
    """The files that git has, and new ones that it does not ignore."""
    listing = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT
    )
    paths = [ROOT / name for name in listing.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def lines() -> Iterator[tuple[str, str]]:
    """Each line of each text file, with where it is."""
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


@pytest.mark.parametrize("rule", RULES)
def test_no_line_names(rule: str) -> None:
    assert [f"{where}: {line}" for where, line in lines() if RULES[rule].search(line)] == []


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("a package registry's host", "--index-url https://" + "pypi" + ".org/simple"),
        ("a package registry's host", "https://files." + "python" + "hosted.org/packages/x.whl"),
        ("a path of one machine", "DATA = '/" + "home/ann/promessa'"),
        ("a path of one machine", "see /" + "tmp/results.txt"),
        ("a path of one machine", "C:\\" + "Users\\ann"),
        ("unfinished work", "# TO" + "DO: more"),
    ],
)
def test_a_rule_sees(rule: str, line: str) -> None:
    assert RULES[rule].search(line)


@pytest.mark.parametrize(
    "line", ["GET /v1/brands/{brand}/home/x", "https://example.com/work/x", "./tmp/x", "/tmp"]
)
def test_a_rule_lets_pass(line: str) -> None:
    assert [rule for rule, pattern in RULES.items() if pattern.search(line)] == []


def modules() -> list[Path]:
    """The modules that people write; migrations are generated."""
    migrations = ROOT / "migrations"
    return [path for path in tracked() if path.suffix == ".py" and path.parent != migrations]


def test_no_module_is_too_long() -> None:
    assert modules()
    counts = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules()}
    assert {name: count for name, count in counts.items() if count > FILE_LINES} == {}


def test_no_function_is_too_long() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LINES
    ]
    assert too_long == []


@pytest.mark.parametrize("pins", ["run", "dev"])
def test_pins_fulfil_the_project(pins: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    if pins == "dev":
        wanted += project["project"]["optional-dependencies"]["dev"]
    pinned: dict[str, list[str]] = {}
    for line in (ROOT / "requirements" / f"{pins}.txt").read_text().splitlines():
        if match := re.match(r"([\w.-]+)==([\w.+!]+)", line):
            pinned.setdefault(canonicalize_name(match[1]), []).append(match[2])
    missing = [
        text
        for text in wanted
        for requirement in [Requirement(text)]
        for versions in [pinned.get(canonicalize_name(requirement.name), [])]
        if not versions or not all(map(requirement.specifier.contains, versions))
    ]
    assert missing == [], "run `make pins`"
