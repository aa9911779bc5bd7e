"""`promessa demo`, on embedded defaults, with real processes and real HTTP."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from server import config
from server.cli.demo.seed import seed
from server.errors import Conflict

_SECONDS = 240


def promessa(*arguments: str, data_dir: Path) -> str:
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments, "--data-dir", str(data_dir)],
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        timeout=_SECONDS,
    ).stdout


def seeded(data_dir: Path) -> dict[str, Any]:
    return json.loads(promessa("demo", "--json", data_dir=data_dir))


def test_seeding_twice_is_one_demo_that_only_its_owner_reads(tmp_path: Path) -> None:
    first, second = seeded(tmp_path), seeded(tmp_path)
    assert first == second
    assert set(first) == {"base_url", "brand", "accounts"}
    for account in first["accounts"]:
        assert set(account) == {"email", "password", "role", "device_id"}
    roles = [account["role"] for account in first["accounts"]]
    assert roles.count("shopper") == 8
    assert (tmp_path / "demo.json").stat().st_mode & 0o077 == 0


def test_the_demo_lives_on_embedded_defaults_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/other.db",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "STORAGE": f"file:{tmp_path}",
        "SECRET_KEY": "s" * 40,
    }
    monkeypatch.setattr(config, "settings", lambda: config.load(env))
    with pytest.raises(Conflict):
        seed(tmp_path)


@pytest.mark.xdist_group("processes")
def test_a_month_is_played_and_every_visit_counts(tmp_path: Path) -> None:
    shown = promessa("demo", data_dir=tmp_path)
    assert "64 visits" in shown
    assert "every visit is there once" in shown
    assert "Milano Torino" in shown


@pytest.mark.xdist_group("processes")
def test_every_shopper_of_a_served_demo_has_something_to_visit(tmp_path: Path) -> None:
    made = seeded(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "up", "--data-dir", str(tmp_path), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        url = next(line.split()[-1] for line in lines if "the API" in line)
        for account in made["accounts"]:
            if account["role"] == "shopper":
                assert open_assignments(url, account) >= 2
    finally:
        process.terminate()
        process.communicate(timeout=60)


def open_assignments(url: str, account: dict[str, str]) -> int:
    form = {
        "grant_type": "password",
        "username": account["email"],
        "password": account["password"],
        "device_id": account["device_id"],
        "device_name": "A phone",
    }
    token = requests.post(f"{url}/v1/auth/token", data=form, timeout=30).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    pulled = requests.get(f"{url}/v1/sync?last_pulled_at=null", headers=headers, timeout=30)
    rows = pulled.json()["changes"]["assignments"]["updated"]
    return sum(row["status"] == "offered" for row in rows)
