"""What a checklist counts for what, known before anybody answers: an experience is none of its
domains alone, so a composite says what share each has."""

from collections.abc import Iterator
from fractions import Fraction

from server.domain import answers, scoring
from server.domain.checklist import Document, Item, Section
from server.domain.journey import Domain

Shares = dict[str, dict[str, float]]
"""By dimension and value, the share, 0 to 1, of the visit's score that its items carry. Items have
one stage and one facet; of tags and promises an item may have several, or none."""


def shares(document: Document) -> Shares:
    """Of a visit in which everything applies."""
    found: dict[str, dict[str, Fraction]] = {}
    for section, item, carried in _carried(document):
        for measure in scoring.spoken_of(document, section, item):
            dimension, parted, value = measure.partition(":")
            if parted and dimension != "promise_touchpoint":
                values = found.setdefault(dimension, {})
                values[value] = values.get(value, Fraction(0)) + carried
    return {
        dimension: {value: round(float(share), 4) for value, share in sorted(values.items())}
        for dimension, values in sorted(found.items())
    }


def warnings(document: Document) -> list[dict[str, str]]:
    """What of the weights should be thought over before publishing."""
    return [*_left_out(document), *_not_chosen(document)]


def _not_chosen(document: Document) -> Iterator[dict[str, str]]:
    """Weights are for the moments of truth: first map, then choose."""
    for s, section in enumerate(document.sections):
        for i, item in enumerate(section.items):
            copy = document.touchpoints.get(item.touchpoint or "")
            if copy is not None and not copy.strategic and item.weight > 1 and item.bonus is None:
                yield {
                    "pointer": f"/draft/sections/{s}/items/{i}/weight",
                    "detail": "Weighs more than 1 at a touchpoint that is no moment of truth.",
                }


def _left_out(document: Document) -> list[dict[str, str]]:
    """Which domains nothing scored tells of, where any has its domain: an experience is none of
    them alone."""
    told = shares(document).get("domain", {})
    missing = [str(domain) for domain in Domain if domain not in told and domain != Domain.OTHER]
    if not told or not missing:
        return []
    detail = f"Nothing scored tells of {', '.join(missing)}: an experience is no one domain alone."
    return [{"pointer": "/draft/sections", "detail": detail}]


def _carried(document: Document) -> Iterator[tuple[Section, Item, Fraction]]:
    """Each scored item with its share: of the checklist's weight, or where sections have weights
    of its section's."""
    scored = [
        (section, item, Fraction(str(item.weight)))
        for section in document.sections
        for item in section.items
        if item.bonus is None and item.weight > 0 and answers.can_score(item)
    ]
    weighted = any(section.weight is not None for section in document.sections)
    if not weighted:
        whole = sum(weight for *_, weight in scored)
        yield from ((section, item, weight / whole) for section, item, weight in scored)
        return
    inner: dict[str, Fraction] = {}
    for section, _, weight in scored:
        inner[section.key] = inner.get(section.key, Fraction(0)) + weight
    outer = {one.key: _weight(one) for one in document.sections if one.key in inner}
    whole = sum(outer.values())
    for section, item, weight in scored:
        if whole:
            yield section, item, outer[section.key] / whole * weight / inner[section.key]


def _weight(section: Section) -> Fraction:
    return Fraction(1) if section.weight is None else Fraction(str(section.weight))
