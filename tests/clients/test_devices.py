"""Several phones of one shopper, and a phone whose app gains columns."""

import pytest

from tests import factories
from tests import phone as rows
from tests.clients.phone import AppError, RealPhone
from tests.clients.site import Shopper, Site, both


@pytest.fixture
def phones(site: Site, shopper: Shopper) -> list[RealPhone]:
    return [site.phone(shopper) for _ in range(2)]


def settle(phones: list[RealPhone]) -> None:
    """Each phone syncs, and pulls what the other's push changed."""
    for phone in (*phones, *phones):
        phone.sync()


@both
def test_two_phones_on_one_report_end_equal(
    site: Site, shopper: Shopper, phones: list[RealPhone]
) -> None:
    key = site.assignment(shopper).id
    for phone, words in zip(phones, ("hers", "his"), strict=True):
        phone.record({"reports": [rows.report(key, summary=words)]})
        phone.record({"answers": [rows.answer(key, "words", words)]})
    phones[0].record({"answers": [rows.answer(key, "greeting", True)]})
    phones[1].record({"answers": [rows.answer(key, "wait", 4)]})
    settle(phones)
    for phone in phones:
        site.assert_equal(phone, shopper)
    answers = {row["item_key"]: row["value"] for row in phones[0].rows("answers").values()}
    assert answers == {"words": '"his"', "greeting": "true", "wait": "4"}
    assert phones[0].rows("reports")[f"{key}.1"]["summary"] == "his"


def test_two_phones_edit_different_cells_of_one_answer(
    site: Site, shopper: Shopper, phones: list[RealPhone]
) -> None:
    key = site.assignment(shopper).id
    answer = rows.answer(key, "wait", 2)
    phones[0].record({"reports": [rows.report(key)], "answers": [answer]})
    settle(phones)
    phones[0].write("answers", {"id": answer["id"], "note": "A queue."})
    phones[1].write("answers", {"id": answer["id"], "value": "5"})
    settle(phones)
    for phone in phones:
        site.assert_equal(phone, shopper)
    row = phones[0].rows("answers")[answer["id"]]
    assert (row["note"], row["value"]) == ("A queue.", "5")


def test_a_photo_that_one_phone_deletes_is_gone_from_both(
    site: Site, shopper: Shopper, phones: list[RealPhone]
) -> None:
    key = site.assignment(shopper).id
    photo = rows.photo(f"{key}-photo", key)
    phones[0].record({"reports": [rows.report(key)], "photos": [photo]})
    settle(phones)
    assert photo["id"] in phones[1].rows("photos")
    phones[1].do("remove", table="photos", id=photo["id"])
    settle(phones[::-1])
    for phone in phones:
        assert phone.rows("photos") == {}
        site.assert_equal(phone, shopper)


def test_an_app_that_gains_columns_is_sent_them_whole(site: Site, shopper: Shopper) -> None:
    persona = factories.persona(site.brand.id)
    key = site.assignment(shopper, persona_id=persona.id).id
    old, new = site.phone(shopper, version=1), site.phone(shopper)
    proposal = {"assignment_id": key, "title": "The scent at the door", "proposed_at": rows.AT}
    new.record(
        {
            "reports": [rows.report(key, summary="Warm")],
            "touchpoint_proposals": [{"id": f"{key}-proposal", **proposal}],
        }
    )
    new.sync()
    old.sync()
    assert "summary" not in old.rows("reports")[f"{key}.1"]
    for table in ("touchpoint_proposals", "personas"):
        with pytest.raises(AppError):
            old.rows(table)
    old.record({"answers": [rows.answer(key, "greeting", True)]})  # unsent over the update
    old.close()
    old.start(version=2)
    assert old.rows("reports")[f"{key}.1"]["summary"] is None
    old.sync()
    assert old.rows("reports")[f"{key}.1"]["summary"] == "Warm"
    assert old.rows("touchpoint_proposals")[f"{key}-proposal"]["title"] == proposal["title"]
    assert old.rows("assignments")[key]["persona_id"] == persona.id
    assert old.rows("personas")[persona.id]["name"] == persona.name
    old.sync()
    site.assert_equal(old, shopper)
