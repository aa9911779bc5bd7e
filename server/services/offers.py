"""Whether assignments can be offered as asked: what they name exists, every mistake at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from server.domain.actor import Role
from server.errors import Invalid
from server.models import Assignment, Membership, Store
from server.services import checklists

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Known:
    """Of the ids that offers name, those that the brand has. `firsts` is the store of each
    assignment that a delayed section belongs to."""

    stores: set[str]
    shoppers: set[str]
    versions: set[str]
    firsts: dict[str, str]


def check(brand_id: str, offers: Sequence[Values], root: str = "/items") -> None:
    """Invalid unless each of the `offers` (columns of `Assignment`) can be made; pointers are
    `root`/index/field. Four queries, however many offers."""
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
    if not _shoppers(brand_id, {shopper_id}):
        raise_if([{"pointer": "/shopper_id", "detail": _NO_SHOPPER}])


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


_NO_SHOPPER = "Is no shopper of this brand, or suspended."


def _names(offer: Values, known: _Known) -> Iterable[tuple[str, str]]:
    if offer["store_id"] not in known.stores:
        yield "store_id", "Is no store of this brand, or archived."
    if offer["shopper_id"] not in known.shoppers:
        yield "shopper_id", _NO_SHOPPER
    if offer["checklist_version_id"] not in known.versions:
        yield "checklist_version_id", "Is no published version of a checklist of this brand."
    if offer["part_of"] and known.firsts.get(offer["part_of"]) != offer["store_id"]:
        yield "part_of", "Is no first assignment of this brand for the same store."


def _known(brand_id: str, offers: Sequence[Values]) -> _Known:
    def named(field: str) -> set[str]:
        return {offer[field] for offer in offers if offer[field] is not None}

    return _Known(
        stores=_stores(brand_id, named("store_id")),
        shoppers=_shoppers(brand_id, named("shopper_id")),
        versions=checklists.published_in(brand_id, named("checklist_version_id")),
        firsts=_firsts(brand_id, named("part_of")),
    )


def _stores(brand_id: str, ids: set[str]) -> set[str]:
    query = Store.select(Store.id).where(
        Store.brand_id == brand_id, Store.archived_at.is_null(), Store.id.in_(ids)
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


def _firsts(brand_id: str, ids: set[str]) -> dict[str, str]:
    if not ids:
        return {}
    query = Assignment.select(Assignment.id, Assignment.store_id).where(
        Assignment.brand_id == brand_id, Assignment.part_of.is_null(), Assignment.id.in_(ids)
    )
    return {row.id: row.store_id for row in query}
