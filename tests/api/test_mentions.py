"""/v1/brands/{brand}/mentions and mention-imports"""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from server import clock
from server.domain import months
from server.domain.actor import Role
from server.models import Mention, RetentionRule, StaffMember
from server.services import editing, retention, scores
from tests import programme
from tests.cast import Cast
from tests.programme import Programme, passed

HEADER = "store,month,reference,rating,text"


def send(client: FlaskClient, cast: Cast, *lines: str, source: str = "reviews") -> Any:
    url = f"/v1/brands/{cast.brand.id}/mention-imports?source={source}"
    headers = cast.marta.headers | {"Content-Type": "text/csv"}
    return client.post(url, data="\n".join([HEADER, *lines]).encode(), headers=headers)


def get(client: FlaskClient, cast: Cast, who: Any = None, **query: Any) -> list[dict[str, Any]]:
    url = f"/v1/brands/{cast.brand.id}/mentions"
    answer = client.get(url, query_string=query, headers=(who or cast.alice).headers)
    assert answer.status_code == 200, answer.json
    found: list[dict[str, Any]] = answer.json["items"]
    return found


@pytest.fixture
def stores(cast: Cast) -> list[Any]:
    spring = Programme(cast.brand)
    made = [programme.store(cast.brand.id, code) for code in ("MI", "TO")]
    scores.count(spring.revision(made[0], passed(3)).id)
    return made


def test_they_stand_beside_the_scores(client: FlaskClient, cast: Cast, stores: list[Any]) -> None:
    lines = ["MI,2026-03,r-1,4,Kind and quick.", "TO,2026-03,r-2,,", "MI,2026-02,r-3,1,Slow."]
    assert send(client, cast, *lines).json["kept"] == 3
    assert send(client, cast, "TO,2026-03,r-1,2,Said anew.", source="sms").json["kept"] == 1
    assert send(client, cast, "MI,2026-03,r-1,5,Kind and quick!").json["kept"] == 1
    found = {(one["source"], one["reference"]): one for one in get(client, cast)}
    assert len(found) == 4
    first = found["reviews", "r-1"]
    assert (first["rating"], first["text"]) == (5.0, "Kind and quick!")
    assert (first["score"], first["n"]) == (75.0, 1)
    assert (found["reviews", "r-2"]["text"], found["reviews", "r-2"]["score"]) == (None, None)
    assert len(get(client, cast, source="sms")) == 1
    assert len(get(client, cast, period="2026-02")) == 1
    assert len(get(client, cast, limit=3)) == 3


def test_a_row_that_cannot_be_kept_is_refused_alone(
    client: FlaskClient, cast: Cast, stores: list[Any]
) -> None:
    wrong = ["XX,2026-03,a,1,b", "MI,2026-3,a,1,b", "MI,2026-03,,1,b", "MI,2026-03,a,much,b"]
    answer = send(client, cast, *wrong, "MI,2026-03,a,nan,b", "MI,2026-03,a,1,b").json
    assert (answer["kept"], [one["line"] for one in answer["refusals"]]) == (1, [2, 3, 4, 5, 6])
    odd = ["MI,2026-03,b,1_0,b", "MI,2026-03,b,１,b", "MI,2026-03,b,1e16,b"]
    again = ["MI,2026-03,a,1,first", "TO,2026-03,a,2,second"]
    answer = send(client, cast, *odd, *again).json
    assert (answer["kept"], [one["line"] for one in answer["refusals"]]) == (1, [2, 3, 4, 6])
    assert answer["refusals"][-1]["reason"].startswith("Repeats the reference of line 5")
    assert [one["text"] for one in get(client, cast)] == ["first"]
    assert send(client, cast).status_code == 422


def test_a_store_reads_its_own_with_roles_for_names(
    client: FlaskClient, cast: Cast, stores: list[Any]
) -> None:
    send(client, cast, "MI,2026-03,r-1,2,Anna was rude.", "TO,2026-03,r-2,4,Good.")
    who = {"store_id": stores[0].id, "name": "Anna Bianchi", "role": "adviser"}
    editing.create(StaffMember, cast.brand.id, **who)
    sara = cast.person("sara", Role.STORE_MANAGER, store_id=stores[0].id)
    assert [one["text"] for one in get(client, cast, sara)] == ["[adviser] was rude."]
    everybodys = {one["text"] for one in get(client, cast)}
    assert everybodys == {"[adviser] was rude.", "Good."}


def test_they_go_with_the_verbatims(client: FlaskClient, cast: Cast, stores: list[Any]) -> None:
    send(client, cast, "MI,2026-03,r-1,2,Slow.", "MI,2026-03,r-2,4,Good.")
    old = clock.now() - timedelta(days=40)
    Mention.update(imported_at=old).where(Mention.reference == "r-1").execute()
    RetentionRule.create(brand_id=cast.brand.id, kind="verbatims", days=30)
    retention.apply()
    assert [one.reference for one in Mention.select()] == ["r-2"]


def test_a_line_that_is_wider_or_narrower_than_its_header_is_not_kept(
    client: FlaskClient, cast: Cast, stores: list[Any]
) -> None:
    odd = ["MI,2026-03,a,1,5,b", "MI,2026-03,b,1", 'MI,2026-03,c,1,"open', "MI,2026-03,d,1,b,,"]
    answer = send(client, cast, *odd).json
    assert (answer["kept"], [one["line"] for one in answer["refusals"]]) == (1, [2, 3, 4])
    assert answer["refusals"][0]["reason"].startswith("6 cells under 5 columns")
    assert [one["reference"] for one in get(client, cast)] == ["d"]
    url = f"/v1/brands/{cast.brand.id}/outcome-imports?kind=sales"
    headers = cast.marta.headers | {"Content-Type": "text/csv"}
    lines = "store,month,value\nMI,2026-02,1,5\nMI,2026-03,2.5"
    answer = client.post(url, data=lines.encode(), headers=headers).json
    assert (answer["kept"], [one["line"] for one in answer["refusals"]]) == (1, [2])


def test_a_month_later_than_the_next_is_refused(
    client: FlaskClient, cast: Cast, stores: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    following, later = (months.before(months.month_of(moment), back) for back in (-1, -2))
    lines = [f"MI,{following},a,1,b", f"MI,{later},b,1,b", "MI,2206-12,c,1,b", "MI,0000-12,d,1,b"]
    answer = send(client, cast, *lines).json
    assert (answer["kept"], [one["line"] for one in answer["refusals"]]) == (1, [3, 4, 5])
    assert answer["refusals"][0]["reason"] == f"The month is later than {following}, the next."
    assert answer["refusals"][2]["reason"] == "The month is not YYYY-MM."
