"""What visits answered, counted: who chose what, how much was spent."""

from typing import Any

from server.domain import cube
from server.domain.actor import Actor
from server.domain.answer_counts import AMOUNT, mean95
from server.domain.checklist import Item
from server.domain.cube import Packed
from server.services import checklists, selections, summaries
from server.services.selections import Filters
from server.services.summaries import Summary


def listed(actor: Actor, brand_id: str, filters: Filters) -> list[dict[str, Any]]:
    """Every item whose answers a selection's visits count, in the order of the checklist."""
    summary = summaries.read(selections.select(actor, brand_id, filters))
    words = by_item(summary)
    return [
        {
            "item_key": key,
            "type": str(item.type),
            "prompt": item.prompt,
            "touchpoint_id": item.touchpoint,
            "n": n,
            "answers": _answers(item, words[key], n),
            "amounts": _amounts(words[key]),
        }
        for key, item in items(summary).items()
        if key in words
        for n in [words[key][""][0]]
    ]


def items(summary: Summary) -> dict[str, Item]:
    """The items that the visits' checklists have; of one in several versions the last."""
    return {
        item.key: item
        for dimension in summary.dimensions()
        if dimension.startswith(f"{cube.ITEM}@")
        for item in checklists.document(dimension.partition("@")[2]).items()
    }


def by_item(summary: Summary) -> dict[str, Packed]:
    """Sums by item and word; "" is of all visits that answered."""
    found: dict[str, Packed] = {}
    for value, sums in summary.total(cube.ANSWER).items():
        key, _, word = value.partition("/")
        found.setdefault(key, {})[word] = sums
    return {key: words for key, words in found.items() if "" in words}


def _answers(item: Item, words: Packed, n: int) -> list[dict[str, Any]]:
    labels = {choice.key: choice.label for choice in item.choices}
    counted = [(word, sums[0]) for word, sums in words.items() if word and "/" not in word]
    return [
        {
            "answer": word,
            "label": labels.get(word),
            "count": count,
            "share": summaries.share(count, n),
        }
        for word, count in sorted(counted, key=lambda one: (-one[1], one[0]))
    ]


def _amounts(words: Packed) -> list[dict[str, Any]]:
    found = []
    for word, sums in sorted(words.items()):
        name, parted, currency = word.partition("/")
        if parted and name == AMOUNT:
            mean, ends = mean95(sums)
            interval = None if ends is None else [round(end, 1) for end in ends]
            found.append(
                {"currency": currency, "mean": round(mean, 1), "interval95": interval}
                | {"n": sums[0]}
            )
    return found
