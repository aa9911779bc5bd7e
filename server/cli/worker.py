"""`promessa worker`: one process that does jobs."""

import click

from server import config
from server.cli import tied


@click.command()
def worker() -> None:
    """Run one worker until SIGTERM; run as many as there is work for.

    On SIGTERM it finishes its job first. Jobs of a worker that was killed are done by another.
    """
    settings = config.settings()
    # Imported only now, as they take long.
    from jobs.worker import run
    from server import logs

    logs.configure(settings)
    tied.tie_forks()
    run()
