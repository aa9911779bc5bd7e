"""gunicorn's settings (its own names), for `promessa serve` and `promessa up`."""

import gc
from typing import Any

from gunicorn.glogging import Logger

from server import db, logs, storage
from server.cli import tied
from server.config import settings

worker_class = "server.cli.intake.Worker"
# Loaded once, before the forks; a connection is opened only after them. Of what is loaded nothing
# becomes garbage: looking for it would be a fifth of the start.
gc.disable()
preload_app = True
control_socket_disable = True
keepalive = 65
# server.cli.intake has a limit of its own, for the head as a whole.
limit_request_line = 0
graceful_timeout = 15
timeout = 60
accesslog = None


class _Logger(Logger):
    """gunicorn's log, through ours. Requests are logged by the app, which knows who asked."""

    def setup(self, cfg: Any) -> None:
        """Take no handlers of gunicorn's."""
        logs.configure(settings())
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.access_log.disabled = True


logger_class = _Logger


def when_ready(arbiter: Any) -> None:
    """The application is loaded: no collection goes through it any more, and its memory stays
    shared, as does the client of the storage, which connects when it is used."""
    storage.prepare()
    gc.freeze()
    gc.enable()


def post_fork(arbiter: Any, worker: Any) -> None:
    """A worker dies with its arbiter, also when that is killed, and has its own connections."""
    tied.die_with(worker.ppid)
    db.initialize(settings().database_url)
