"""Checklist templates by sector: what a brand can begin with instead of an empty page.

A template is a file beside this module. It names its promises and touchpoints by keys of its own;
adopting it finds them in the brand by adjective and by name, or makes them, and begins a checklist
whose draft is the brand's to change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from server.db import atomic, serialize
from server.domain.actor import Actor
from server.domain.journey import Lifecycle
from server.domain.permissions import Permission
from server.errors import NotFound
from server.models import Brand, Checklist, Promise, Touchpoint
from server.services import checklists, editing
from server.services.access import require

_ENDING = ".yaml"
_FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Template:
    """A template; `sections` are those of a checklist's document, with keys of `promises` and
    `touchpoints` in the place of ids."""

    name: str
    version: int
    title: dict[str, str]
    promises: dict[str, dict[str, Any]]
    touchpoints: dict[str, dict[str, Any]]
    sections: list[dict[str, Any]]

    @property
    def n_items(self) -> int:
        """How many items it has."""
        return sum(len(section["items"]) for section in self.sections)


@cache
def listed() -> tuple[Template, ...]:
    """All templates, by name."""
    files = sorted(resources.files(__name__).iterdir(), key=lambda file: file.name)
    return tuple(_read(file) for file in files if file.name.endswith(_ENDING))


def read(name: str) -> Template:
    """One template. NotFound."""
    for template in listed():
        if template.name == name:
            return template
    names = ", ".join(template.name for template in listed())
    raise NotFound(f"There is no template {name!r}; there are {names}.")


def adopt(actor: Actor, brand_id: str, name: str) -> Checklist:
    """Begin a checklist from a template, with the promises and touchpoints that the brand lacks.
    Two at once would both make them, so they take turns."""
    require(actor, brand_id, Permission.PROGRAMME_WRITE)
    template = read(name)
    with atomic():
        serialize(f"templates of {brand_id}")
        locale = Brand.get_by_id(brand_id).locales[0]
        promises = dict(_promises(brand_id, template, locale))
        touchpoints = dict(_touchpoints(brand_id, template))
        sections = [
            section | {"items": [_item(item, promises, touchpoints) for item in section["items"]]}
            for section in template.sections
        ]
        values = {"title": _text(template.title, locale)} | {
            "draft": {"title": template.title, "sections": sections}
        }
        return checklists.create(actor, brand_id, values)


def _read(file: Any) -> Template:
    plan: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    means = plan.pop("means")
    for section in plan["sections"]:
        for item in section["items"]:
            if meaning := item.pop("means", None):
                item["anchors"] = means[meaning]
    return Template(name=file.name.removesuffix(_ENDING), **plan)


def _promises(brand_id: str, template: Template, locale: str) -> Iterator[tuple[str, str]]:
    """The id of the brand's promise for each key of the template."""
    live = Promise.select().where(Promise.brand_id == brand_id, Promise.archived_at.is_null())
    known = {promise.adjective: promise.id for promise in live}
    for key, plan in template.promises.items():
        adjective = _text(plan["adjective"], locale)
        if adjective in known:
            yield key, known[adjective]
            continue
        yield (
            key,
            editing.create(
                Promise,
                brand_id,
                kind=plan["kind"],
                question=plan["question"],
                adjective=adjective,
                statement=_text(plan["statement"], locale),
                translations={
                    other: {"adjective": text, "statement": plan["statement"][other]}
                    for other, text in plan["adjective"].items()
                    if other != locale
                },
                target=float(plan["target"]),
                weight=1.0,
            ).id,
        )


def _touchpoints(brand_id: str, template: Template) -> Iterator[tuple[str, str]]:
    """The id of the brand's touchpoint for each key of the template."""
    live = Touchpoint.select().where(
        Touchpoint.brand_id == brand_id,
        Touchpoint.archived_at.is_null(),
        Touchpoint.lifecycle != str(Lifecycle.PROPOSED),
    )
    known = {touchpoint.name: touchpoint.id for touchpoint in live}
    for key, plan in template.touchpoints.items():
        name = plan["name"]
        yield key, known.get(name) or editing.create(Touchpoint, brand_id, **plan).id


def _item(
    item: dict[str, Any], promises: dict[str, str], touchpoints: dict[str, str]
) -> dict[str, Any]:
    links = [
        {"promise": promises[key], "weight": weight}
        for key, weight in item.get("promises", {}).items()
    ]
    place = {"touchpoint": touchpoints[item["touchpoint"]]} if "touchpoint" in item else {}
    return item | place | {"promises": links}


def _text(texts: dict[str, str], locale: str) -> str:
    return texts.get(locale, texts[_FALLBACK])
