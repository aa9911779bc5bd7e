"""The Valkey of the tests is the real one, and outlives itself only when told to write."""

from urllib.parse import urlsplit

import pytest
import redis

from tests.backends import valkey as backend
from tests.backends.fixtures import ValkeyDatabase


def test_is_valkey(valkey: ValkeyDatabase) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        assert client.info("server")["server_name"] == "valkey"


def test_asks_for_the_password(valkey: ValkeyDatabase) -> None:
    password = urlsplit(valkey.url).password
    assert password is not None
    with (
        redis.Redis.from_url(valkey.url.replace(password, "wrong")) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


@pytest.mark.parametrize(("append_only", "kept"), [(True, b"1"), (False, None)])
def test_data_outlive_a_kill_when_appended(append_only: bool, kept: bytes | None) -> None:
    with backend.start(append_only=append_only) as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("key", 1)
        server.kill()
        with redis.Redis.from_url(server.url) as client, pytest.raises(redis.ConnectionError):
            client.ping()
        server.start()
        with redis.Redis.from_url(server.url) as client:
            assert client.get("key") == kept
