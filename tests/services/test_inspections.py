"""Flags of reports as the jobs find them, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from playhouse.test_utils import count_queries

from jobs import drain
from server import clock
from server.domain.erasing import Part
from server.domain.report_flags import USUAL
from server.models import (
    Assignment,
    Brand,
    ChecklistVersion,
    Event,
    Inspection,
    ReportFlag,
    Revision,
    Store,
    TextPrint,
)
from server.services import copied_texts, erased_reports, inspections, photos
from tests import factories, visits
from tests.cast import Cast, Person
from tests.domain.test_copies import WORDS
from tests.phone import AT, Phone, answer, photo, visit
from tests.pictures import develop_all, drawn, sha256

SCALES = [
    {"key": f"q{at}", "type": "scale", "prompt": {"en": "?"}, "min": 1, "max": 5} for at in range(6)
]


@pytest.fixture
def phone(client: FlaskClient, cast: Cast) -> Phone:
    return Phone(client, cast.sonia)


def inspected() -> None:
    """The jobs up to the flags are done."""
    drain.drain("revision.frozen")
    drain.drain("report.unflagged")


def told(report_id: str, number: int = 1) -> dict[str, ReportFlag]:
    """The flags of a revision by code."""
    rows = ReportFlag.select().where(ReportFlag.revision_id == f"{report_id}.r{number}")
    return {row.code: row for row in rows}


def write(client: FlaskClient, brand_id: str, person: Person, words: str) -> str:
    """A submitted visit with a text; its report's id."""
    made = visits.assignment(brand_id, person.account_id)
    rows = visit(made.id, answer_count=3)
    rows["answers"].append(answer(made.id, "words", words))
    Phone(client, person).push(rows)
    return f"{made.id}.1"


def paced(phone: Phone, made: Assignment, pace: float) -> str:
    """A visit whose answers are so many seconds apart."""
    cells = [
        answer(made.id, f"q{at}", at % 5 + 1, answered_at=AT + round(at * pace * 1000))
        for at in range(len(SCALES))
    ]
    rows = visit(made.id, answer_count=len(cells)) | {"answers": cells}
    phone.push(rows)
    return f"{made.id}.1"


def test_a_sound_visit_is_looked_at_and_has_no_flag(phone: Phone, cast: Cast) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.push(visit(made.id))
    inspected()
    assert told(f"{made.id}.1") == {}
    (row,) = Inspection.select()
    assert (row.revision_id, row.flag_count, row.whole) == (f"{made.id}.1.r1", 0, True)


def test_what_is_missing_late_or_elsewhere(phone: Phone, cast: Cast) -> None:
    store = factories.store(cast.brand.id, latitude=45.4719, longitude=9.1881)
    made = visits.assignment(
        cast.brand.id, cast.sonia.account_id, store_id=store.id,
        closes_at=clock.now() - timedelta(hours=1),
    )  # fmt: skip
    rows = visit(made.id, answer_count=1, latitude=45.6, longitude=9.1881, accuracy_m=30.0)
    phone.push(rows | {"answers": rows["answers"][:1]})
    inspected()
    flags = told(f"{made.id}.1")
    assert flags.keys() == {"incomplete", "late", "far-away"}
    assert flags["incomplete"].item_keys == ["wait"]
    assert flags["far-away"].evidence["metres"] == 14244
    assert Inspection.get().flag_count == 3
    before = list(ReportFlag.select().dicts())
    inspections.inspect(f"{made.id}.1.r1")
    assert list(ReportFlag.select().dicts()) == before, "the same again is the same"


def test_a_section_that_is_answered_at_home_is_never_far_away(phone: Phone, cast: Cast) -> None:
    store = factories.store(cast.brand.id, latitude=45.4719, longitude=9.1881)
    first = visits.assignment(cast.brand.id, cast.sonia.account_id, store_id=store.id)
    later = visits.assignment(
        cast.brand.id, cast.sonia.account_id, store_id=store.id, part_of=first.id
    )
    Assignment.update(opens_at=clock.from_ms(AT)).execute()
    phone.push(visit(later.id, latitude=41.9, longitude=12.5))
    inspected()
    assert told(f"{later.id}.1") == {}
    Assignment.update(opens_at=clock.from_ms(AT) + timedelta(days=1)).execute()
    inspections.inspect(f"{later.id}.1.r1")
    assert told(f"{later.id}.1").keys() == {"early"}


def test_an_expectation_after_the_visit_began(phone: Phone, cast: Cast) -> None:
    asked = [each | {"before_visit": at == 0} for at, each in enumerate(SCALES)]
    version = visits.checklist_version(cast.brand.id, asked)
    for late in (0, 1):
        made = visits.assignment(
            cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id
        )
        cells = [answer(made.id, "q0", 4, answered_at=AT + late), answer(made.id, "q1", 2)]
        phone.push(visit(made.id) | {"answers": cells})
        inspected()
        assert list(told(f"{made.id}.1")) == ["expectation-late"] * late


@pytest.mark.parametrize("late", [0, 1])
def test_an_expectation_that_was_changed_after_the_visit_began(
    phone: Phone, cast: Cast, late: int
) -> None:
    asked = [each | {"before_visit": at == 0} for at, each in enumerate(SCALES)]
    version = visits.checklist_version(cast.brand.id, asked)
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id)
    before = {"answered_at": AT - 3_600_000, "updated_at": AT - 3_600_000}
    draft = visit(made.id, submitted_at=None) | {"answers": [answer(made.id, "q0", 4, **before)]}
    phone.push(draft)
    changed = before | {"updated_at": AT + late}
    cells = [answer(made.id, "q0", 2, **changed), answer(made.id, "q1", 2)]
    phone.push(visit(made.id, updated_at=AT + 1000) | {"answers": cells})
    inspected()
    assert list(told(f"{made.id}.1")) == ["expectation-late"] * late


def test_a_hurried_report_is_told_by_what_others_took(phone: Phone, cast: Cast) -> None:
    version = visits.checklist_version(cast.brand.id, SCALES)

    def one(pace: float) -> str:
        made = visits.assignment(
            cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id
        )
        report_id = paced(phone, made, pace)
        inspected()
        return report_id

    assert told(one(20)) == {}, "nothing is usual yet"
    for number in range(USUAL):
        Inspection.create(
            revision_id=f"other{number}.1.r1", brand_id=cast.brand.id, seconds=300.0,
            checklist_version_id=version.id, flag_count=0, whole=True, inspected_at=clock.now(),
        )  # fmt: skip
    assert told(one(40)) == {}
    flag = told(one(20))["too-fast"]
    assert flag.evidence == {"seconds": 100.0, "answers": 6, "usual_seconds": 300.0}


def test_a_text_of_another_shopper_is_told_to_who_came_later(
    client: FlaskClient, cast: Cast
) -> None:
    first = write(client, cast.brand.id, cast.sonia, WORDS)
    inspected()
    own = write(client, cast.brand.id, cast.sonia, WORDS.replace("three", "four"))
    theirs = write(client, cast.brand.id, cast.sergio, WORDS.upper())
    elsewhere = cast.person("olga", cast.sonia.actor.grants[0].role, cast.other_brand)
    abroad = write(client, cast.other_brand.id, elsewhere, WORDS)
    inspected()
    assert told(first) == told(abroad) == {}, "the first is nobody's copy, and brands know no other"
    mine, copy = told(own)["copied-text"], told(theirs)["copied-text"]
    assert (mine.evidence["whose"], mine.evidence["report_ids"]) == ("shopper", [first])
    assert (copy.evidence["whose"], copy.evidence["share"]) == ("other", 1.0)
    assert copy.evidence["report_ids"] == [first, own]
    assert copy.item_keys == ["words"]
    assert first not in copy.message


def test_a_phrase_that_many_texts_have_hides_no_copy_and_costs_no_more(
    client: FlaskClient, cast: Cast
) -> None:
    first = write(client, cast.brand.id, cast.sonia, WORDS)
    inspected()
    prints = [row.print for row in TextPrint.select().where(TextPrint.report_id == first)]
    others = [
        {"brand_id": cast.brand.id, "print": one, "report_id": f"0-{at}", "revision_id": f"0-{at}"}
        for one in (min(prints), max(prints))
        for at in range(300)
    ]
    TextPrint.insert_many(others).execute()
    looked_at = list(copied_texts._sharing(Revision.get_by_id(f"{first}.r1"), prints))
    assert 0 < len(looked_at) <= copied_texts._CANDIDATES
    theirs = write(client, cast.brand.id, cast.sergio, WORDS)
    inspected()
    assert told(theirs)["copied-text"].evidence["report_ids"] == [first]


def test_many_long_texts_are_looked_up_in_one_statement(cast: Cast) -> None:
    revision = Revision(id="r", report_id="r", brand_id=cast.brand.id)
    with count_queries() as counted:
        assert list(copied_texts._sharing(revision, list(range(400)))) == []
    assert counted.count == 1


def test_which_is_looked_at_first_does_not_matter(client: FlaskClient, cast: Cast) -> None:
    first = write(client, cast.brand.id, cast.sonia, WORDS)
    second = write(client, cast.brand.id, cast.sergio, WORDS)
    for report_id in (second, first):
        inspections.inspect(f"{report_id}.r1")
    assert told(second) == {}
    drain.drain("report.unflagged")
    assert told(second)["copied-text"].evidence["report_ids"] == [first]
    assert told(first) == {}
    inspections.inspect(f"{first}.r1")
    undone = Event.select().where(Event.kind == "report.unflagged", Event.done_at.is_null())
    assert undone.count() == 0, "it is told already"


def test_a_mended_report_is_no_copy_of_itself(client: FlaskClient, cast: Cast) -> None:
    report_id = write(client, cast.brand.id, cast.sonia, WORDS)
    inspected()
    path = f"/v1/brands/{cast.brand.id}/reports/{report_id}/revisions/1/return"
    client.post(path, json={"message": "Once more"}, headers=cast.bob.headers)
    phone = Phone(client, cast.sonia)
    phone.pull()
    phone.push({"reports": [phone.rows["reports"][report_id] | {"submitted_at": AT + 9000}]})
    inspected()
    assert told(report_id, 2) == {}
    assert {row.revision_id for row in TextPrint.select()} == {f"{report_id}.r2"}


def test_a_twin_of_another_shoppers_photo_is_told_once_all_are_developed(
    client: FlaskClient, cast: Cast
) -> None:
    data = drawn(5)
    for person in (cast.sergio, cast.sonia):
        made = visits.assignment(cast.brand.id, person.account_id)
        name = f"{person.account_id}-1"
        rows = visit(made.id, photo_count=1)
        rows["photos"] = [photo(name, made.id, sha256=sha256(data), bytes=len(data))]
        Phone(client, person).push(rows)
        inspected()
        assert Inspection.get_by_id(f"{made.id}.1.r1").whole is False
        photos.put(person.actor, name, [data], sha256=sha256(data), length=len(data))
        develop_all()
        inspections.begin_for_photo(name)
        drain.drain("report.unflagged")
        assert Inspection.get_by_id(f"{made.id}.1.r1").whole is True
    flag = told(f"{made.id}.1")["duplicate-photo"]
    assert flag.evidence["like"] == [f"{cast.sergio.account_id}-1"]
    assert (flag.item_keys, cast.sergio.account_id in flag.message) == (["shelf"], False)


def test_begun_after_its_version_was_closed(phone: Phone, cast: Cast) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    ChecklistVersion.update(closing_at=clock.from_ms(AT - 1)).execute()
    phone.push(visit(made.id))
    inspected()
    assert told(f"{made.id}.1").keys() == {"closed-checklist"}


@pytest.mark.parametrize("part", [Part.WORDS, Part.MOMENTS])
def test_flags_go_with_what_they_were_made_of(client: FlaskClient, cast: Cast, part: Part) -> None:
    for person in (cast.sonia, cast.sergio):
        write(client, cast.brand.id, person, WORDS)
    inspected()
    assert ReportFlag.select().count() == 1
    Assignment.update(closed_at=clock.now() - timedelta(days=9)).execute()
    erased_reports.strip(cast.brand.id, clock.now(), part)
    for table in (ReportFlag, TextPrint, Inspection):
        assert table.select().count() == 0
    if part == Part.MOMENTS:
        inspections.inspect(Revision.get().id)
        assert (Inspection.get().flag_count, TextPrint.select().count()) == (0, 0)


def test_what_was_frozen_before_there_were_flags_is_looked_at_and_no_rule_speaks(
    phone: Phone, cast: Cast
) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    phone.push(visit(made.id))
    assert inspections.call_overlooked() == 0, "its own event will come"
    Event.delete().execute()
    Revision.update(frozen_at=clock.now() - timedelta(hours=2)).execute()
    Brand.update(auto_approve=True).execute()
    assert inspections.call_overlooked() == 1
    drain.drain("report.unflagged")
    assert drain.drain("revision.approvable") == 0
    assert (inspections.call_overlooked(), Inspection.select().count()) == (0, 1)


def test_a_store_without_a_place_and_odd_values_break_nothing(phone: Phone, cast: Cast) -> None:
    made = visits.assignment(cast.brand.id, cast.sonia.account_id)
    Store.update(latitude=None, longitude=None).execute()
    odd: dict[str, Any] = {"latitude": 1e300, "longitude": -5000.0, "accuracy_m": -3.0}
    rows = visit(made.id, answer_count=4, **odd)
    rows["answers"] += [answer(made.id, "nowhere", {"a": [1]}), answer(made.id, "words", 7)]
    phone.push(rows)
    inspected()
    assert told(f"{made.id}.1") == {}
