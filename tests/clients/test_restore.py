"""The server's database is replaced by an older backup: phones give back what it lacks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.models import Revision
from tests import phone as rows
from tests.cli.running import promessa
from tests.clients.conftest import Sites
from tests.clients.phone import RealPhone
from tests.clients.site import Shopper, Site, both


@pytest.fixture
def own(sites: Sites, kind: str) -> Iterator[Site]:
    """A site that no other test minds to see restored."""
    with sites.own(kind) as site:
        yield site


def db(site: Site, *command: str | Path) -> None:
    """Run a `promessa db` command on the site's database."""
    done = promessa("db", *map(str, command), **site.server.environment)
    assert done.returncode == 0, done.stderr


@both
def test_after_a_restore_phones_give_back_what_was_acknowledged(own: Site, tmp_path: Path) -> None:
    with own.bound():
        shopper = own.shopper()
        old, new = own.assignment(shopper).id, own.assignment(shopper).id
    phones = [own.phone(shopper), own.phone(shopper)]
    words, wait = rows.answer(old, "words", "before"), rows.answer(old, "wait", 2)
    phones[0].record({"reports": [rows.report(old)], "answers": [words, wait]})
    for phone in phones:
        phone.sync()
    db(own, "backup", tmp_path / "backup")

    phones[0].write("answers", words | {"value": '"after"', "updated_at": rows.AT + 1})
    phones[0].record(rows.visit(new) | {"photos": [rows.photo(f"{old}-photo", old)]})
    phones[0].sync()
    phones[0].sync()
    assert not phones[0].unsent
    phones[1].write("answers", wait | {"value": "5", "updated_at": rows.AT + 2})

    own.server.stop()
    db(own, "restore", "--replace", tmp_path / "backup")
    own.server.start()
    with own.bound():
        assert own.truth(shopper)["answers"][words["id"]]["value"] == '"before"'
        assert_given_back(own, shopper, phones)
        answers = own.truth(shopper)["answers"]
        assert (answers[words["id"]]["value"], answers[wait["id"]]["value"]) == ('"after"', "5")
        assert [revision.report_id for revision in Revision.select()] == [f"{new}.1"]


def assert_given_back(site: Site, shopper: Shopper, phones: list[RealPhone]) -> None:
    """The first sync of each gives back, the second is told; then all hold the same."""
    for phone in (*phones, *phones):
        phone.sync()
    for phone in phones:
        site.assert_equal(phone, shopper)
        assert "resend" in {row["code"] for row in phone.rows("notices").values()}
