"""OpenStack Swift with its S3 API: refuses wrong signatures and checksums, honours conditions.

Its If-None-Match: * refuses what exists, but does not arbitrate: of several first writers at the
same moment more than one may be told 200, and the last stays.

Its four servers (proxy, account, container, object) run in one process, `swift_process`, on one
disk with one copy of everything. No memcached, no system folder, no syslog.
"""

import http.client
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.backends.process import Server, free_port

REGION = "us-east-1"
_ACCESS_KEY = "promessa:tests"
_PROCESS = Path(__file__).with_name("swift_process.py")
_PIPELINE = (
    "catch_errors gatekeeper healthcheck listing_formats s3api tempauth copy dlo slo "
    "versioned_writes symlink proxy-server"
)


@dataclass(frozen=True)
class S3:
    """Where an S3 server is and who may use it."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str = REGION


class SwiftServer(Server):
    """A Swift on the loopback; `s3` says how to reach it."""

    name = "Swift"
    wanted = "can hold a file's extended attributes (user.*), which Swift needs"

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()
        self._secret = secrets.token_hex(16)
        (self.folder / "disks" / "d1").mkdir(parents=True)
        for name, text in self._configuration().items():
            path = self.folder / name
            path.write_text(text)
            path.chmod(0o600)

    @property
    def url(self) -> str:
        """The S3 endpoint."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def s3(self) -> S3:
        """The endpoint with its keys."""
        return S3(self.url, _ACCESS_KEY, self._secret)

    def usable(self, folder: Path) -> bool:
        probe = folder / "probe"
        probe.touch()
        try:
            # Swift stores up to 64 KB of metadata there, in pieces; ext4 refuses some 4 KB.
            os.setxattr(probe, "user.promessa", b"x" * 1024)
        except OSError:
            return False
        finally:
            probe.unlink()
        return True

    def command(self) -> list[str]:
        return [sys.executable, "-P", str(_PROCESS), str(self.folder)]

    def probe(self) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", "/healthcheck")
            if link.getresponse().read() != b"OK":
                raise OSError("the proxy is not ready")
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            link.close()

    def _configuration(self) -> dict[str, str]:
        backends = {kind: free_port() for kind in ("account", "container", "object")}
        files = {"swift.conf": f"[swift-hash]\nswift_hash_path_suffix = {secrets.token_hex(8)}\n"}
        for kind, port in backends.items():
            files[f"{kind}.conf"] = self._backend(kind, port)
        files["proxy.conf"] = self._proxy()
        return files

    def _defaults(self, port: int) -> str:
        return f"""[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {self.folder}
devices = {self.folder / "disks"}
mount_check = false
disable_fallocate = true
log_level = WARNING
"""

    def _backend(self, kind: str, port: int) -> str:
        return f"""{self._defaults(port)}
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

    def _proxy(self) -> str:
        plain = [name for name in _PIPELINE.split() if name not in ("tempauth", "proxy-server")]
        filters = "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in plain)
        return f"""{self._defaults(self.port)}
[pipeline:main]
pipeline = {_PIPELINE}
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:tempauth]
use = egg:swift#tempauth
user_{_ACCESS_KEY.replace(":", "_")} = {self._secret} .admin
{filters}"""


def start() -> SwiftServer:
    """A running Swift with no bucket."""
    return SwiftServer().start()
