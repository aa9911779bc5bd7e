"""Logs: one JSON object a line for machines, or readable lines for people, on standard error.

Everything that logs through `logging` (ours, gunicorn's, RQ's) and every warning comes out here,
with what `bind` said of the present request or job. Nothing secret belongs into a log: no query
string, token, password or body.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from server.config import Settings

# These say at "info" what is worth reading only when something is wrong.
_QUIET = ("PIL", "boto3", "botocore", "gunicorn", "rq", "s3transfer", "urllib3", "werkzeug")

# Without the frames' local variables: they hold passwords, tokens and the database's address.
_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)

# A link's token is the permission to read a photo: it is left out.
_LINK = re.compile(r"(/v1/objects/)[^\s/?#\"']+")


def configure(settings: Settings) -> None:
    """Send all logs of this process to standard error, by LOG_LEVEL and LOG_FORMAT."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(_as_text(settings)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)


def formatter(as_text: bool) -> logging.Formatter:
    """The formatter of every line: readable text, or one JSON object."""
    rendering: list[Any] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
        if as_text
        else [_TRACEBACKS, structlog.processors.JSONRenderer()]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    )


def _mask(logger: Any, method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in said.items():
        if isinstance(value, str):
            said[name] = _LINK.sub(r"\1…", value)
    return said


def bind(**known: Any) -> None:
    """Begin afresh what every line of this thread says from now on."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**known)


def _as_text(settings: Settings) -> bool:
    if settings.log_format == "auto":
        return sys.stderr.isatty()
    return settings.log_format == "text"
