"""What figures are asked for: which visits and stores, by which measure, and as far as the asker
sees."""

import hashlib
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import orjson

from server.domain import cube, scoring
from server.domain.actor import Actor, Grant
from server.domain.ownership import Ownership
from server.domain.permissions import Permission
from server.domain.ranking import Period
from server.errors import Invalid
from server.models import Brand, Promise, Region, Store, Touchpoint, Wave
from server.services import editing, measures
from server.services.access import bounded, regions_seen, require, stores_seen
from server.services.cubes import Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which visits and stores count, by what; None is no bound. A region means its subtree;
    `measure` is one of the cube's, `promise` short for that promise's. A competitor's stores are
    there only where `ownership` asks for them."""

    period: Period | None = None
    measure: str | None = None
    promise: str | None = None
    region: str | None = None
    format: str | None = None
    ownership: str | None = None
    wave: str | None = None

    @property
    def ranked_by(self) -> str:
        """The measure."""
        if self.promise is not None:
            return scoring.promise_measure(self.promise)
        return self.measure or scoring.VISIT


@dataclass(frozen=True, slots=True)
class Selection:
    """Checked filters within what their asker may see."""

    brand_id: str
    filters: Filters
    scope: tuple[str, ...]
    """Ids of the regions and stores that bound the asker; empty: the whole brand."""
    condition: Any
    """A peewee condition on Store."""
    guarded: bool = False
    """Whether the asker is below the brand: told nothing of who visited where few did
    (`server.domain.guarding`)."""

    @property
    def key(self) -> str:
        """A digest that is equal for equal selections of a brand, and no others."""
        asked = {name: value for name, value in asdict(self.filters).items() if value is not None}
        text = orjson.dumps(
            [asked, self.scope, self.guarded], default=list, option=orjson.OPT_SORT_KEYS
        )
        return hashlib.sha256(text).hexdigest()

    @property
    def slice(self) -> Slice:
        """Whose sums are read."""
        return Slice(self.brand_id, self.filters.period, self.filters.wave)

    @property
    def is_whole(self) -> bool:
        """Whether this is the ranking that is published."""
        return self.filters == Filters() and not self.scope and not self.guarded

    @property
    def has_all_visits(self) -> bool:
        """Whether it chooses stores alone, and of these all visits, by the visit's score."""
        chosen = {"region": None, "format": None, "ownership": None}
        return replace(self.filters, **chosen) == Filters()

    @property
    def is_part(self) -> bool:
        """Whether it is a part of the published ranking, which has no competitors' stores."""
        return self.has_all_visits and self.filters.ownership != Ownership.COMPETITOR


def select(actor: Actor, brand_id: str, filters: Filters) -> Selection:
    """The selection of an asker. NotFound where a filter names a thing that is not there, or not
    theirs; Invalid of a measure or a format that nothing has."""
    grants = require(actor, brand_id, Permission.RANKINGS_READ)
    if filters.region is not None:
        editing.find(Region, brand_id, filters.region, regions_seen(grants))
    if filters.wave is not None:
        editing.find(Wave, brand_id, filters.wave)
    if filters.promise is not None:
        editing.find(Promise, brand_id, filters.promise)
    if filters.measure is not None:
        measures.check(brand_id, filters.measure)
    seen = stores_seen(grants)
    if filters.format is not None:
        _check_format(seen, filters.format)
    condition = seen & _of(brand_id, filters)
    return Selection(brand_id, filters, _scope(grants), condition, bounded(grants))


def whole(brand_id: str) -> Selection:
    """The brand's published ranking, as those see it who see all."""
    return Selection(brand_id, Filters(), (), _of(brand_id, Filters()))


def among_all(selection: Selection) -> Selection:
    """The same with all the brand's stores that its filters choose, seen by its asker or not: for
    the place of one store, and nothing else of it may be answered."""
    return replace(selection, scope=(), condition=_of(selection.brand_id, selection.filters))


def apart(one: Selection, other: Selection) -> bool:
    """Whether two selections are of the same visits and of stores that they do not share."""
    if one.slice != other.slice or one.filters.ranked_by != other.filters.ranked_by:
        return False
    if one.has_all_visits != other.has_all_visits:
        return False
    return not Store.select().where(one.condition, other.condition).exists()


def described(selection: Selection) -> str:
    """What is selected, in words for a title."""
    filters, brand_id = selection.filters, selection.brand_id
    words = [Brand.get_by_id(brand_id).name]
    if filters.region is not None:
        words.append(region_name(selection))
    if filters.wave is not None:
        words.append(Wave.get(Wave.id == filters.wave, Wave.brand_id == brand_id).name)
    words += [word for word in (filters.format, filters.ownership) if word is not None]
    words.append(span(*filters.period) if filters.period else "all months")
    return ", ".join(words)


def region_name(selection: Selection) -> str:
    """Of the region that is selected."""
    mine = (Region.id == selection.filters.region) & (Region.brand_id == selection.brand_id)
    return str(Region.get(mine).name)


def measured(selection: Selection) -> str:
    """What stores are ranked by, in words."""
    dimension, value = cube.parted(selection.filters.ranked_by)
    names: dict[str, Any] = {
        cube.PROMISE: Promise.adjective,
        cube.PROMISE_GIVEN: Promise.adjective,
        cube.TOUCHPOINT: Touchpoint.name,
    }
    if dimension in names:
        column = names[dimension]
        mine = (column.model.id == value) & (column.model.brand_id == selection.brand_id)
        value = column.model.select(column).where(mine).scalar() or value
    return "the visit's score" if dimension == scoring.VISIT else f"{dimension} {value}"


def span(first: str, last: str) -> str:
    """Months in words."""
    return first if first == last else f"{first} to {last}"


class Named(NamedTuple):
    """What a ranking says a store is."""

    id: str
    code: str
    name: str
    region_id: str | None
    format: str | None
    ownership: str


def stores(selection: Selection) -> list[Named]:
    """The selection's stores, in the order of their codes."""
    columns = (getattr(Store, name) for name in Named._fields)
    rows: Any = Store.select(*columns).where(selection.condition).order_by(Store.code).tuples()
    return [Named(*row) for row in rows]


def _check_format(seen: Any, name: str) -> None:
    if not Store.select().where(seen, Store.format == name).exists():
        detail = f"No store that you see has the format {name!r}."
        raise Invalid(detail, errors=[{"pointer": "format", "detail": detail}])


def _of(brand_id: str, filters: Filters) -> Any:
    condition = Store.brand_id == brand_id
    if filters.region is not None:
        root, each = Region.alias(), Region.alias()
        below = (
            each.select(each.id)
            .join(root, on=each.path.startswith(root.path))
            .where(root.id == filters.region)
        )
        condition &= Store.region_id.in_(below)
    if filters.ownership is not None:
        condition &= Store.ownership == filters.ownership
    else:
        condition &= Store.ownership != str(Ownership.COMPETITOR)
    if filters.format is not None:
        condition &= Store.format == filters.format
    return condition


def _scope(grants: tuple[Grant, ...]) -> tuple[str, ...]:
    if not bounded(grants):
        return ()
    bounds = {grant.region_id or grant.store_id or "" for grant in grants}
    return tuple(sorted(bounds))
