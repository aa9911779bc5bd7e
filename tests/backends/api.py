"""The API in gunicorn, as it is served: for what only real sockets and processes show."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from server import db
from server.cli import serve
from tests.backends.process import Server, connect, free_port

_ROOT = Path(__file__).parents[2]


def bound_url() -> str:
    """The url of the database that the models are bound to, for other processes."""
    own = db.database.obj
    if not db.is_postgres():
        return f"sqlite:///{own.database}"
    given = own.connect_params
    user, password = (quote(given[name], safe="") for name in ("user", "password"))
    return f"postgresql://{user}:{password}@{given['host']}:{given['port']}/{own.database}"


class ApiServer(Server):
    """What `promessa serve` runs, on `environment` (server.config's names): gunicorn with two
    processes of eight threads. Its embedded defaults live in `folder`."""

    name = "gunicorn"

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__()
        self.port = free_port()
        self.environment = {
            "PROMESSA_DATA_DIR": str(self.folder),
            "REDIS_URL": f"unix://{self.folder}/no.sock",
            "PUBLIC_URL": self.url,
            **environment,
        }

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        *gunicorn, app = serve.command(f"127.0.0.1:{self.port}", processes=2, threads=8)
        named = (f"{name}={value}" for name, value in self.environment.items())
        return ["/usr/bin/env", *named, *gunicorn, f"--chdir={_ROOT}", app]

    def probe(self) -> None:
        with connect(self.port) as line:
            line.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            answer = line.recv(64)
        if b" 200 " not in answer:
            raise OSError(answer.decode(errors="replace"))
