"""A bad line: a TCP proxy with latency that cuts requests, and loses answers."""

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_BLOCK = 4096


@dataclass(slots=True)
class BadLine:
    """Leads to `port`. Each block takes `latency` seconds on average; each goes lost with a chance,
    on the way to the server (`cuts`) or back (`losses`), and the connection with it."""

    port: int
    latency: float = 0.02
    cuts: float = 0.01
    losses: float = 0.01
    cut: int = 0
    lost: int = 0
    passed: int = 0
    own_port: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def url(self) -> str:
        """Where phones call."""
        return f"http://127.0.0.1:{self.own_port}"

    async def serve(self, ready: threading.Event, end: asyncio.Event) -> None:
        """Pass on until `end`."""
        server = await asyncio.start_server(self._call, "127.0.0.1", 0)
        self.own_port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await end.wait()
        calls = asyncio.all_tasks() - {asyncio.current_task()}
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async def _call(self, phone: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        writers = [answer]
        ways: list[asyncio.Task[None]] = []
        try:
            back, there = await asyncio.open_connection("127.0.0.1", self.port)
            writers.append(there)
            ways += [
                asyncio.create_task(self._pass_on(phone, there, answer=False)),
                asyncio.create_task(self._pass_on(back, answer, answer=True)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except (OSError, asyncio.CancelledError):
            return
        finally:
            for way in ways:
                way.cancel()
            for writer in writers:
                writer.close()
            with suppress(OSError):
                await asyncio.gather(*(writer.wait_closed() for writer in writers))

    async def _pass_on(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, answer: bool
    ) -> None:
        with suppress(OSError):
            while block := await source.read(_BLOCK):
                await asyncio.sleep(self.dice.expovariate(1 / self.latency))
                if self.dice.random() < (self.losses if answer else self.cuts):
                    self.lost += answer
                    self.cut += not answer
                    to.write(b"" if answer else block[: len(block) // 2])
                    return
                self.passed += 1
                to.write(block)
                await to.drain()


@contextmanager
def bad_line(port: int, **rates: float) -> Iterator[BadLine]:
    """A line to a loopback port while the block runs."""
    line, ready, ends = BadLine(port, **rates), threading.Event(), []

    async def main() -> None:
        end = asyncio.Event()
        ends.append((asyncio.get_running_loop(), end))
        await line.serve(ready, end)

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield line
    finally:
        loop, end = ends[0]
        loop.call_soon_threadsafe(end.set)
        thread.join(30)
