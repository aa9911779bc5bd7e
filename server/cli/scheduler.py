"""`promessa scheduler`: what happens by the clock."""

import click

from server.cli.options import opened


@click.command()
def scheduler() -> None:
    """Run the scheduler until SIGTERM; exactly one, beside the workers."""
    from jobs import scheduler
    from server import logs

    with opened() as settings:
        pass
    logs.configure(settings)
    scheduler.run()
