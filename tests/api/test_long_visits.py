"""A visit of 200 items and 60 photos, saved in parts: through phone, review and score."""

from typing import Any

from flask.testing import FlaskClient

from jobs import drain
from server.models import Photo, VisitScore
from tests import visits
from tests.api.photo_calls import JPEG, send, sha256
from tests.cast import Cast
from tests.phone import AT, Phone, answer, photo, report

ITEMS, PHOTOS, PARTS = 200, 60, 4


def checklist() -> list[dict[str, Any]]:
    """The last item takes all the photos, and the words."""
    asked = [
        {"key": f"q{index}", "type": "yes_no", "prompt": {"en": "?"}, "required": True}
        for index in range(ITEMS - 1)
    ]
    shelf = {"key": "shelf", "type": "photo", "prompt": {"en": "?"}, "required": True}
    return [*asked, shelf | {"photos_min": PHOTOS, "photos_max": PHOTOS}]


def test_it_is_taken_in_whole_and_scored(client: FlaskClient, cast: Cast) -> None:
    version = visits.checklist_version(cast.brand.id, checklist())
    made = visits.assignment(cast.brand.id, cast.sonia.account_id, checklist_version_id=version.id)
    phone = Phone(client, cast.sonia)
    phone.pull()
    assert len(phone.rows["checklists"][version.id]["document"]) > 10_000
    said = [answer(made.id, f"q{index}", index % 4 > 0) for index in range(ITEMS - 1)]
    for part in range(PARTS):
        draft = report(made.id, updated_at=AT + part)
        assert phone.push({"reports": [draft], "answers": said[part::PARTS]}) == {}
    taken = {f"{made.id}-p{index}": JPEG + index.to_bytes(2, "big") for index in range(PHOTOS)}
    rows = [photo(key, made.id, sha256=sha256(one), bytes=len(one)) for key, one in taken.items()]
    counts = {"answer_count": ITEMS - 1, "photo_count": PHOTOS, "submitted_at": AT + 1000}
    whole = report(made.id, updated_at=AT + 9, **counts)
    assert phone.push({"reports": [whole], "photos": rows}) == {}
    for key, data in taken.items():
        assert send(client, cast.sonia, key, data).status_code == 201
    assert Photo.select().where(Photo.report_id == f"{made.id}.1").count() == PHOTOS

    path = f"/v1/brands/{cast.brand.id}/reports/{made.id}.1"
    detail = client.get(path, headers=cast.bob.headers).json
    assert detail["revisions"][0]["missing"] == []
    assert (len(detail["content"]["answers"]), len(detail["pictures"])) == (ITEMS - 1, PHOTOS)
    approved = client.post(f"{path}/revisions/1/approval", json={}, headers=cast.bob.headers)
    assert approved.status_code == 201, approved.json
    drain.drain("revision.approved")
    score = VisitScore.get(VisitScore.report_id == f"{made.id}.1")
    # Every fourth answer is no, the first among them: 50 of 199.
    assert (score.counted, score.measures["visit"]) == (True, round(100_000 * 149 / 199))
