"""Nothing is left of a killed parent: no process at once, no folder after the next start."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.backends import valkey
from tests.backends.folder import Folder
from tests.backends.process import alive, wait_until

_PARENT = """
import json, signal
from tests.backends import postgres, swift, valkey
servers = [postgres.start(), valkey.start(), swift.start()]
print(json.dumps([[server.pid, str(server.folder)] for server in servers]), flush=True)
signal.pause()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent")
def test_a_killed_parent_leaves_nothing() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as parent:
        assert parent.stdout is not None
        started = json.loads(parent.stdout.readline())
        servers = [psutil.Process(pid) for pid, _ in started]
        family = [child for server in servers for child in server.children(recursive=True)]
        assert len(family) > 3, "PostgreSQL has children of its own"
        parent.kill()
    wait_until(lambda: not any(map(alive, servers + family)), "the servers are gone")
    with valkey.start():
        assert [folder for _, folder in started if Path(folder).exists()] == []


def test_a_server_that_cannot_start_shows_its_log() -> None:
    server = valkey.ValkeyServer(append_only=False)
    (server.folder / "valkey.conf").write_text("no such setting\n")
    with pytest.raises(RuntimeError, match="Bad directive"):
        server.start()
    server.close()


def test_no_fitting_folder_says_what_is_wanted() -> None:
    tried: list[Path] = []

    def refuse(folder: Path) -> bool:
        tried.append(folder)
        return False

    with pytest.raises(RuntimeError, match=r"no folder that can fly .* set TMPDIR"):
        Folder(refuse, "can fly")
    assert tried
    assert [folder for folder in tried if folder.exists()] == []
