"""`promessa demo`, on embedded defaults, with real processes and real HTTP."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from server import config, db
from server.cli.demo.seed import _Seeding, seed
from server.errors import Conflict
from server.models import Account, Brand
from tests.cli.running import QUICK

_SECONDS = 240


def promessa(*arguments: str, data_dir: Path, **settings: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments, "--data-dir", str(data_dir)],
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        timeout=_SECONDS,
        env=os.environ | settings,
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
    assert [path for path in tmp_path.iterdir() if path.stat().st_mode & 0o077] == []


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
    shown = promessa("demo", data_dir=tmp_path, **QUICK)
    assert "72 visits" in shown
    told = ("Net promoter score", "Against the competitor", "how strict the shopper", "Sales of")
    assert all(words in shown for words in told)
    later = re.search(r"(\d+)\s+of\s+the\s+72\s+visits\s+have\s+answered", shown)
    assert later is not None
    assert 50 < int(later[1]) <= 72  # those of the last three days are not asked yet
    assert "At home, some days later:" in " ".join(shown.split())
    assert "…" not in shown  # nothing is cut at eighty columns
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


def test_seeding_is_all_or_nothing(
    committing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted at its last step it leaves nobody whose password is unknown."""
    with db.connected():
        with monkeypatch.context() as patch:
            patch.setattr(_Seeding, "_checklist", interrupted)
            with pytest.raises(KeyboardInterrupt):
                seed(tmp_path)
        assert (Account.select().count(), Brand.select().count()) == (0, 0)
        made = seed(tmp_path)
        assert Account.select().count() == len(made["accounts"])


def test_a_demo_that_was_written_but_not_committed_is_seeded_anew(
    committing: str, tmp_path: Path
) -> None:
    with db.connected():
        with db.database.atomic() as transaction:
            lost = seed(tmp_path)
            transaction.rollback()
        assert (tmp_path / "demo.json").exists()
        made = seed(tmp_path)
        assert made["brand"] != lost["brand"]
        assert Brand.get().id == made["brand"]


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_folder_that_was_open_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "promessa.db").touch(mode=0o644)
    config.keep_private(tmp_path)
    assert [path.stat().st_mode & 0o777 for path in (tmp_path, tmp_path / "promessa.db")] == [
        0o700,
        0o600,
    ]
