"""Whether assignments can be offered as asked: what they name exists, every mistake at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from peewee import JOIN

from server.domain.actor import Role
from server.domain.states import OPEN, AssignmentStatus
from server.errors import Invalid
from server.models import Assignment, Membership, Persona, Report, Store
from server.services import checklists

Values = dict[str, Any]


class _First(NamedTuple):
    """Of the first part of a visit: what its later parts have in common with it, and the whole
    checklist versions that it may be of."""

    same: tuple[Any, ...]
    wholes: set[str]


_SAME = ("store_id", "shopper_id", "wave_id", "attempt")


@dataclass(frozen=True, slots=True)
class _Known:
    """Of the ids that offers name, those that the brand has. `wholes` is the whole version of each
    later part, `firsts` are the assignments that later parts belong to, and `taken` the parts, with
    their firsts', that somebody is at or has done."""

    stores: set[str]
    shoppers: set[str]
    versions: set[str]
    wholes: dict[str, str]
    firsts: dict[str, _First]
    taken: set[tuple[str, str]]
    closing: set[str]
    personas: set[str]


def check(brand_id: str, offers: Sequence[Values], root: str = "/items") -> None:
    """Invalid unless each of the `offers` (columns of `Assignment`) can be made; pointers are
    `root`/index/field. Four queries, two more for later parts and one for personas, however
    many offers."""
    known = _known(brand_id, offers)
    errors = [
        {"pointer": f"{root}/{index}/{field}", "detail": detail}
        for index, offer in enumerate(offers)
        for field, detail in (*_names(offer, known), *terms(offer))
    ]
    raise_if(errors)


def check_terms(values: Values) -> None:
    """Invalid unless window and fee make sense; pointers are /field."""
    raise_if([{"pointer": f"/{field}", "detail": detail} for field, detail in terms(values)])


def check_shopper(brand_id: str, shopper_id: str) -> None:
    """Invalid unless the shopper may be given visits of the brand."""
    if not may_shop(brand_id, shopper_id):
        raise_if([{"pointer": "/shopper_id", "detail": _NO_SHOPPER}])


def check_persona(brand_id: str, persona_id: str) -> None:
    """Invalid unless the brand has the persona, and did not archive it."""
    if not _personas(brand_id, {persona_id}):
        raise_if([{"pointer": "/persona_id", "detail": _NO_PERSONA}])


def may_shop(brand_id: str, shopper_id: str) -> bool:
    """Whether the shopper may be given visits of the brand."""
    return bool(_shoppers(brand_id, {shopper_id}))


def terms(values: Values) -> Iterable[tuple[str, str]]:
    """What is wrong with window and fee, as (field, detail)."""
    if values["opens_at"] >= values["closes_at"]:
        yield "closes_at", "Must be after opens_at."
    if (values["fee"] is None) != (values["currency"] is None):
        yield "currency", "A fee and its currency go together."


def raise_if(errors: list[dict[str, str]]) -> None:
    """Invalid, where there are errors."""
    if errors:
        raise Invalid("Mend the fields named in `errors`.", errors=errors)


def check_version(version_id: str) -> None:
    """Invalid where the checklist's version is closing; the pointer is none of a field's."""
    if checklists.closing([version_id]):
        raise_if([{"pointer": "", "detail": CLOSING}])


CLOSING = "Its version is closing: it takes reports that have begun, and starts none."
_NO_PERSONA = "Is no persona of this brand, or archived."
_NO_SHOPPER = "Is no shopper of this brand, or suspended."


def _names(offer: Values, known: _Known) -> Iterable[tuple[str, str]]:
    if offer["store_id"] not in known.stores:
        yield "store_id", "Is no store of this brand, or archived."
    if offer["shopper_id"] not in known.shoppers:
        yield "shopper_id", _NO_SHOPPER
    if offer["persona_id"] is not None and offer["persona_id"] not in known.personas:
        yield "persona_id", _NO_PERSONA
    if offer["part_of"] is not None:
        yield from _part(offer, known)
    elif offer["checklist_version_id"] not in known.versions:
        yield "checklist_version_id", "Is no published version of a checklist of this brand."
    elif offer["checklist_version_id"] in known.closing:
        yield "checklist_version_id", CLOSING


def _part(offer: Values, known: _Known) -> Iterable[tuple[str, str]]:
    """A later part is of one visit: by the same shopper, and of the same checklist version."""
    first, version_id = known.firsts.get(offer["part_of"]), offer["checklist_version_id"]
    if first is None or first.same != tuple(offer[name] for name in _SAME):
        yield "part_of", "Is no first assignment of the same store, shopper, wave and attempt."
    elif known.wholes.get(version_id) not in first.wholes:
        yield "checklist_version_id", "Is no later part of the visit's checklist version."
    elif (offer["part_of"], version_id) in known.taken:
        yield "part_of", "Has this part already."


def _known(brand_id: str, offers: Sequence[Values]) -> _Known:
    def named(field: str) -> set[str]:
        return {offer[field] for offer in offers if offer[field] is not None}

    versions = checklists.versions(named("checklist_version_id"))
    return _Known(
        stores=_stores(brand_id, named("store_id")),
        shoppers=_shoppers(brand_id, named("shopper_id")),
        versions=checklists.published_in(brand_id, versions),
        wholes={key: row.whole_id for key, row in versions.items() if row.whole_id is not None},
        firsts=_firsts(brand_id, named("part_of")),
        taken=_taken(named("part_of")),
        closing=checklists.closing(named("checklist_version_id")),
        personas=_personas(brand_id, named("persona_id")),
    )


def _stores(brand_id: str, ids: set[str]) -> set[str]:
    query = Store.select(Store.id).where(
        Store.brand_id == brand_id, Store.archived_at.is_null(), Store.id.in_(ids)
    )
    return {row.id for row in query}


def _personas(brand_id: str, ids: set[str]) -> set[str]:
    if not ids:
        return set()
    query = Persona.select(Persona.id).where(
        Persona.brand_id == brand_id, Persona.archived_at.is_null(), Persona.id.in_(ids)
    )
    return {row.id for row in query}


def _shoppers(brand_id: str, ids: set[str]) -> set[str]:
    query = Membership.select(Membership.account_id).where(
        Membership.brand_id == brand_id,
        Membership.role == str(Role.SHOPPER),
        Membership.archived_at.is_null(),
        ~Membership.suspended,
        Membership.account_id.in_(ids),
    )
    return {row.account_id for row in query}


def _firsts(brand_id: str, ids: set[str]) -> dict[str, _First]:
    """A report may be of another version than its assignment."""
    if not ids:
        return {}
    begun = (Report.assignment_id == Assignment.id) & (Report.attempt == Assignment.attempt)
    rows: Any = (
        Assignment.select(
            Assignment.id,
            Assignment.checklist_version_id,
            Report.checklist_version_id,
            *(getattr(Assignment, name) for name in _SAME),
        )
        .join(Report, JOIN.LEFT_OUTER, on=begun)
        .where(
            Assignment.brand_id == brand_id, Assignment.part_of.is_null(), Assignment.id.in_(ids)
        )
        .tuples()
    )
    return {key: _First(tuple(same), {planned, fixed}) for key, planned, fixed, *same in rows}


def _taken(ids: set[str]) -> set[tuple[str, str]]:
    if not ids:
        return set()
    rows: Any = Assignment.select(Assignment.part_of, Assignment.checklist_version_id).where(
        Assignment.part_of.in_(ids),
        Assignment.status.in_([str(status) for status in (*OPEN, AssignmentStatus.APPROVED)]),
    )
    return set(rows.tuples())
