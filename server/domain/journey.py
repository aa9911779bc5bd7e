"""The customer's journey: its six stages, and what is said of the touchpoints on it and of the
promises that they keep."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter


class Stage(StrEnum):
    """The stages in the order in which a customer meets them."""

    DISCOVER = "discover"
    EVALUATE = "evaluate"
    BUY = "buy"
    ACCESS = "access"
    USE = "use"
    HELP = "help"


class Channel(StrEnum):
    """Through what the customer meets the brand."""

    STORE = "store"
    WEB = "web"
    APP = "app"
    PHONE = "phone"
    EMAIL = "email"
    SOCIAL = "social"
    DELIVERY = "delivery"
    ADVERTISING = "advertising"
    OTHER = "other"


class Mode(StrEnum):
    """Whether the customer goes somewhere or sits before a screen: what visits to a shop and to a
    site are compared by."""

    PHYSICAL = "physical"
    DIGITAL = "digital"


MODES: dict[str, Mode] = {
    Channel.STORE: Mode.PHYSICAL,
    Channel.DELIVERY: Mode.PHYSICAL,
    Channel.WEB: Mode.DIGITAL,
    Channel.APP: Mode.DIGITAL,
    Channel.EMAIL: Mode.DIGITAL,
    Channel.SOCIAL: Mode.DIGITAL,
}
"""By channel; the others are neither."""


class Interaction(StrEnum):
    """Whether the customer deals with the brand itself, or meets it through others' words, an
    advertisement, an invoice: an indirect touchpoint has no place that could be checked."""

    DIRECT = "direct"
    INDIRECT = "indirect"


class Sense(StrEnum):
    """With which sense the customer meets it."""

    SEE = "see"
    TOUCH = "touch"
    HEAR = "hear"
    SMELL = "smell"
    TASTE = "taste"


class Need(StrEnum):
    """Which kind of need it serves."""

    FUNCTIONAL = "functional"
    RELATIONAL = "relational"


class Domain(StrEnum):
    """Which part of the experience it belongs to; the experience is none of them alone."""

    SHOPPING = "shopping"
    SERVICE = "service"
    USABILITY = "usability"
    MARKETING = "marketing"
    OTHER = "other"


class Lifecycle(StrEnum):
    """proposed → mapped → strategic. First the map, then the choice of what matters most: a
    proposed touchpoint is in no checklist, a strategic one is a moment of truth (Carlzon, 1987)."""

    PROPOSED = "proposed"
    MAPPED = "mapped"
    STRATEGIC = "strategic"


class Question(StrEnum):
    """The four questions that make a brand a person, and whose answers are its promises'
    adjectives: what life does it lead, what future does it see, how does it relate to others, how
    does it look?"""

    LIFE = "life"
    FUTURE = "future"
    RELATION = "relation"
    LOOK = "look"


def circle(leads_to: Mapping[str, Iterable[str]]) -> list[str] | None:
    """Some circle in a graph, its first node again at the end; None where there is none."""
    try:
        TopologicalSorter(leads_to).prepare()
    except CycleError as error:
        nodes: list[str] = error.args[1]
        return nodes[::-1]
    return None
