"""A visit from the published checklist to the erased shopper: published, visited, synced, flagged,
returned, mended, edited, approved, redacted, erased."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from jobs import drain
from server import clock
from server.domain.actor import Role
from server.models import Membership, ReportFlag
from server.services import sums
from tests import factories
from tests.cast import Cast, Person
from tests.phone import AT, Phone, answer, visit

WORDS = "Anna Bianchi never looked up."


class Story:
    """Requests of the brand's people, each of which must do."""

    def __init__(self, client: FlaskClient, cast: Cast) -> None:
        self.client, self.base = client, f"/v1/brands/{cast.brand.id}"

    def ask(self, who: Person, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answered = self.client.open(
            self.base + path, method=method, json=body, headers=who.headers | headers
        )
        assert answered.status_code < 300, answered.text
        return answered.json

    def publish(self, marta: Person, draft: dict[str, Any]) -> str:
        made = self.ask(marta, "POST", "/checklists", {"title": "Visit", "draft": draft})
        path = f"/checklists/{made['id']}/versions"
        return str(self.ask(marta, "POST", path, **{"If-Match": '"1"'})["id"])

    def offer(self, marta: Person, version_id: str, store_id: str, shopper_id: str) -> str:
        now = clock.now()
        wave = {
            "name": "Autumn",
            "checklist_version_id": version_id,
            "opens_at": now.isoformat(),
            "closes_at": (now + timedelta(days=9)).isoformat(),
        }
        wave_id = self.ask(marta, "POST", "/waves", wave)["id"]
        visits = {"wave_id": wave_id, "items": [{"store_id": store_id, "shopper_id": shopper_id}]}
        return str(self.ask(marta, "POST", "/assignments", visits)["items"][0]["id"])


def draft(cast: Cast) -> dict[str, Any]:
    both = {"it": "Strano", "en": "Nobody greeted, yet the smile was warm."}
    made = factories.draft(
        factories.touchpoint(cast.brand.id).id, factories.promise(cast.brand.id).id
    )
    made["sections"][0]["items"].append({"key": "words", "type": "text", "prompt": both})
    tests = [{"item": "greeted", "value": False}, {"item": "smile", "op": "at_least", "value": 4}]
    return made | {"contradictions": [{"when": tests, "message": both}]}


def done(*kinds: str) -> None:
    for kind in kinds:
        drain.drain(kind)


def visited(cast: Cast, story: Story, phone: Phone, store_id: str) -> str:
    """The assignment's id of a submitted visit whose answers contradict each other."""
    version_id = story.publish(cast.marta, draft(cast))
    key = story.offer(cast.marta, version_id, store_id, cast.sonia.account_id)
    phone.pull()
    rows = visit(key, answer_count=3)
    rows["answers"] = [answer(key, "greeted", False), answer(key, "smile", 5)]
    rows["answers"].append(answer(key, "words", WORDS))
    phone.push(rows)
    done("revision.frozen", "report.unflagged")
    return key


def returned(bob: Person, story: Story, key: str) -> None:
    """The reviewer sees the flag, takes the report in hand, asks, and returns it."""
    (waiting,) = story.ask(bob, "GET", "/review-queue?flag=contradicting")["items"]
    (flag,) = waiting["flags"]
    assert (waiting["report_id"], flag["item_keys"]) == (f"{key}.1", ["greeted", "smile"])
    report = f"/reports/{key}.1"
    story.ask(bob, "POST", f"{report}/revisions/1/claim")
    due = (clock.now() + timedelta(days=2)).isoformat()
    items = [{"item_key": "smile", "message": "Whose?"}]
    asked = {"message": "See the items.", "due_at": due, "items": items}
    story.ask(bob, "POST", f"{report}/revisions/1/return", asked)
    story.ask(bob, "POST", f"{report}/messages", {"text": "Who smiled, if nobody greeted?"})


def mended(phone: Phone, key: str) -> None:
    """The shopper reads why, answers, and submits the next revision."""
    phone.pull()
    (review,) = phone.rows["reviews"].values()
    (message,) = phone.rows["messages"].values()
    assert (review["outcome"], message["author"]) == ("returned", "reviewer")
    again = phone.rows["reports"][f"{key}.1"] | {"submitted_at": AT + 9000}
    said = {"id": "m1-of-sonia", "report_id": f"{key}.1", "text": "I slipped.", "sent_at": AT}
    smile = answer(key, "smile", 2, updated_at=AT + 8000)
    phone.push({"reports": [again], "answers": [smile], "messages": [said]})
    done("revision.frozen", "report.unflagged")


def approved(bob: Person, story: Story, key: str) -> str:
    """The reviewer sees no flag any more, takes the name out, approves and rates; what stores are
    to read."""
    (waiting,) = story.ask(bob, "GET", "/review-queue")["items"]
    assert (waiting["number"], waiting["flags"]) == (2, [])
    revision = f"/reports/{key}.1/revisions/2"
    found = story.ask(bob, "GET", f"{revision}/redactions")["items"]
    assert [each["redacted"] for each in found] == ["[adviser] never looked up."]
    text = found[0]["redacted"] + " Not once."
    edit = {"item_key": "words", "field": "value", "text": text}
    story.ask(bob, "POST", f"{revision}/editions", {"edits": [edit]})
    story.ask(bob, "POST", f"{revision}/approval", {})
    story.ask(bob, "PUT", f"{revision}/rating", {"rating": 3, "message": "Be careful."})
    done("revision.approved")
    return text


def test_a_visit_from_the_checklist_to_the_erasure(client: FlaskClient, cast: Cast) -> None:
    story, bob, sonia = Story(client, cast), cast.bob, cast.sonia
    store = factories.store(cast.brand.id)
    stefano = cast.person("stefano", Role.STORE_MANAGER, store_id=store.id)
    staff = {"name": "Anna Bianchi", "role": "adviser"}
    story.ask(cast.marta, "POST", f"/stores/{store.id}/staff", staff)
    phone = Phone(client, sonia)
    key = visited(cast, story, phone, store.id)
    returned(bob, story, key)
    mended(phone, key)
    text = approved(bob, story, key)

    figures = story.ask(stefano, "GET", f"/stores/{store.id}/figures")
    assert [each["text"] for each in figures["verbatims"]] == [text]
    assert figures["n_visits"] == 1

    membership = Membership.get(Membership.account_id == sonia.account_id)
    story.ask(cast.alice, "POST", f"/members/{membership.id}/erasure")
    done("person.erased")
    report = f"/reports/{key}.1"
    left = str(story.ask(bob, "GET", report)) + str(story.ask(bob, "GET", f"{report}/messages"))
    for secret in (sonia.account_id, WORDS, "I slipped.", "Be careful.", "Who smiled", "Whose?"):
        assert secret not in left
    after = story.ask(stefano, "GET", f"/stores/{store.id}/figures")
    assert after == figures | {"verbatims": after["verbatims"]}, "what was judged stays"
    assert text not in str(after["verbatims"])
    assert list(sums.verify(cast.brand.id)) == []
    assert ReportFlag.select().count() == 0
