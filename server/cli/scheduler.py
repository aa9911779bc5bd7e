"""`promessa scheduler`: what happens by the clock."""

import click

from server import config


@click.command()
def scheduler() -> None:
    """Run the scheduler until SIGTERM; exactly one, beside the workers."""
    settings = config.settings()
    # Imported only now, as they take long.
    from jobs.scheduler import run
    from server import logs

    logs.configure(settings)
    run()
