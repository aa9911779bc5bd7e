"""A line between a client and the server that breaks where a test says."""

import socket
import threading
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.backends.process import connect, free_port

ANSWER = -1
"""Cut just before the answer, when all was sent."""

_BLOCK = 16 * 1024


class CuttingLine:
    """Passes connections on to `port`. The first is cut after `cuts[0]` bytes towards the server,
    the second after `cuts[1]`, …; those after the last are whole."""

    def __init__(self, port: int, *cuts: int) -> None:
        self._target = port
        self._cuts = deque(cuts)
        self.port = free_port()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def left(self) -> int:
        """How many cuts have not been made."""
        return len(self._cuts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                cut = self._cuts.popleft() if self._cuts else None
                threading.Thread(target=self._pass, args=(client, cut), daemon=True).start()

    def _pass(self, client: socket.socket, cut: int | None) -> None:
        with client, suppress(OSError), connect(self._target) as server:
            up = threading.Thread(target=_pump, args=(client, server, cut, client), daemon=True)
            up.start()
            if cut == ANSWER:
                server.recv(1)
                return
            _pump(server, client, None, server)


def _pump(source: socket.socket, sink: socket.socket, most: int | None, cut: socket.socket) -> None:
    """Pass bytes on until the end, or until `most`, when both ends are closed."""
    left = most if most is not None and most != ANSWER else None
    with suppress(OSError):
        while block := source.recv(_BLOCK if left is None else min(_BLOCK, left)):
            sink.sendall(block)
            if left is not None:
                left -= len(block)
                if left <= 0:
                    break
    for end in (sink, cut) if left == 0 else (sink,):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR if left == 0 else socket.SHUT_WR)
