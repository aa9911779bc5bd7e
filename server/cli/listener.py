"""The address that the API serves on. Bound once, by the supervisor, and handed down: a taken port
is known before anything starts, and the API may restart without a refused connection."""

import errno
import socket

from server.cli.supervisor import Failed


def bound(host: str, port: int) -> socket.socket:
    """A TCP socket bound to host and port (0: any free one), not yet listening. Failed."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise Failed(_reason(host, port, error)) from error
    return listener


def base_url(listener: socket.socket) -> str:
    """How a client on this machine reaches it."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  not bound here
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reason(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is taken: give another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} of {host} needs rights that you lack: give one above 1023"
    return f"cannot serve on {host}:{port}: {error.strerror or error}"
