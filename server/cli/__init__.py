"""The `promessa` command.

A command is a module of this package that exports a click command, and a line in SECTIONS. It is
imported only when it is run, so that `promessa --help` answers at once.

Exit codes: 0 done; 1 it failed; 2 the command line or the settings are wrong; 130 interrupted.
"""

import contextlib
import errno
import importlib
import os
import sys
from typing import Any

import click

from server.cli.options import with_data_dir
from server.config import ConfigError
from server.errors import Problem

SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Everything in one": {
        "up": ("up:up", "Serve everything from one folder: API, workers, scheduler, Valkey."),
    },
    "The programme": {
        "demo": ("demo:demo", "Play a month of an Italian perfumery chain."),
        "brand": ("brands:brand", "Brands, each a world of its own."),
        "user": ("users:user", "People who can log in."),
        "scores": ("scores:scores", "Make the exact sums anew from the visits, or verify them."),
        "import": ("imports:imports", "Import a brand's data from files."),
    },
    "For analysts, without a server": {
        "rank": ("analysis.ranking:rank", "Rank the stores of a table of visits."),
        "rates": ("analysis.rates:rates", "Shrink the pass rates of a table of counts."),
        "drivers": ("analysis.drivers:drivers", "Share out what goes with an outcome."),
    },
    "Parts, for production": {
        "serve": ("serve:serve", "Serve the API alone."),
        "worker": ("worker:worker", "Run a worker: scores reports and does all other jobs."),
        "scheduler": ("scheduler:scheduler", "Run the scheduler; one of it, beside the workers."),
        "db": ("db:db", "Migrate the database, and say where it stands."),
        "config": ("config:config", "Check the settings."),
    },
    "For developers": {
        "openapi": ("openapi:openapi", "Print openapi.yaml, or check that it is up to date."),
    },
}
"""Section → command → (module:attribute of this package, its line in the help)."""

_EXAMPLES = """\
  promessa up --data-dir data --port 8000
  promessa db migrate --data-dir data
  promessa rank visits.csv --store shop --shopper shopper --score score --json
  DATABASE_URL=postgresql://… REDIS_URL=redis://… promessa config check
"""
_WITHOUT_DATA = {"demo", "drivers", "openapi", "rank", "rates", "up"}
_INTERRUPTED = 130
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class Commands(click.Group):
    """The commands of SECTIONS, each imported on use, with errors as lines and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help."""
        return [name for commands in SECTIONS.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name."""
        for commands in SECTIONS.values():
            if cmd_name in commands:
                module, attribute = commands[cmd_name][0].split(":")
                command: click.Command = getattr(
                    importlib.import_module(f"server.cli.{module}"), attribute
                )
                return command if cmd_name in _WITHOUT_DATA else with_data_dir(command)
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help's sections, without importing any command."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, line) for name, (_, line) in commands.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, as they are typed."""
        with formatter.section("Examples"):
            formatter.write(_EXAMPLES)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line; output that cannot be written is a line, too."""
        try:
            return super().main(*args, **extra)
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise
            _forget_output()
            _fail([f"Cannot write {error.filename or 'the output'}: {error.strerror}."], 1)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error that its user can mend is a line, not a traceback."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            _fail(error.mistakes, 2)
        except Problem as problem:
            details = [
                ": ".join(filter(None, (each["pointer"], each["detail"])))
                for each in problem.errors
            ]
            _fail([problem.detail, *details], 1)
        except (KeyboardInterrupt, click.Abort):
            _fail(["Interrupted."], _INTERRUPTED)
        except Exception as error:
            _fail([_explained(error)], 1)


def _explained(error: Exception) -> str:
    """A line for a database or a Redis that does not answer; anything else is a fault of ours."""
    # Imported here, as only failures need them and they take long.
    import peewee
    import redis

    if isinstance(error, click.ClickException | click.exceptions.Exit):
        raise error
    if isinstance(error, peewee.OperationalError):
        return f"The database does not answer: {error}"
    if isinstance(error, redis.ConnectionError):
        return f"Redis does not answer: {error}"
    raise error


def _forget_output() -> None:
    """What is still to be written would fail once more as Python ends, past all handling."""
    with contextlib.suppress(OSError):
        sys.stdout.close()


def _fail(lines: list[str], code: int) -> None:
    for line in lines:
        click.echo(click.style("promessa: ", fg="red") + line, err=True)
    sys.exit(code)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="promessa", message="Promessa %(version)s")
def main() -> None:
    """Promessa, the backend of mystery shopping.

    Settings come from the environment (docs/operations.md lists them). With --data-dir, or
    PROMESSA_DATA_DIR, whatever is not set falls back to embedded defaults in that folder: SQLite,
    Valkey, photos as files.
    """
    # What we keep is for our user's eyes alone, whichever command makes it.
    os.umask(0o077)
