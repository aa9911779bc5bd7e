"""A phone with a real WatermelonDB in it: app/phone.js in a process of its own."""

import itertools
import json
import subprocess
from pathlib import Path
from typing import Any, Self

from tests.clients import node

_PROGRAM = Path(__file__).with_name("app") / "phone.js"

Row = dict[str, Any]


class AppError(Exception):
    """What a command of the app threw; `status` is the HTTP status behind it, if there was one."""

    def __init__(self, message: str, status: int | None) -> None:
        super().__init__(f"{status or ''} {message}".strip())
        self.status = status


class RealPhone:
    """One local database in `file`, reaching the server at `url`; `version` is the app's."""

    def __init__(self, file: Path, url: str, version: int = 2) -> None:
        self.file = file
        self.url = url
        self._numbers = itertools.count(1)
        self._answers: dict[int, Any] = {}
        self.start(version)

    def start(self, version: int = 2) -> Self:
        """Start the app on the database that is there."""
        program = node.node()
        assert program is not None
        self._process = subprocess.Popen(
            [program, _PROGRAM, self.file, self.url, str(version)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        return self

    def kill(self) -> None:
        """SIGKILL, as when the system wants the app's memory."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """End the app; its database stays."""
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()

    def begin(self, command: str, **given: Any) -> int:
        """Give a command without waiting for it; a number for `end`."""
        number = next(self._numbers)
        assert self._process.stdin is not None
        line = json.dumps({"n": number, "do": command, "with": given})
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return number

    def end(self, number: int) -> Any:
        """What the command gave. AppError."""
        assert self._process.stdout is not None
        while number not in self._answers:
            line = self._process.stdout.readline()
            assert line, "the app died"
            answer = json.loads(line)
            self._answers[answer["n"]] = answer
        answer = self._answers.pop(number)
        if "failed" in answer:
            raise AppError(**answer["failed"])
        return answer["gave"]

    def do(self, command: str, **given: Any) -> Any:
        """What the command gives. AppError."""
        return self.end(self.begin(command, **given))

    def sync(self) -> Row:
        """Pull and push: {rejected, sent}. AppError."""
        given: Row = self.do("sync")
        return given

    def write(self, table: str, row: Row) -> None:
        """Create the row, or change what is named of it."""
        values = {name: value for name, value in row.items() if name[0] != "_" and name != "id"}
        self.do("write", table=table, id=row["id"], values=values)

    def record(self, recorded: dict[str, list[Row]]) -> None:
        """Write all these rows, by table."""
        for table, rows in recorded.items():
            for row in rows:
                self.write(table, row)

    def rows(self, table: str) -> dict[str, Row]:
        """The rows of a table by id, with WatermelonDB's _status and _changed."""
        return {row["id"]: row for row in self.do("rows", table=table)}

    @property
    def unsent(self) -> bool:
        """Whether anything waits to be pushed."""
        waits: bool = self.do("unsent")
        return waits
