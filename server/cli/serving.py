"""Whether somebody works on a database that a command is about to replace."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from server.cli import lock
from server.config import Settings
from server.db import database, is_postgres

_OTHERS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user
      AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    ORDER BY pid
"""


@contextmanager
def nobody(settings: Settings) -> Iterator[None]:
    """While the block runs no `promessa up` serves the folder, and none can start. ClickException:
    one does, or others of our name are connected to PostgreSQL."""
    if is_postgres() and (pids := [str(pid) for (pid,) in database.execute_sql(_OTHERS)]):
        raise click.ClickException(
            f"{len(pids)} other sessions of this user are connected to the database (pids "
            f"{', '.join(pids)}): stop the API, the workers and the scheduler, restore, and start "
            "them again. Nothing was changed."
        )
    if settings.data_dir is None:
        yield
        return
    try:
        with lock.held(settings.data_dir / "up.lock"):
            yield
    except lock.Held as held:
        raise click.ClickException(
            f"{settings.data_dir} is served by a promessa up with the pid {held.pid}: stop that "
            f"(kill {held.pid}), restore, and start it again. Nothing was changed."
        ) from held
