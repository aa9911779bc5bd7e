"""Sites for the tests of real clients: one for each database, kept from test to test."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from server.config import Settings
from tests.clients import node
from tests.clients.phone import RealPhone
from tests.clients.site import Shopper, Site


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tests that share a site run in one process."""
    if "sites" in getattr(item, "fixturenames", ()):
        kind = "postgres" if "[postgres]" in item.name else "sqlite"
        item.add_marker(pytest.mark.xdist_group(f"clients-{kind}"))


class Sites:
    """Makes sites."""

    def __init__(self, request: pytest.FixtureRequest, settings: Settings) -> None:
        self._request = request
        self._settings = {"SECRET_KEY": settings.secret_key}
        self._shared: dict[str, Site] = {}
        self._open = ExitStack()

    def shared(self, kind: str) -> Site:
        """The site on that kind of database that tests share."""
        if kind not in self._shared:
            self._shared[kind] = self._open.enter_context(self.own(kind))
        return self._shared[kind]

    @contextmanager
    def own(self, kind: str) -> Iterator[Site]:
        """A site on that kind of database for one test."""
        with ExitStack() as stack:
            folder: Path = self._request.getfixturevalue("tmp_path_factory").mktemp("phones")
            url = f"sqlite:///{folder / 'site.db'}"
            if kind == "postgres":
                url = stack.enter_context(self._request.getfixturevalue("postgres").empty())
            site = Site(url, folder, self._settings)
            stack.callback(site.close)
            yield site

    def close(self) -> None:
        """End all of them."""
        self._open.close()


@pytest.fixture(scope="session")
def sites(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Sites]:
    """Where sites come from; skips, and says why, where no real client can run."""
    reason = node.missing()
    if reason is not None:
        pytest.skip(reason)
    made = Sites(request, settings)
    yield made
    made.close()


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """ "sqlite", unless the test says `both`."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def site(sites: Sites, kind: str) -> Iterator[Site]:
    """The shared site of that database; its models are bound for our process too."""
    shared = sites.shared(kind)
    with shared.bound():
        yield shared
    shared.close_phones()
    assert shared.line.cuts == [], "a cut that no request met"


@pytest.fixture
def shopper(site: Site) -> Shopper:
    """A new shopper of the site's brand."""
    return site.shopper()


@pytest.fixture
def phone(site: Site, shopper: Shopper) -> RealPhone:
    """The shopper's phone, logged in and empty."""
    return site.phone(shopper)
