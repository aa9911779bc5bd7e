"""A store's or a region's period as a PDF: facts, pictures, what to mend first, notes on the
method. However much there is, the pages are few."""

from typing import Any

from server.domain import glossary
from server.domain.actor import Actor
from server.domain.guarding import FEWEST_RANKED
from server.domain.methods import METHODS
from server.domain.ranking import Period
from server.figures import caterpillar
from server.figures.canvas import Kind, shortened
from server.figures.pages import Picture, Report, Table, pdf
from server.models import RankedStore, Ranking
from server.services import drawings, insights, publishing, rankings, selections, summaries
from server.services.drawings import Drawable
from server.services.insights import Portrait
from server.services.selections import Filters, Selection
from server.services.summaries import Summary

_NONE = "–"
_NEIGHBOURS = 24
"""Stores beside one store: what fits under the facts."""

_MOST_GIVEN = 20

_TIERS = {"top": "surely in the top quarter", "bottom": "surely in the bottom quarter"}
_MARK = "Highlighted: this store."


def of_store(actor: Actor, brand_id: str, store_id: str, period: Period | None) -> bytes:
    """One store's report. NotFound outside the actor's."""
    known = insights.portrait(actor, brand_id, store_id, Filters(period=period))
    ranking, place = known.ranking, known.place
    rows = [] if place is None else rankings.shown(ranking, _NEIGHBOURS, place.position)
    drawable = Drawable("", known.summary, insights.promises(known))
    parts: list[Picture | Table] = [
        Picture(
            f"The store among those that you see. {_MARK}"
            if known.selection.guarded
            else f"The store among those it is ranked with. {_MARK}",
            drawings.stores(ranking, rows, "", Kind.PNG, marked=store_id),
        ),
        *_pictures(drawable),
        *_given(drawable),
        _mend_first(known.summary),
    ]
    title = f"{known.store.name} ({known.store.code})"
    rate = known.item["glue_rate"] if known.item else None
    facts = [*_place(known), *_visits(known.summary, rate)]
    return _report(title, known.selection, ranking, facts, parts)


def of_region(actor: Actor, brand_id: str, region_id: str, period: Period | None) -> bytes:
    """A region's report, with all that lies below it. NotFound outside the actor's."""
    selection = selections.select(actor, brand_id, Filters(period=period, region=region_id))
    ranking, summary = publishing.of(selection), summaries.read(selection)
    rows = rankings.shown(ranking, caterpillar.MOST)
    drawable = Drawable("", summary, summaries.promises(summary))
    gaps, trend, heat = _pictures(drawable)
    parts: list[Picture | Table] = [
        gaps,
        *_given(drawable),
        trend,
        Picture("The region's stores", drawings.stores(ranking, rows, "", Kind.PNG)),
        _stores(rows),
        heat,
        _mend_first(summary),
    ]
    facts = [*_stores_facts(ranking), *_visits(summary)]
    name = selections.region_name(selection)
    return _report(name, selection, ranking, facts, parts)


def _report(
    title: str,
    selection: Selection,
    ranking: Ranking,
    facts: list[tuple[str, str]],
    parts: list[Picture | Table],
) -> bytes:
    head = ranking.head
    method = METHODS[head["method_version"]]
    number = "on demand" if ranking.number is None else f"as number {ranking.number}"
    return pdf(
        Report(
            title=title,
            subtitle=selections.described(selection),
            facts=[("Months", _months(head["months"])), *facts],
            made_at=ranking.made_at,
            footer=f"Promessa. Ranking computed {number} on {ranking.made_at:%Y-%m-%d} by method "
            f"{method.version}. A rank is an estimate: read its interval.",
            parts=parts,
            notes=[
                *head["warnings"],
                *glossary.READING,
                "Scores of visits, months, touchpoints and items are plain means; adjusted means "
                f"and ranks are made by method {method.version}: {method.title.lower()}.",
                *(f"– {step}." for step in method.steps),
            ],
        )
    )


def _months(months: dict[str, str] | None) -> str:
    return selections.span(**months) if months else "none with visits"


def _pictures(drawable: Drawable) -> list[Picture]:
    return [
        Picture(caption, drawings.plot(drawable, plot, Kind.PNG))
        for caption, plot in (
            ("How far the promises are kept", "gaps"),
            ("Month by month", "trend"),
            ("Touchpoints, the weakest first", "heat"),
        )
    ]


def _place(known: Portrait) -> list[tuple[str, str]]:
    item = known.item
    store = ("Format and ownership", f"{known.store.format or _NONE}, {known.store.ownership}")
    if item is None:
        return [store, ("Rank", "no visit counts in this period")]
    weakest, change = item["weakest_touchpoint"], item["change"]
    return [
        store,
        ("Adjusted mean", f"{_number(item['adjusted_mean'])} {_ends(item['interval95'])}"),
        ("Rank", _rank(item, known.selection.guarded)),
        ("Standing", _standing(item)),
        ("Change", _NONE if change is None else _change(change)),
        (
            "Weakest touchpoint",
            f"{weakest['name']}: {_number(weakest['score'])}" if weakest else _NONE,
        ),
    ]


def _rank(item: dict[str, Any], guarded: bool) -> str:
    if item["rank"] is not None:
        low, high = item["rank_interval90"]
        return f"{item['rank']} of {item['of']} (with 90 % from {low} to {high})"
    if guarded:
        return (
            "none: the visits show no difference between the stores, or so few are ranked "
            f"(below {FEWEST_RANKED}) that a rank would tell of the others"
        )
    return "none: the visits show no difference between the stores, or it is the only one"


def _standing(item: dict[str, Any]) -> str:
    tier = _TIERS.get(item["tier"], "neither surely in the top nor in the bottom quarter")
    few = "; provisional: too few visits to act on" if item["provisional"] else ""
    return f"{tier}{few}"


def _change(change: dict[str, Any]) -> str:
    sure = "significant" if change["significant"] else "not significant"
    return f"{change['delta']:+.1f} points from the period before, {sure}"


def _stores_facts(ranking: Ranking) -> list[tuple[str, str]]:
    head = ranking.head
    error = "" if head["mean_se"] is None else f" ± {1.96 * head['mean_se']:.1f}"
    return [
        ("Stores", f"{head['n_stores']}, and {head['n_stores_without_visits']} without visits"),
        ("Mean of adjusted means", f"{_number(head['mean'])}{error}"),
    ]


def _visits(summary: Summary, glue_rate: float | None = None) -> list[tuple[str, str]]:
    told = summaries.visits(summary)
    nps = summaries.nps(summary.total("tally"))
    return [
        ("Visits", f"{told['n_visits']}, raw mean {_number(told['raw_mean'])}"),
        ("Critical items failed", str(told["critical_count"])),
        ("Net promoter score", f"{nps['score']:+.0f} {_ends(nps['interval95'])}" if nps else _NONE),
        ("Unexpected extras", _extras(told["glue"], glue_rate)),
    ]


def _extras(share: dict[str, Any] | None, rate: float | None) -> str:
    """The ranking's rate of a store, drawn towards all stores'; of many the share of the visits."""
    if share is None:
        return _NONE
    low, high = share["interval95"]
    raw = f"{share['value']:.0%} of {share['n']} visits ({low:.0%} to {high:.0%} with 95 %)"
    return f"in {raw}" if rate is None else f"rate {rate:.0%}, as in the ranking; in {raw}"


def _stores(rows: list[RankedStore | int]) -> Table:
    header = ("Rank", "Code", "Store", "Visits", "Adjusted", "95 % interval", "Ranks (90 %)")
    return Table("Stores", header, [_store(row) for row in rows], (6, 12, 32, 7, 9, 15, 14))


def _store(row: RankedStore | int) -> list[str]:
    if isinstance(row, int):
        return ["", "", f"… {row:,} more …", "", "", "", ""]
    item = row.figures
    ranks = item["rank_interval90"]
    return [
        _NONE if item["rank"] is None else str(item["rank"]),
        shortened(item["store"]["code"], 16),
        shortened(item["store"]["name"]),
        str(item["n_visits"]),
        _number(item["adjusted_mean"]),
        "{:.1f} to {:.1f}".format(*item["interval95"]) if item["interval95"] else _NONE,
        "{} to {}".format(*ranks) if ranks else _NONE,
    ]


def _given(drawable: Drawable) -> list[Table]:
    """Promises that depend on others, beside what they come to where those were kept."""
    names = {key: one.adjective for key, one in drawable.summary.promises.items()}
    rows = [
        [
            shortened(one["adjective"]),
            shortened(", ".join(names.get(key, _NONE) for key in given["depends_on"]), 60),
            _number(one["score"]),
            _number(given["score"]),
            "{:.1f} to {:.1f}".format(*given["interval95"]) if given["interval95"] else _NONE,
            _of(given),
        ]
        for one in drawable.promises
        if (given := one["given"])
    ]
    header = ("Promise", "Depends on", "Score", "Where kept", "95 % interval", "Visits")
    title = "Promises that depend on others, in the visits that kept those"
    return [Table(title, header, rows[:_MOST_GIVEN], (24, 36, 9, 12, 16, 12))] if rows else []


def _of(given: dict[str, Any]) -> str:
    """How many visits kept, of those that could: rankings that were kept before do not know."""
    of = given.get("of")
    return str(given["n"]) if of is None else f"{given['n']} of {of}"


def _mend_first(summary: Summary) -> Table:
    rows = [
        [
            shortened(_text(one["prompt"]) or one["item_key"], 120),
            shortened(one["touchpoint"]),
            _number(one["score"]),
            str(one["n"]),
            _number(one["cost"]),
        ]
        for one in summaries.mend_first(summary)
    ]
    header = ("What", "Touchpoint", "Mean", "Visits", "Costs, points")
    title = "What to mend first, by the points of their score that it costs the visits"
    return Table(title, header, rows, (60, 28, 9, 9, 14))


def _text(texts: dict[str, str]) -> str:
    return texts.get("en") or next(iter(texts.values()), "")


def _number(value: float | None) -> str:
    return _NONE if value is None else f"{value:.1f}"


def _ends(interval: list[float] | None) -> str:
    if interval is None:
        return "(nothing tells how sure that is)"
    return "({:.1f} to {:.1f} with 95 %)".format(*interval)
