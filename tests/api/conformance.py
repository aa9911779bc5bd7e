"""Every operation of the OpenAPI document, each with a request that is good, for tests that spoil
one part of it and hold the answer against the document."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import orjson
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator
from werkzeug.test import TestResponse

from server import db
from server.api import examples
from server.api.problems import MEDIA_TYPE
from server.domain import uploads
from server.domain.actor import Role
from server.models import TABLES, Brand, Membership, StaffMember
from server.services import clients, editing, kpis
from tests import factories, visits
from tests.api.photo_calls import JPEG, digest
from tests.cast import Cast, Person
from tests.phone import Phone, visit

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
KPI = {"name": "Welcome", "measure": "visit", "target": 80.0, "bands": []}
_SHOPPERS = ("/v1/sync", "/v1/photos", "/v1/uploads")
_OWN = "/my-traits"
BYTES = ("image/jpeg", uploads.MEDIA_TYPE)


@dataclass(frozen=True)
class Request:
    """A request and the operation that it is for."""

    method: str
    path: str
    operation: dict[str, Any]
    ids: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    query: list[tuple[str, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.operation["operationId"])

    @property
    def parameters(self) -> list[str]:
        """The names in the path."""
        return re.findall(r"{([a-z_]+)}", self.path)

    @property
    def kind(self) -> str:
        """The media type of the body, the first of several; empty where none is read."""
        return next(iter(self.operation.get("requestBody", {}).get("content", {})), "")

    @property
    def public(self) -> bool:
        return {"bearer": []} not in self.operation["security"]

    @property
    def queried(self) -> dict[str, dict[str, Any]]:
        """The query's parameters: their schemas by name."""
        said = self.operation.get("parameters", ())
        return {each["name"]: each["schema"] for each in said if each["in"] == "query"}

    def but(self, **changes: Any) -> "Request":
        """The same with other parts; of `ids` and `headers` only those given. None is left out."""
        for name in {"ids", "headers"} & changes.keys():
            merged = getattr(self, name) | changes[name]
            changes[name] = {key: value for key, value in merged.items() if value is not None}
        return replace(self, **changes)

    def send(self, client: FlaskClient) -> TestResponse:
        path = re.sub(r"{([a-z_]+)}", lambda match: self.ids[match[1]], self.path)
        return client.open(
            path,
            method=self.method,
            query_string=urlencode(self.query),
            headers=self.headers,
            data=self.body or None,
        )

    def complaint(self, answer: TestResponse) -> str | None:
        """What is wrong with an answer that ought to be a problem; None if nothing is."""
        status = answer.status_code
        if not 400 <= status < 500 or answer.mimetype != MEDIA_TYPE:
            return f"answered {status} {answer.mimetype}"
        if self.method == "HEAD":
            return None if str(status) in self.operation["responses"] else f"{status} is not said"
        told = orjson.loads(answer.data)
        words = [told.get(name) for name in ("title", "detail", "code", "type")]
        if told.get("status") != status or not all(words) or words[3] != f"/problems/{words[2]}":
            return f"{told} is not a problem with status {status}"
        said = self.operation["responses"].get(str(status), {})
        if words[2] not in said.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {}):
            return f"{status} {words[2]} is not documented"
        return None

    def allows(self, answer: TestResponse) -> bool:
        """Whether the document has this answer's status, and it is no fault of ours."""
        return answer.status_code < 500 and str(answer.status_code) in self.operation["responses"]


class Good:
    """Good requests for all operations, of `brand`, and the ids that its things have."""

    def __init__(self, document: dict[str, Any], cast: Cast, client: FlaskClient) -> None:
        self.document = document
        self.alice, self.sonia = cast.alice.headers, cast.sonia.headers
        bob = Membership.get(account_id=cast.bob.account_id)
        self.ids = _things(client, cast.brand, cast.sonia, cast.alice.actor, bob.id)
        other = cast.person("olga", Role.SHOPPER, cast.other_brand)
        member = Membership.get(account_id=other.account_id)
        self.others = _things(client, cast.other_brand, other, cast.charlie.actor, member.id)

    def requests(self) -> Iterator[Request]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._request(method.upper(), path, item[method])

    def judge(self, schema: dict[str, Any]) -> Draft202012Validator:
        """What JSON Schema says of it."""
        return Draft202012Validator(schema | {"components": self.document["components"]})

    def _request(self, method: str, path: str, operation: dict[str, Any]) -> Request:
        bare = Request(method, path, operation, self.ids, {})
        shops = path.startswith(_SHOPPERS) or path.endswith(_OWN)
        headers = dict(self.sonia if shops else self.alice)
        if bare.public:
            headers = {}
        if bare.kind:
            headers["Content-Type"] = bare.kind
        if any(each["name"] == "If-Match" for each in operation.get("parameters", ())):
            headers["If-Match"] = '"1"'
        for each in operation.get("parameters", ()):
            if each.get("required") and "example" in each["schema"]:
                headers[each["name"]] = each["schema"]["example"]
        if bare.kind in BYTES:
            return bare.but(headers=headers | digest(JPEG), body=JPEG)
        return bare.but(headers=headers, body=self._example(bare))

    def _example(self, request: Request) -> bytes:
        """The document's example with the ids that are."""
        if not request.kind:
            return b""
        example = request.operation["requestBody"]["content"][request.kind]["example"]
        if request.kind == "application/x-www-form-urlencoded":
            return urlencode(example).encode()
        data: bytes = example.encode() if isinstance(example, str) else orjson.dumps(example)
        for noun, example_id in examples.IDS.items():
            data = data.replace(example_id.encode(), self.ids.get(f"{noun}_id", "x").encode())
        return data


def _things(
    client: FlaskClient, brand: Brand, shopper: Person, admin: Any, membership_id: str
) -> dict[str, str]:
    """An id for each parameter of a path, of things that are there."""
    shopper_id = shopper.account_id
    visited = visits.assignment(brand.id, shopper_id)
    version = factories.checklist_version(brand.id)
    idea = {"id": f"idea-{brand.id}", "assignment_id": visited.id, "title": "The queue"}
    Phone(client, shopper).push(visit(visited.id) | {"touchpoint_proposals": [idea]})
    wave = factories.wave(brand.id, version.id)
    return {
        "brand_id": brand.id,
        "membership_id": membership_id,
        "client_id": clients.create(admin, brand.id, name="Warehouse").id,
        "device_id": "phone-1",
        "promise_id": factories.promise(brand.id).id,
        "persona_id": factories.persona(brand.id).id,
        "touchpoint_id": factories.touchpoint(brand.id).id,
        "checklist_id": version.checklist_id,
        "checklist_version_id": version.id,
        "number": "1",
        "region_id": factories.region(brand.id).id,
        "store_id": visited.store_id,
        "shopper_id": shopper_id,
        "wave_id": wave.id,
        "assignment_id": factories.assignment(wave, shopper_id).id,
        "report_id": f"{visited.id}.1",
        "proposal_id": idea["id"],
        "photo_id": factories.photo(f"photo-{brand.id}", brand.id, shopper_id).id,
        "kpi_id": kpis.create(admin, brand.id, dict(KPI)).id,
        "code": "not-found",
        "template": "restaurant",
        "token": "nonsense",
        "version": "web",
        "plot": "gaps",
        "ending": "svg",
        "shared_id": "0" * 32,
        "staff_id": _staff_member(brand.id, visited.store_id),
    }


def _staff_member(brand_id: str, store_id: str) -> str:
    values = {"store_id": store_id, "name": "Anna Bianchi", "role": "beauty adviser"}
    return editing.create(StaffMember, brand_id, **values).id


def written() -> dict[str, list[str]]:
    """All rows of all tables."""
    names = [table._meta.table_name for table in TABLES]
    rows = {name: db.database.execute_sql(f'SELECT * FROM "{name}"').fetchall() for name in names}
    return {name: sorted(map(repr, found)) for name, found in rows.items()}
