"""`promessa up`, the real one: serves, stops, dies and comes back."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis

from tests.backends.process import alive, wait_until
from tests.cli.running import COMMAND, QUICK, Up, promessa, running, wait_until_gone

pytestmark = pytest.mark.xdist_group("up")

# What make is to promessa: it starts it and waits.
_MAKE = "import subprocess, sys; subprocess.run(sys.argv[1:])"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(scope="module")
def shared_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One for all tests that leave it as it is, at the defaults."""
    with running(tmp_path_factory.mktemp("up") / "data") as up:
        yield up


def test_answers(shared_up: Up) -> None:
    assert shared_up.get("/healthz").json() == {"status": "ok"}
    ready = shared_up.get("/readyz")
    assert ready.json() == {
        "ready": True,
        "parts": {"database": "ok", "queue": "ok", "storage": "ok"},
    }


def test_says_where_things_are(shared_up: Up) -> None:
    base_url = shared_up.facts["base_url"]
    assert f"{base_url}/docs" in shared_up.text
    assert shared_up.facts["pid"] == shared_up.process.pid
    assert shared_up.get("/docs").status_code == 200


def test_only_its_user_reads_the_folder(shared_up: Up) -> None:
    assert shared_up.folder.stat().st_mode & 0o077 == 0


def test_runs_every_part(shared_up: Up) -> None:
    lines = [" ".join(process.cmdline()) for process in shared_up.family()]
    for word in ("valkey-server", "gunicorn", "server.cli worker", "server.cli scheduler"):
        assert any(word in line for line in lines), word


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says who opened what")
def test_the_arbiter_shares_no_connection(shared_up: Up) -> None:
    shared_up.get("/readyz")
    arbiter = shared_up.part("gunicorn")
    assert arbiter.children(), "the workers are forks of it"
    assert [each.path for each in arbiter.open_files() if "promessa.db" in each.path] == []
    assert [each for each in arbiter.net_connections("unix") if "valkey" in each.raddr] == []


def test_a_second_one_is_refused(shared_up: Up) -> None:
    second = promessa("up", "--data-dir", str(shared_up.folder), "--port", "0")
    assert second.returncode == 1
    assert f"pid {shared_up.process.pid}" in second.stderr
    assert shared_up.get("/healthz").ok


def test_a_taken_port_is_said(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = promessa("up", "--data-dir", str(folder), "--port", str(port))
    assert refused.returncode == 1
    assert f"port {port} of 127.0.0.1 is taken" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent")
def test_a_start_killed_while_it_seeds_is_finished_by_the_next(folder: Path) -> None:
    first = Up(folder)
    wait_until((folder / "promessa.db").exists, "it has begun")
    family = first.family()
    first.process.kill()
    first.process.wait()
    wait_until_gone(family)
    assert not (folder / "demo.json").exists()
    with running(folder, **QUICK) as again:
        assert "ada@aurea.example" in again.text
        assert not (folder / "demo.unfinished").exists()


def test_wrong_settings_are_lines(folder: Path) -> None:
    refused = promessa(
        "up", "--data-dir", str(folder), "--port", "0", LOG_LEVEL="loud", STORAGE="cupboard"
    )
    assert refused.returncode == 2
    assert refused.stderr.count("promessa: ") == 2


def test_ctrl_c_ends_all(folder: Path) -> None:
    with running(folder, **QUICK) as up:
        family = up.family()
        assert len(family) >= 6
        up.process.send_signal(signal.SIGINT)
        assert up.process.wait(60) == 0
        wait_until_gone(family)
        assert "is killed" not in up.text
        assert not (folder / "up.json").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent")
def test_a_kill_leaves_nothing_and_a_second_start_finds_all(folder: Path) -> None:
    with running(folder, **QUICK) as up:
        with redis.Redis.from_url(up.facts["redis_url"]) as queue:
            queue.set("kept", "1")
        wait_until(lambda: b"kept" in _appended(folder), "the command is on the disk")
        family = up.family()
        up.process.kill()
        up.process.wait()
        wait_until_gone(family)
    with running(folder, **QUICK) as again:
        assert "up to date" in again.text.split("migrate")[-1]
        with redis.Redis.from_url(again.facts["redis_url"]) as queue:
            assert queue.get("kept") == b"1"
        again.process.terminate()
        assert again.process.wait(60) == 0


def _appended(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (folder / "valkey").rglob("*.aof"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent")
def test_ends_with_its_caller_if_asked_to(folder: Path) -> None:
    command = (*COMMAND, "up", "--data-dir", str(folder), "--port", "0", "--with-parent")
    with running(folder, command=(sys.executable, "-c", _MAKE, *command), **QUICK) as make:
        family = make.family()
        make.process.kill()
        make.process.wait()
        wait_until_gone(family)
        assert "everything is kept" in make.text


def test_a_part_that_dies_comes_back(tmp_path: Path) -> None:
    """In a folder so deep down that the socket must be elsewhere, which changes nothing."""
    deep = tmp_path.joinpath(*["deep-down"] * 12) / "data"
    deep.parent.mkdir(parents=True)
    with running(deep, **QUICK) as up:
        place = Path(up.facts["redis_url"].removeprefix("unix://"))
        assert len(os.fsencode(place)) <= 100
        assert place.parent.stat().st_mode & 0o077 == 0
        for word in ("gunicorn", "server.cli worker", "valkey-server"):
            victim = up.part(word)
            victim.kill()
            wait_until(lambda: not alive(victim), "it is dead")  # noqa: B023
            wait_until(lambda: any(word in line for line in _lines(up)), "another runs")  # noqa: B023
        wait_until(lambda: up.get("/readyz").json()["parts"]["queue"] == "ok", "all is well")
        assert up.text.count("starts again in 0.5 s") == 3
        up.process.terminate()
        assert up.process.wait(60) == 0
    assert not place.parent.exists()


def _lines(up: Up) -> list[str]:
    found = []
    for process in up.family():
        try:
            found.append(" ".join(process.cmdline()))
        except psutil.NoSuchProcess:
            continue
    return found


def test_a_second_signal_ends_at_once(folder: Path) -> None:
    """A job that does not end keeps a worker from stopping; the second Ctrl-C does not ask."""
    with running(folder, **QUICK) as up:
        family = up.family()
        worker = up.part("server.cli worker")
        worker.suspend()
        up.process.send_signal(signal.SIGINT)
        gunicorn = up.part("gunicorn")
        wait_until(lambda: not alive(gunicorn), "the others have stopped")
        assert up.process.poll() is None
        up.process.send_signal(signal.SIGINT)
        assert up.process.wait(10) == 0
        wait_until_gone(family)
        assert "is killed" in up.text


def test_uses_what_the_environment_names(folder: Path, valkey: object) -> None:
    url = valkey.url  # type: ignore[attr-defined]
    with running(folder, REDIS_URL=url, **QUICK) as up:
        assert not any("valkey-server" in line for line in _lines(up))
        assert "redis_url" not in up.facts
        assert up.get("/readyz").json()["parts"]["queue"] == "ok"


def test_help_is_quick_and_whole() -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "server.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
        cwd=Path(__file__).parents[2],
    )
    assert "promessa up --data-dir data" in told.stdout
    for heavy in ("flask", "peewee", "redis", "rq", "boto3"):
        assert f"| {heavy}\n" not in told.stderr.replace("  ", ""), heavy
