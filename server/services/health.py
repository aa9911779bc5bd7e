"""Whether the parts that a process needs answer."""

from collections.abc import Callable

from server import queue, storage
from server.db import connected, database


def parts() -> dict[str, str]:
    """ "ok" or what is wrong, for the database, the queue and the photo storage."""
    return {
        "database": _state(_database),
        "queue": _state(lambda: queue.connection().ping()),
        "storage": _state(lambda: storage.current().check()),
    }


def _database() -> None:
    with connected():
        database.execute_sql("SELECT 1")


def _state(check: Callable[[], object]) -> str:
    try:
        check()
    except Exception as error:  # whatever a part throws, its state is what we report
        return f"does not answer: {type(error).__name__}"
    return "ok"
