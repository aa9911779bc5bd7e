"""`promessa worker`: one process that does jobs."""

import click

from server.cli import tied
from server.cli.options import opened


@click.command()
def worker() -> None:
    """Run one worker until SIGTERM; run as many as there is work for.

    On SIGTERM it finishes its job first. Jobs of a worker that was killed are done by another.
    """
    from jobs import worker
    from server import logs

    with opened() as settings:
        pass
    logs.configure(settings)
    tied.tie_forks()
    worker.run()
