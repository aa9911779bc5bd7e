"""WatermelonDB's own synchronize() against the server: what it records arrives, once."""

import pytest

from server.models import Report, Revision
from tests import phone as rows
from tests.clients.phone import AppError, RealPhone
from tests.clients.site import Shopper, Site, both

YEAR = 365 * 24 * 3600 * 1000


@both
def test_the_first_sync_brings_everything(site: Site, shopper: Shopper, phone: RealPhone) -> None:
    assignment = site.assignment(shopper, fee=2500)
    assert phone.sync() == {"rejected": {}, "sent": 0}
    (row,) = phone.rows("assignments").values()
    assert (row["id"], row["fee"], row["_status"]) == (assignment.id, 2500, "synced")
    assert row["store_id"] in phone.rows("stores")
    assert row["checklist_id"] in phone.rows("checklists")


def test_an_offline_week_arrives_whole(site: Site, shopper: Shopper, phone: RealPhone) -> None:
    ids = [site.assignment(shopper).id for _ in range(8)]
    phone.sync()
    for day, assignment_id in enumerate(ids):
        wrong = rows.AT + (YEAR if day % 2 else -YEAR)  # the clock was set, and set again
        phone.record(rows.visit(assignment_id, started_at=wrong, updated_at=wrong))
    phone.sync()
    phone.sync()
    site.assert_equal(phone, shopper)
    assert {row["status"] for row in phone.rows("assignments").values()} == {"submitted"}
    frozen = Revision.select().where(Revision.report_id.in_([f"{key}.1" for key in ids]))
    assert sorted(each.report_id for each in frozen) == sorted(f"{key}.1" for key in ids)
    assert phone.rows("reports")[f"{ids[1]}.1"]["started_at"] == rows.AT + YEAR


@both
def test_a_push_whose_answer_is_lost_counts_once(
    site: Site, shopper: Shopper, phone: RealPhone
) -> None:
    report_id = f"{site.assignment(shopper).id}.1"
    phone.sync()
    phone.record(rows.visit(report_id.removesuffix(".1")))
    site.line.lose_answer("POST", "/v1/sync")
    with pytest.raises(AppError, match="fetch failed"):
        phone.sync()
    taken = Report.get_by_id(report_id)
    assert phone.unsent
    phone.sync()
    assert Report.get_by_id(report_id).document["answers"] == taken.document["answers"]
    assert Revision.select().where(Revision.report_id == report_id).count() == 1
    phone.sync()
    site.assert_equal(phone, shopper)


def test_a_request_that_never_arrives_is_sent_again(
    site: Site, shopper: Shopper, phone: RealPhone
) -> None:
    assignment = site.assignment(shopper)
    for method in ("GET", "POST"):
        phone.record(rows.visit(assignment.id))
        site.line.lose_request(method, "/v1/sync", body=7 if method == "POST" else 0)
        with pytest.raises(AppError, match="fetch failed"):
            phone.sync()
        assert Report.get_or_none(Report.assignment_id == assignment.id) is None
    phone.sync()
    phone.sync()
    site.assert_equal(phone, shopper)


def test_an_edit_during_a_push_goes_out_with_the_next(
    site: Site, shopper: Shopper, phone: RealPhone
) -> None:
    key = site.assignment(shopper).id
    phone.sync()
    phone.record({"reports": [rows.report(key)], "answers": [rows.answer(key, "words", "first")]})
    with site.line.held_answer("POST", "/v1/sync") as push:
        syncing = phone.begin("sync")
        push.wait()
        edit = rows.answer(key, "words", "second", updated_at=rows.AT + 1)
        phone.write("answers", edit)
    phone.end(syncing)
    assert site.truth(shopper)["answers"][edit["id"]]["value"] == '"first"'
    assert phone.unsent
    phone.sync()
    assert site.truth(shopper)["answers"][edit["id"]]["value"] == '"second"'
    phone.sync()
    site.assert_equal(phone, shopper)


def test_an_app_that_is_killed_goes_on_where_it_was(
    site: Site, shopper: Shopper, phone: RealPhone
) -> None:
    key = site.assignment(shopper).id
    phone.record({"reports": [rows.report(key)]})
    phone.kill()
    phone.start()
    with site.line.held_answer("POST", "/v1/sync") as push:
        phone.begin("sync")
        push.wait()
        phone.kill()
    phone.start()
    assert phone.unsent
    assert phone.rows("assignments")[key]["_status"] == "synced"
    phone.record(rows.visit(key))
    phone.sync()
    phone.sync()
    site.assert_equal(phone, shopper)
    assert Revision.select().where(Revision.report_id == f"{key}.1").count() == 1


def test_rows_of_others_stay_on_the_phone(site: Site, shopper: Shopper, phone: RealPhone) -> None:
    mine, theirs = site.assignment(shopper).id, site.assignment(site.shopper()).id
    phone.record(rows.visit(mine))
    phone.record(rows.visit(theirs))
    foreign = [f"{theirs}.1.greeting", f"{theirs}.1.wait"]
    rejected = phone.sync()["rejected"]
    assert rejected["reports"] == [f"{theirs}.1"]
    assert sorted(rejected["answers"]) == foreign
    status = {row_id: row["_status"] for row_id, row in phone.rows("reports").items()}
    assert status == {f"{mine}.1": "synced", f"{theirs}.1": "created"}
    assert phone.sync()["sent"] == 3
    assert Report.get_or_none(Report.assignment_id == theirs) is None
    assert Revision.select().where(Revision.report_id == f"{mine}.1").count() == 1
