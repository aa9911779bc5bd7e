"""gunicorn's threaded worker, for which a request that is not there is no work.

A head, and a small body that bears no access token or is a form, are taken in while the connection
waits in the poller, without a thread, and must be whole within REQUEST_SECONDS. The body of who has
logged in, perhaps on a bad line, is read by a thread of its own, and must come at a least rate
after a grace. gunicorn's `--threads` are slots: so many requests are worked on at once, and who
waits for bytes holds none. So however many clients send a byte now and then, or nothing, the slots
are free for others. What gunicorn itself refuses is answered as a problem.
"""

import io
import json
import re
import select
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gunicorn import http, util
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers import gthread

from server import errors, slots
from server.config import settings

LARGEST_HEAD = 64 * 1024
SMALL_BODY = 64 * 1024
"""Up to here a stranger's body waits for its end without a thread; every form is that small."""

_LEAST_RATE = 250
"""Bytes for which a body with a thread may take a second, beside SILENCE_SECONDS in all."""

_NEXT_SECONDS = 0.003
"""How long a fast line may need for its next bytes: to lend a slot takes some time, too."""

_DRAIN_SECONDS = 0.2
_LINGER_SECONDS = 0.5
_BLOCK = 8192
_LENGTH = re.compile(rb"\r\nContent-Length:[ \t]*(\d{1,9})[ \t]*(?:\r|$)", re.IGNORECASE)
_BEARER = re.compile(rb"\r\nAuthorization:[ \t]*Bearer ", re.IGNORECASE)
_FORM = re.compile(rb"\r\nContent-Type:[ \t]*application/x-www-form-urlencoded", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\nTransfer-Encoding:", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nExpect:[ \t]*100-continue", re.IGNORECASE)
_PROBLEMS: dict[int, type[errors.Problem]] = {
    414: errors.UriTooLong,
    431: errors.HeadersTooLarge,
    500: errors.Internal,
}


class Intake(SocketUnreader):
    """What came in over a connection and no parser has taken yet."""

    def __init__(self, link: socket.socket) -> None:
        super().__init__(link)
        self.streaming = False
        self.ended = False
        self._poll = select.poll()
        self._poll.register(link, select.POLLIN)
        self._since = time.monotonic()
        self._told_to_go_on = False
        self._reading_since: float | None = None
        self._read = 0

    def late(self) -> bool:
        """Whether the next request should have been here by now."""
        return time.monotonic() > self._since + settings().request_seconds

    def await_next(self) -> None:
        """A request was answered: the time of the next one begins when its first bytes come."""
        self._since, self._told_to_go_on = float("inf"), False

    def whole(self) -> bool:
        """Take in what has come; whether it is a request that a thread can work on, or the end.
        LimitRequestLine, LimitRequestHeaders, OSError."""
        self._since = min(self._since, time.monotonic())
        while not self._enough():
            try:
                data = self.sock.recv(_BLOCK, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return False
            if not data:
                break
            self.buf.seek(0, 2)
            self.buf.write(data)
        self._reading_since, self._read = None, 0
        return True

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next bytes, for a thread. None, from then on, where the line broke, is silent, or
        gives them too slowly on the whole: what came before counts."""
        data = b"" if self.ended else self._received(max(self.mxchunk, size_hint or 0))
        self.ended = not data
        self._read += len(data)
        return data

    def some(self, most: int) -> bytes:
        """The next bytes, at most so many: those that are here, or else those that come first."""
        data = self.take_buffered() or (self.chunk(most) if most else b"")
        self.buf.write(data[most:])
        return data[:most]

    def _received(self, most: int) -> bytes:
        now = time.monotonic()
        self._reading_since = self._reading_since or now
        silence = settings().silence
        if now > self._reading_since + silence + self._read / _LEAST_RATE:
            return b""
        if not self._comes(_NEXT_SECONDS):
            with slots.lent():
                if not self._comes(self.sock.gettimeout() or silence):
                    return b""
        try:
            return self.sock.recv(min(most, self.max_body_chunk))
        except OSError:
            return b""

    def _comes(self, seconds: float) -> bool:
        """Whether something does, within so long."""
        return bool(self._poll.poll(seconds * 1000))

    def _enough(self) -> bool:
        held = self.buf.getvalue().lstrip(b"\r\n")
        head, end, body = held.partition(b"\r\n\r\n")
        if len(head) > LARGEST_HEAD:
            if b"\r\n" not in head:
                raise LimitRequestLine(len(head), LARGEST_HEAD)
            raise LimitRequestHeaders(f"more than {LARGEST_HEAD} bytes")
        if not end:
            return False
        length = _LENGTH.search(head)
        wanted = int(length[1]) if length else 0
        known = _BEARER.search(head) is not None and _FORM.search(head) is None
        chunked = _CHUNKED.search(head) is not None
        self.streaming = chunked or len(body) < wanted
        if known or chunked or wanted > SMALL_BODY or not self.streaming:
            return True
        if _EXPECTS.search(head) and not self._told_to_go_on:
            self._told_to_go_on = True
            self.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return False


class Arriving(Body):
    """A body, each read of which gives what has come, and does not wait for more."""

    buf: io.BytesIO

    def read(self, size: int | None = None) -> bytes:
        """At most `size` bytes, and none at the end only; all of them where it is None."""
        if size is None or size < 0:
            whole: bytes = super().read(size)
            return whole
        data = self.buf.getvalue() or self._read_reader(size)
        self.buf = io.BytesIO()
        self.buf.write(data[size:])
        return data[:size]

    def _read_reader(self, size: int) -> bytes:
        try:
            if isinstance(self.reader, ChunkedReader):
                return next(filter(None, self.reader.parser), b"")
            data: bytes = self.reader.unreader.some(min(size, self.reader.length))
            self.reader.length -= len(data)
            return data
        except Exception:
            self.failed = True
            raise


class Worker(gthread.ThreadWorker):
    """See above. A connection that is not ready goes back to the poller, as gunicorn's own
    `_DEFER` says."""

    def init_process(self) -> None:
        """Work on as many requests at once as there are `--threads`."""
        slots.limit(self.cfg.threads)
        super().init_process()

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """A thread for each connection, if need be."""
        return ThreadPoolExecutor(max_workers=self.worker_connections)

    def handle(self, conn: Any) -> Any:
        """Work on a connection, in a thread."""
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
            conn.parser.unreader = Intake(conn.sock)
        intake = conn.parser.unreader
        try:
            if not intake.whole():
                return gthread._DEFER
        except (LimitRequestLine, LimitRequestHeaders) as error:
            self.handle_error(None, conn.sock, conn.client, error)
            return self._hang_up(conn)
        except OSError:
            return False
        conn.data_ready = True
        with slots.held():
            kept = super().handle(conn)
        if not kept:
            return self._hang_up(conn)
        intake.await_next()
        return True

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer it, whose body the app reads as it comes."""
        req.body = Arriving(req.body.reader)
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Close the connections whose request is late, too."""
        for conn in [conn for conn in self.pending_conns if conn.parser.unreader.late()]:
            self.pending_conns.remove(conn)
            self.pending_conns.appendleft(conn)
            conn.timeout = 0
        super().murder_pending()

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """A body that nobody wanted costs its thread next to nothing, or the connection."""
        deadline = time.monotonic() + _DRAIN_SECONDS
        try:
            drained = keepalive and conn.parser.finish_body(deadline=deadline)
        except (ParseException, OSError):
            return False
        return bool(drained and not conn.parser.unreader.ended)

    def _hang_up(self, conn: Any) -> bool:
        """Close here, as gunicorn's main thread would wait for the other side. Who still sends is
        given a moment to read the answer, which a reset would take from them."""
        seconds = _LINGER_SECONDS if conn.parser.unreader.streaming else 0.01
        util.close_graceful(conn.sock, timeout=seconds)
        return False


def _write_problem(link: socket.socket, status: int, reason: str, detail: str) -> None:
    kind = _PROBLEMS.get(status, errors.MalformedRequest)
    body = json.dumps(kind(detail or reason).document()).encode()
    head = (
        f"HTTP/1.1 {kind.status} {kind.title}\r\nConnection: close\r\n"
        f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(link, head.encode() + body)


util.write_error = _write_problem
