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
    """Passes connections on to `port`. Each of `cuts` is a method and after how many bytes towards
    the server the next such request is cut, in this order; all others are whole."""

    def __init__(self, port: int, *cuts: tuple[str, int]) -> None:
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
                threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _cut(self, client: socket.socket) -> int | None:
        """What is to happen to the request that is about to be read."""
        begin = client.recv(4, socket.MSG_PEEK | socket.MSG_WAITALL).decode()
        if self._cuts and self._cuts[0][0].startswith(begin.strip()):
            return self._cuts.popleft()[1]
        return None

    def _pass(self, client: socket.socket) -> None:
        cut = self._cut(client)
        with client, suppress(OSError), connect(self._target) as server:
            server.settimeout(60)
            up = threading.Thread(target=_pump, args=(client, server, cut), daemon=True)
            up.start()
            if cut == ANSWER:
                server.recv(1)
            else:
                _pump(server, client, None)
            _hang_up(client, server)
            up.join(60)


def _pump(source: socket.socket, sink: socket.socket, most: int | None) -> None:
    """Pass bytes on until the end, or until `most`, when the line breaks."""
    left = None if most in (None, ANSWER) else most
    with suppress(OSError):
        while left != 0 and (block := source.recv(_BLOCK if left is None else min(_BLOCK, left))):
            sink.sendall(block)
            left = None if left is None else left - len(block)
        if left == 0:
            _hang_up(source, sink)
        else:
            sink.shutdown(socket.SHUT_WR)


def _hang_up(*ends: socket.socket) -> None:
    """A close alone would not wake who is reading there."""
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
