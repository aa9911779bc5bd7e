"""The four servers of Swift in one process: python -P swift_process.py FOLDER.

FOLDER holds swift.conf and {account,container,object,proxy}.conf; the rings are made from them.
"""

import sys

from swift.common.utils import monkey_patch

monkey_patch()

import configparser  # noqa: E402
import logging  # noqa: E402
import os  # noqa: E402
import warnings  # noqa: E402
from pathlib import Path  # noqa: E402

import eventlet  # noqa: E402
import eventlet.wsgi  # noqa: E402
from swift.common import constraints, utils, wsgi  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.storage_policy import reload_storage_policies  # noqa: E402
from swift.common.utils import logs  # noqa: E402

_BACKENDS = ("account", "container", "object")
_PART_POWER = 4
_CLIENT_SECONDS = 60


def main(folder: Path) -> None:
    """Serve until killed."""
    os.umask(0o077)
    warnings.filterwarnings("ignore", message="capitalize_response_headers is disabled")
    # Without syslog Swift would send its lines to UDP port 514; they belong in the log file.
    logs.ThreadSafeSysLogHandler = lambda *_args, **_kwargs: logging.NullHandler()
    logs.get_swift_logger.console_handler4logger = {}
    utils.set_swift_dir(str(folder))
    reload_storage_policies()
    utils.disable_fallocate()
    for kind in _BACKENDS:
        _make_ring(folder, kind)
    servers = [_serve(folder, kind) for kind in (*_BACKENDS, "proxy")]
    for server in servers:
        server.wait()


def _make_ring(folder: Path, kind: str) -> None:
    settings = configparser.ConfigParser()
    settings.read(folder / f"{kind}.conf")
    builder = RingBuilder(_PART_POWER, replicas=1, min_part_hours=0)
    builder.add_dev(
        {
            "region": 1,
            "zone": 1,
            "ip": "127.0.0.1",
            "port": settings.getint("DEFAULT", "bind_port"),
            "device": "d1",
            "weight": 1,
        }
    )
    builder.rebalance()
    builder.get_ring().save(str(folder / f"{kind}.ring.gz"))


def _serve(folder: Path, kind: str) -> eventlet.greenthread.GreenThread:
    path = str(folder / f"{kind}.conf")
    app = wsgi.loadapp(path, global_conf={"log_name": kind})
    listener = wsgi.get_socket(wsgi.appconfig(path, name=f"{kind}-server"))
    # As swift.common.wsgi.run_server does, which can't serve four times: it replaces the hub.
    return eventlet.spawn(
        eventlet.wsgi.server,
        listener,
        app,
        utils.NullLogger(),
        protocol=wsgi.SwiftHttpProtocol,
        capitalize_response_headers=False,
        url_length_limit=constraints.MAX_REQUEST_LINE,
        socket_timeout=_CLIENT_SECONDS,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
