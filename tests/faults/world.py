"""All of Promessa as processes over real servers, any of which a test may kill."""

import contextlib
import resource
import signal
import sys
from collections.abc import Iterator, Mapping

import boto3
import psutil
import requests

from server import config, db, queue
from server.cli import migrations
from server.config import Settings
from tests import fieldwork
from tests.backends import postgres, swift, valkey
from tests.backends.process import Server, alive, connect, free_port, wait_until
from tests.fieldwork import Fieldwork

BUCKET = "promessa-faults"


class Part(Server):
    """A part of Promessa by its command."""

    def __init__(self, environment: Mapping[str, str], *arguments: str, port: int = 0) -> None:
        super().__init__()
        self.name = arguments[0]
        self.environment = environment
        self.arguments = arguments
        self.port = port

    @property
    def url(self) -> str:
        """Where it serves, if it is the API."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        settings = [f"{name}={value}" for name, value in self.environment.items()]
        return ["/usr/bin/env", *settings, sys.executable, "-m", "server.cli", *self.arguments]

    def probe(self) -> None:
        if self.port:
            connect(self.port).close()

    def ended(self) -> bool:
        """Whether it ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def family(self) -> list[psutil.Process]:
        """Its processes that live."""
        top = psutil.Process(self.pid)
        return [one for one in (top, *top.children(recursive=True)) if alive(one)]


class World:
    """The API, a worker and the scheduler, on SQLite with a folder, or on PostgreSQL with S3."""

    def __init__(self, kind: str, stack: contextlib.ExitStack) -> None:
        self.kind = kind
        self.valkey = valkey.start(append_only=True)
        stack.callback(self.valkey.close)
        self.port = free_port()
        environment = {
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": "0123456789abcdef" * 3,
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "PASSWORD_COST": "m=8,t=1,p=1",
            "LOG_LEVEL": "info",
        }
        if kind == "postgres":
            self.postgres = postgres.start(fsync=True)
            stack.callback(self.postgres.close)
            self.swift = swift.start()
            stack.callback(self.swift.close)
            environment |= self._s3()
            environment |= {"DATABASE_URL": self.postgres.url, "PASSWORD_COST": "m=19456,t=2,p=1"}
        serve = ("serve", "--bind", f"127.0.0.1:{self.port}")
        self.api = Part(environment, *serve, port=self.port)
        stack.callback(self.api.close)
        environment.setdefault("PROMESSA_DATA_DIR", str(self.api.folder))
        self.worker = Part(environment, "worker")
        self.scheduler = Part(environment, "scheduler")
        stack.callback(self.worker.close)
        stack.callback(self.scheduler.close)
        self.environment = environment

    @property
    def parts(self) -> tuple[Part, ...]:
        """The API, the worker and the scheduler."""
        return (self.api, self.worker, self.scheduler)

    def start(self) -> None:
        """Migrate, and start all parts."""
        config.use(config.load(self.environment))
        queue.forget_connection()
        db.initialize(config.settings().database_url)
        with db.connected():
            migrations.migrate()
        for part in self.parts:
            part.start()

    def supervise(self) -> None:
        """Start again what ended by itself, as `promessa up` or systemd do."""
        for part in self.parts:
            if part.ended():
                part.start()

    def reconnect(self) -> None:
        """This process's own connections, after a server of theirs was away."""
        db.database.obj.close_all()
        queue.forget_connection()

    def settle(self, work: Fieldwork, seconds: float = 600) -> None:
        """Wait until nothing is left to do, then check that everything is there once."""

        def quiet() -> bool:
            self.supervise()
            with db.connected():
                return not fieldwork.undone()

        with contextlib.suppress(TimeoutError):  # `mistakes` says what was waited for in vain
            wait_until(quiet, "no event is undone", seconds)
        with db.connected():
            mistakes = work.mistakes()
            assert not mistakes, "\n".join(mistakes)
            assert self.orphans() == []
        wait_until(self._ready, "all parts answer", 60)

    def _ready(self) -> bool:
        return requests.get(f"{self.api.url}/readyz", timeout=60).status_code == 200

    def orphans(self) -> list[str]:
        """Objects of the storage that no row names."""
        known = {row.object_key for row in fieldwork.Blob.select()}
        return sorted(key for key in self._objects() if key not in known)

    def half_written(self) -> set[str]:
        """What lies in the folder under no key: a killed process leaves it, and one that starts a
        day later takes it away."""
        incoming = self.api.folder / "photos" / ".incoming"
        return {path.name for path in incoming.iterdir()} if incoming.exists() else set()

    def _objects(self) -> Iterator[str]:
        if self.kind == "postgres":
            pages = self.s3().get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
            yield from (one["Key"] for page in pages for one in page.get("Contents", ()))
            return
        folder = self.api.folder / "photos"
        for path in folder.rglob("*"):
            if path.is_file() and path.parent.name != ".incoming":
                yield str(path.relative_to(folder))

    def s3(self) -> object:
        """A client of the object store."""
        s3 = self.swift.s3
        return boto3.client(
            "s3",
            endpoint_url=s3.endpoint,
            region_name=s3.region,
            aws_access_key_id=s3.access_key,
            aws_secret_access_key=s3.secret_key,
        )

    def hang(self, server: Server) -> None:
        """It keeps its connections and says nothing more."""
        psutil.Process(server.pid).send_signal(signal.SIGSTOP)

    def wake(self, server: Server) -> None:
        """It goes on."""
        psutil.Process(server.pid).send_signal(signal.SIGCONT)

    def fill_disk(self, largest: int) -> None:
        """No process of the API can make a file larger than that: EFBIG, which a write meets just
        as it meets ENOSPC. A full file system needs a mount, and so root; this needs neither, and
        comes and goes while the processes run."""
        for process in self.api.family():
            process.rlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def empty_disk(self) -> None:
        """There is room again."""
        for process in self.api.family():
            process.rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def _s3(self) -> dict[str, str]:
        self.s3().create_bucket(Bucket=BUCKET)
        s3 = self.swift.s3
        return {
            "STORAGE": f"s3://{BUCKET}",
            "S3_ENDPOINT": s3.endpoint,
            "S3_REGION": s3.region,
            "S3_ACCESS_KEY": s3.access_key,
            "S3_SECRET_KEY": s3.secret_key,
        }


@contextlib.contextmanager
def running(kind: str, settings: Settings) -> Iterator[World]:
    """A world in which all runs; afterwards this process is bound to what it was."""
    bound = db.database.obj
    with contextlib.ExitStack() as stack:
        world = World(kind, stack)
        try:
            world.start()
            yield world
        finally:
            if db.database.obj is not bound:
                db.database.obj.close_all()
            db.database.initialize(bound)
            queue.forget_connection()
            config.use(settings)
