"""What takes long to load is loaded by who needs it: photos and jobs wait for each start."""

import subprocess
import sys

import pytest

from jobs import registry

HEAVY = {
    "boto3", "fpdf", "matplotlib", "PIL.Image", "scipy.optimize", "scipy.sparse", "scipy.special",
    "scipy.stats",
}  # fmt: skip


def loaded(module: str) -> set[str]:
    """The modules that a new process has after importing one."""
    script = f"import sys, {module}; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(told.stdout.split())


@pytest.mark.parametrize("module", ["server.app", "jobs.worker"])
def test_who_serves_and_who_waits_for_jobs_start_light(module: str) -> None:
    assert loaded(module) & HEAVY == set()


def test_the_decoder_starts_without_numpy() -> None:
    found = loaded("server.imaging.decoder")
    assert "PIL.Image" in found
    assert "numpy" not in found


_FORKS = """
import sys
from types import SimpleNamespace

import rq

from jobs import registry, worker

light = sorted(registry.HANDLERS, key=registry.CALCULATING.__contains__)
rq.Worker.fork_work_horse = lambda *_: None
for kind in light:
    worker.Worker.fork_work_horse(
        object.__new__(worker.Worker), SimpleNamespace(args=(kind,)), None
    )
    print(kind, "scipy.optimize" in sys.modules)
"""


def test_what_jobs_compute_with_is_loaded_before_the_first_fork_for_one() -> None:
    told = subprocess.run([sys.executable, "-c", _FORKS], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    found = dict(line.split() for line in told.stdout.splitlines())
    assert found == {kind: str(kind in registry.CALCULATING) for kind in registry.HANDLERS}
