"""Settings, read once from the environment and validated: one clear line for each mistake.

    PROMESSA_DATA_DIR      folder of the embedded defaults; set by `promessa up --data-dir`
    DATABASE_URL           sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME
    REDIS_URL              redis://, rediss:// or unix:// of a Redis or Valkey server
    STORAGE                file:FOLDER or s3://BUCKET
    S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY    for s3://
    SECRET_KEY             32 characters or more; signs tokens and photo links
    PUBLIC_URL             how clients reach this server, for links
    MAX_BODY_MB            largest JSON body (default 16)
    MAX_PHOTO_MB           largest photo (default 25)
    SILENCE_SECONDS        a body that stops arriving for that long is given up (default 20)
    LOGIN_RATE             logins allowed per address and account (default 10 per minute)
    REQUEST_SECONDS        until when a request's head and small body must be here (default 10)
    TRUSTED_PROXIES        reverse proxies in front, each adding X-Forwarded-For (default 0);
                           login limits count the address that the first of them saw
    PASSWORD_COST          argon2id's memory in KiB, passes and lanes for new password hashes
                           (default m=65536,t=3,p=4; weaker than m=19456,t=2,p=1 only with
                           embedded defaults)
    LOG_LEVEL              debug, info, warning or error (default info)
    LOG_FORMAT             json, text, or auto: text on a terminal, else json (default auto)

With PROMESSA_DATA_DIR set, what is not given falls back to embedded defaults inside that folder:
SQLite, the socket of `promessa up`'s Valkey, a folder for photos, a secret made on first use.
Without it nothing secret has a default.
"""

import hashlib
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

DEFAULT_PUBLIC_URL = "http://127.0.0.1:8000"
_LOG_LEVELS = ("debug", "info", "warning", "error")
_LOG_FORMATS = ("auto", "json", "text")
_MIN_SECRET = 32
_DATABASE = "promessa.db"
# A Unix socket's path holds 104 bytes on some systems, 108 on others, with the closing NUL.
_LONGEST_SOCKET = 100


class ConfigError(Exception):
    """The environment is not usable; `mistakes` has one line for each thing to mend."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class PasswordCost(NamedTuple):
    """What one argon2id hash costs: memory in KiB, passes over it, lanes (RFC 9106)."""

    memory: int
    passes: int
    lanes: int


_WEAKEST_COST = PasswordCost(19456, 2, 1)
"""OWASP's least for argon2id (Password Storage Cheat Sheet)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Validated settings. Sizes are bytes, `silence` is seconds."""

    database_url: str
    redis_url: str
    storage: str
    s3_endpoint: str | None
    s3_region: str
    s3_access_key: str | None
    s3_secret_key: str | None
    secret_key: str
    public_url: str
    max_body: int
    max_photo: int
    silence: int
    login_rate: str
    request_seconds: int
    trusted_proxies: int
    password_cost: PasswordCost
    log_level: str
    log_format: str
    data_dir: Path | None

    @property
    def embedded(self) -> bool:
        """True on embedded defaults (own folder and SQLite in it): demo accounts may exist."""
        return self.data_dir is not None and self.database_url == _sqlite_url(self.data_dir)


_current: Settings | None = None


def use(settings: Settings) -> Settings:
    """Make `settings` those of this process; called once by the app, the worker or a test."""
    global _current
    _current = settings
    return settings


def settings() -> Settings:
    """The settings of this process, read from the environment on first use."""
    return _current or use(load())


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Settings from `env` (default: the process environment); ConfigError lists every mistake."""
    return _Reader(os.environ if env is None else env).settings()


class _Reader:
    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.mistakes: list[str] = []
        folder = env.get("PROMESSA_DATA_DIR")
        self.data_dir = Path(folder).absolute() if folder else None

    def settings(self) -> Settings:
        settings = Settings(
            database_url=self.database_url(),
            redis_url=self.redis_url(),
            storage=self.storage(),
            s3_endpoint=self.env.get("S3_ENDPOINT"),
            s3_region=self.env.get("S3_REGION", "us-east-1"),
            s3_access_key=self.env.get("S3_ACCESS_KEY"),
            s3_secret_key=self.env.get("S3_SECRET_KEY"),
            secret_key=self.secret_key(),
            public_url=self.public_url(),
            max_body=self.megabytes("MAX_BODY_MB", 16),
            max_photo=self.megabytes("MAX_PHOTO_MB", 25),
            silence=self.silence(),
            login_rate=self.login_rate(),
            request_seconds=self.request_seconds(),
            trusted_proxies=self.trusted_proxies(),
            password_cost=self.password_cost(),
            log_level=self.log_level(),
            log_format=self.log_format(),
            data_dir=self.data_dir,
        )
        if self.mistakes:
            raise ConfigError(self.mistakes)
        return settings

    def embedded(self) -> bool:
        return self.data_dir is not None and not self.env.get("DATABASE_URL")

    def wrong(self, line: str) -> str:
        self.mistakes.append(line)
        return ""

    def database_url(self) -> str:
        url = self.env.get("DATABASE_URL")
        if url is None:
            if self.data_dir is None:
                return self.wrong("DATABASE_URL is not set: give sqlite:///PATH or postgresql://…")
            return _sqlite_url(self.data_dir)
        if urlsplit(url).scheme not in ("sqlite", "postgresql", "postgres"):
            return self.wrong("DATABASE_URL must begin with sqlite:/// or postgresql://")
        if not urlsplit(url).path.strip("/") and not urlsplit(url).query:
            return self.wrong("DATABASE_URL names no database: add its name after the last slash")
        return url

    def redis_url(self) -> str:
        url = self.env.get("REDIS_URL")
        if url is None and self.data_dir is not None:
            return f"unix://{quote(str(embedded_socket(self.data_dir)))}"
        if url is None:
            return self.wrong("REDIS_URL is not set: give redis://HOST:PORT/0 or unix:///SOCKET")
        if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            return self.wrong("REDIS_URL must begin with redis://, rediss:// or unix://")
        return url

    def storage(self) -> str:
        value = self.env.get("STORAGE")
        if value is None:
            if self.data_dir is None:
                return self.wrong("STORAGE is not set: give file:FOLDER or s3://BUCKET")
            return f"file:{self.data_dir / 'photos'}"
        if value.startswith("s3://"):
            for name in ("S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY"):
                if not self.env.get(name):
                    self.wrong(f"{name} is not set, and STORAGE={value} needs it")
            if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value):
                return self.wrong("STORAGE names no valid bucket: give s3://BUCKET")
            return value
        if value.startswith("file:") and len(value) > len("file:"):
            return value
        return self.wrong("STORAGE must be file:FOLDER or s3://BUCKET")

    def secret_key(self) -> str:
        value = self.env.get("SECRET_KEY")
        if value is None and self.data_dir is not None and self.embedded():
            return _embedded_secret(self.data_dir)
        if value is None:
            return self.wrong("SECRET_KEY is not set: give 32 or more random characters")
        if len(value) < _MIN_SECRET:
            return self.wrong(f"SECRET_KEY is too short: give {_MIN_SECRET} characters or more")
        return value

    def public_url(self) -> str:
        url = self.env.get("PUBLIC_URL", DEFAULT_PUBLIC_URL).rstrip("/")
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            return self.wrong("PUBLIC_URL must be an http:// or https:// address")
        return url

    def megabytes(self, name: str, default: int) -> int:
        text = self.env.get(name, str(default))
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 10_000:
            self.wrong(f"{name} must be a whole number from 1 to 10000, not {text!r}")
            return 0
        return int(text) * 1024 * 1024

    def silence(self) -> int:
        text = self.env.get("SILENCE_SECONDS", "20")
        if not re.fullmatch("[1-9][0-9]{0,2}", text):
            self.wrong(f"SILENCE_SECONDS must be a whole number from 1 to 999, not {text!r}")
            return 0
        return int(text)

    def login_rate(self) -> str:
        text = self.env.get("LOGIN_RATE", "10 per minute")
        if not re.fullmatch(r"[1-9]\d* per (second|minute|hour|day)", text):
            return self.wrong(f"LOGIN_RATE must read like '10 per minute', not {text!r}")
        return text

    def request_seconds(self) -> int:
        text = self.env.get("REQUEST_SECONDS", "10")
        if not re.fullmatch("[1-9][0-9]{0,2}", text):
            self.wrong(f"REQUEST_SECONDS must be a whole number from 1 to 999, not {text!r}")
            return 0
        return int(text)

    def trusted_proxies(self) -> int:
        text = self.env.get("TRUSTED_PROXIES", "0")
        if not re.fullmatch("[0-9]", text):
            self.wrong(f"TRUSTED_PROXIES must be a number from 0 to 9, not {text!r}")
            return 0
        return int(text)

    def password_cost(self) -> PasswordCost:
        text = self.env.get("PASSWORD_COST", "m=65536,t=3,p=4")
        match = re.fullmatch(r"m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})", text)
        cost = PasswordCost(*map(int, match.groups())) if match else PasswordCost(0, 0, 0)
        if cost.passes < 1 or cost.lanes < 1 or cost.memory < 8 * cost.lanes:
            self.wrong(f"PASSWORD_COST must read like 'm=65536,t=3,p=4', not {text!r}")
        elif not self.embedded() and any(map(int.__lt__, cost, _WEAKEST_COST)):
            self.wrong("PASSWORD_COST is too weak: give m=19456,t=2,p=1 or more")
        return cost

    def log_level(self) -> str:
        level = self.env.get("LOG_LEVEL", "info").lower()
        if level not in _LOG_LEVELS:
            return self.wrong(f"LOG_LEVEL must be one of {', '.join(_LOG_LEVELS)}, not {level!r}")
        return level

    def log_format(self) -> str:
        form = self.env.get("LOG_FORMAT", "auto").lower()
        if form not in _LOG_FORMATS:
            return self.wrong(f"LOG_FORMAT must be one of {', '.join(_LOG_FORMATS)}, not {form!r}")
        return form


def embedded_database(env: Mapping[str, str] | None = None) -> Path | None:
    """The database's file, where `env` (default: the process environment) has it in a folder of
    embedded defaults. Makes nothing."""
    reader = _Reader(os.environ if env is None else env)
    return reader.data_dir / _DATABASE if reader.data_dir and reader.embedded() else None


def keep_private(folder: Path) -> None:
    """Make the folder of the embedded defaults, if need be, and let nobody but its owner in, nor at
    its database. A folder that many share (as /tmp) stays open; what is made in it is private."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path, mode in ((folder, 0o700), (folder / _DATABASE, 0o600)):
        found = path.stat() if path.exists() else None
        if found and found.st_uid == os.getuid() and not found.st_mode & stat.S_ISVTX:
            path.chmod(mode)


def embedded_socket(folder: Path) -> Path:
    """Where the embedded Valkey of a data folder listens: in the folder, or where that makes too
    long a path for a socket, in a folder among the temporary files, named after it."""
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"promessa-{os.getuid()}-{name}" / "valkey.sock"


def _sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / _DATABASE}"


def _embedded_secret(folder: Path) -> str:
    """The secret of an embedded folder, made on first use; a race has one winner (O_EXCL)."""
    path = folder / "secret"
    keep_private(folder)
    fresh = folder / f".secret-{secrets.token_hex(8)}"
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()
