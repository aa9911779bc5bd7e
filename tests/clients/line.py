"""A line between phones and server that can be cut at any byte, once for each order to do so.

One request a connection: `Connection: close` is written into each.
"""

import re
import selectors
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from tests.backends.process import connect

_BLOCK = 65536
_SECONDS = 60


@dataclass(eq=False)
class Cut:
    """What happens to the first request of `method` whose path begins with `path`: it is lost after
    `body` bytes of its body; or (`body` None) its answer is held until `release`, or lost."""

    method: str
    path: str
    body: int | None = None
    lost: bool = True
    answered: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Return when the server has answered the request, or the line was cut before."""
        assert self.answered.wait(_SECONDS), f"{self.method} {self.path} never came"


class Line(socketserver.ThreadingTCPServer):
    """Listens at `url` and passes everything on to `port`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, listen: int, port: int) -> None:
        super().__init__(("127.0.0.1", listen), _Passing)
        self.url = f"http://127.0.0.1:{listen}"
        self.target = port
        self.cuts: list[Cut] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def lose_request(self, method: str, path: str, *, body: int = 0) -> Cut:
        """Cut the next such request after so many bytes of its body."""
        return self._cut(Cut(method, path, body))

    def lose_answer(self, method: str, path: str) -> Cut:
        """Let the next such request through whole, and lose its answer."""
        return self._cut(Cut(method, path))

    @contextmanager
    def held_answer(self, method: str, path: str) -> Iterator[Cut]:
        """Hold the answer to the next such request back until the block ends."""
        cut = self._cut(Cut(method, path, lost=False))
        try:
            yield cut
        finally:
            cut.release.set()

    def _cut(self, cut: Cut) -> Cut:
        self.cuts.append(cut)
        return cut

    def due(self, method: str, path: str) -> Cut | None:
        """The order for this request, taken from the list."""
        for cut in self.cuts:
            if cut.method == method and path.startswith(cut.path):
                self.cuts.remove(cut)
                return cut
        return None

    def close(self) -> None:
        """Stop listening."""
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Passing(socketserver.BaseRequestHandler):
    """One request and its answer."""

    request: socket.socket
    server: Line

    def handle(self) -> None:
        try:
            self._handle()
        except OSError:
            return  # either side is gone: so is the line

    def _handle(self) -> None:
        head, body = self._head()
        if not head:
            return
        method, path, _ = head.decode("latin-1").split(" ", 2)
        cut = self.server.due(method, path)
        with closing(connect(self.server.target)) as upstream:
            upstream.settimeout(_SECONDS)
            answer = self._pass(upstream, _closing(head), body, cut)
        if cut is not None:
            cut.answered.set()
            if cut.lost:
                return
            cut.release.wait(_SECONDS)
        self.request.sendall(answer)

    def _head(self) -> tuple[bytes, bytes]:
        data = b""
        while b"\r\n\r\n" not in data:
            block = self.request.recv(_BLOCK)
            if not block:
                return b"", b""
            data += block
        head, _, body = data.partition(b"\r\n\r\n")
        return head, body

    def _pass(self, upstream: socket.socket, head: bytes, body: bytes, cut: Cut | None) -> bytes:
        """The whole answer; nothing if the line is cut before, or the phone is gone."""
        left = cut.body if cut is not None else None
        if left == 0:
            return b""
        upstream.sendall(head)
        answer = b""
        with selectors.DefaultSelector() as ready:
            ready.register(upstream, selectors.EVENT_READ)
            ready.register(self.request, selectors.EVENT_READ)
            while True:
                allowed = body if left is None else body[:left]
                upstream.sendall(allowed)
                if left is not None:
                    left -= len(allowed)
                    if left == 0:
                        return b""
                body = b""
                for key, _ in ready.select(_SECONDS):
                    block = key.fileobj.recv(_BLOCK)  # type: ignore[union-attr]
                    if key.fileobj is self.request:
                        if not block:
                            return b""
                        body = block
                    elif block:
                        answer += block
                    else:
                        return answer


def _closing(head: bytes) -> bytes:
    others = re.sub(rb"(?im)^connection:.*\r?\n?", b"", head + b"\r\n")
    return others + b"Connection: close\r\n\r\n"
