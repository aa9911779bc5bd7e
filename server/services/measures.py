"""Which measures and dimensions a brand can be asked for: those of its checklists, promises and
touchpoints. What is none of them is a slip, and is named instead of answered with nothing."""

from functools import lru_cache
from typing import Any

from server.domain import cube, scoring
from server.domain.journey import Channel, Interaction, Mode, Stage
from server.errors import Invalid
from server.models import ChecklistVersion, Promise, Touchpoint
from server.services import checklists

_WORDS: dict[str, Any] = {
    "stage": Stage, "channel": Channel, "interaction": Interaction, "mode": Mode,
    "facet": ("fact", "judgement"),
}  # fmt: skip
_TABLES: dict[str, Any] = {
    cube.PROMISE: Promise, cube.PROMISE_GIVEN: Promise, cube.TOUCHPOINT: Touchpoint,
}  # fmt: skip
_ALWAYS = {
    *_WORDS, scoring.VISIT, cube.PROMISE, cube.TOUCHPOINT, cube.PROMISE_TOUCHPOINT, cube.ITEM,
    cube.PROMISE_GIVEN,
    "section", "owner_unit", "sense", "need", "domain", "force",
}  # fmt: skip
"""Dimensions of every brand, whatever its checklists are."""


def check(brand_id: str, measure: str) -> None:
    """Invalid where no visit of the brand can ever be scored by the measure."""
    dimension, value = cube.parted(measure)
    if measure == scoring.VISIT or _is_named(brand_id, dimension, value):
        return
    if measure not in _of_checklists(brand_id):
        raise _unknown("measure", f"Nothing in this brand is scored by {measure!r}.")


def check_dimension(brand_id: str, dimension: str) -> None:
    """Invalid where the brand's visits have no such dimension."""
    if dimension in _ALWAYS:
        return
    if dimension not in {cube.parted(measure)[0] for measure in _of_checklists(brand_id)}:
        raise _unknown("by", f"Nothing in this brand is scored by {dimension!r}.")


def _is_named(brand_id: str, dimension: str, value: str) -> bool:
    """Whether a word of the programme, a promise or a touchpoint is so called."""
    if dimension in _WORDS:
        return value in set(_WORDS[dimension])
    if dimension == cube.PROMISE_TOUCHPOINT:
        promise, _, touchpoint = value.partition("/")
        return _is_named(brand_id, cube.PROMISE, promise) and _is_named(
            brand_id, cube.TOUCHPOINT, touchpoint
        )
    if dimension not in _TABLES:
        return False
    table = _TABLES[dimension]
    return bool(table.select().where(table.brand_id == brand_id, table.id == value).exists())


def _of_checklists(brand_id: str) -> set[str]:
    rows: Any = ChecklistVersion.select(ChecklistVersion.id).where(
        ChecklistVersion.brand_id == brand_id
    )
    versions = [version for (version,) in rows.tuples()]
    checklists.versions(versions)  # in one query, for those that follow
    return {measure for version in versions for measure in _of_version(version)}


@lru_cache(maxsize=512)
def _of_version(version_id: str) -> frozenset[str]:
    return frozenset(scoring.measures(checklists.document(version_id)))


def _unknown(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[{"pointer": pointer, "detail": detail}])
