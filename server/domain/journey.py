"""The customer's journey: its six stages and the channels of touchpoints."""

from enum import StrEnum


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
