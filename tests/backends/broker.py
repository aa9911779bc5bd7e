"""One server of each kind for all pytest workers, started when somebody first asks.

The process that runs pytest (under xdist: the controller) owns the servers, since it outlives the
workers; a worker asks it over the loopback. Each kind has its own long-lived thread, because a
server dies with the thread that started it, and so that kinds start side by side.
"""

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Client, Connection, Listener
from typing import Protocol

from tests.backends import postgres, swift, valkey
from tests.backends.process import Server


class Backends(Protocol):
    """Where to ask for servers: the broker itself, or its client in a worker."""

    def url(self, kind: str) -> str:
        """The url of the shared server of `kind`: postgres, valkey or swift."""

    def s3(self) -> swift.S3:
        """The shared S3 server with its keys."""


_STARTERS: dict[str, Callable[[], Server]] = {
    "postgres": postgres.start,
    "valkey": valkey.start,
    "swift": swift.start,
}


class Broker:
    """Owns the shared servers and answers workers until `close`."""

    def __init__(self) -> None:
        self.key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._starting: dict[str, Future[Server]] = {}
        self._threads = ThreadPoolExecutor(len(_STARTERS), "backend")
        self._listener: Listener | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where workers ask; begins to listen on first use."""
        if self._listener is None:
            self._listener = Listener(("127.0.0.1", 0), authkey=self.key)
            threading.Thread(target=self._answer_all, args=(self._listener,), daemon=True).start()
        address: tuple[str, int] = self._listener.address
        return address

    def server(self, kind: str) -> Server:
        """The running server of `kind`, started by the first who asks."""
        with self._lock:
            if kind not in self._starting:
                self._starting[kind] = self._threads.submit(_STARTERS[kind])
            future = self._starting[kind]
        return future.result()

    def url(self, kind: str) -> str:
        """The url of the shared server of `kind`."""
        return self.server(kind).url

    def s3(self) -> swift.S3:
        """The shared S3 server with its keys."""
        server = self.server("swift")
        assert isinstance(server, swift.SwiftServer)
        return server.s3

    def close(self) -> None:
        """Stop all servers and delete their data."""
        if self._listener is not None:
            self._listener.close()
        for future in self._starting.values():
            if future.exception() is None:
                future.result().close()
        self._threads.shutdown()

    def _answer_all(self, listener: Listener) -> None:
        while True:
            try:
                link = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(link,), daemon=True).start()

    def _answer(self, link: Connection) -> None:
        with link:
            kind: str = link.recv()
            try:
                link.send(self.s3() if kind == "s3" else self.url(kind))
            except Exception as error:
                link.send(RuntimeError(f"{kind} is not to be had: {error!r}"))


class BrokerClient:
    """Asks the broker of the process that runs pytest."""

    def __init__(self, address: tuple[str, int], key: bytes) -> None:
        self._address = address
        self._key = key

    def url(self, kind: str) -> str:
        """The url of the shared server of `kind`."""
        answer = self._ask(kind)
        assert isinstance(answer, str)
        return answer

    def s3(self) -> swift.S3:
        """The shared S3 server with its keys."""
        answer = self._ask("s3")
        assert isinstance(answer, swift.S3)
        return answer

    def _ask(self, question: str) -> object:
        with Client(self._address, authkey=self._key) as link:
            link.send(question)
            answer: object = link.recv()
        if isinstance(answer, RuntimeError):
            raise answer
        return answer
