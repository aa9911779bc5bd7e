"""How good shoppers' work was: one rating per revision, for the brand and the shopper, never for
stores."""

from dataclasses import dataclass
from statistics import fmean
from typing import Any

import peewee

from server import clock
from server.db import atomic, insert
from server.domain.actor import Actor
from server.domain.erasing import ERASED
from server.domain.permissions import Permission
from server.errors import Forbidden
from server.models import Erasure, Rating
from server.services import feeds, submissions
from server.services.access import require
from server.services.paging import Page, page
from server.services.reports import report_of, revision_of


@dataclass(frozen=True, slots=True)
class Own:
    """All ratings of one's work, and their mean; None of none."""

    items: list[Rating]
    mean: float | None


def put(
    actor: Actor, brand_id: str, report_id: str, number: int, rating: int, message: str | None
) -> Rating:
    """Rate the work on a frozen revision, or rate it anew."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    revision = revision_of(actor, brand_id, report_id, number)
    shopper_id = report_of(actor, brand_id, report_id).shopper_id
    with atomic():
        feeds.lock([shopper_id])
        submissions.said_more([report_id])
        values = {
            "revision_id": revision.id,
            "brand_id": brand_id,
            "report_id": report_id,
            "shopper_id": shopper_id,
            "rating": rating,
            "message": message,
            "rated_by": actor.name,
            "rated_at": clock.now(),
        }
        changed = ("rating", "message", "rated_by", "rated_at")
        insert(Rating, [values], key=("revision_id",), update=changed)
        return Rating(**values)


def mine(actor: Actor) -> Own:
    """The ratings of one's own work, in all brands, oldest first. Forbidden to clients."""
    if actor.account_id is None:
        raise Forbidden("An integrator's client visits no store, and nobody rates it.")
    of_me = Rating.select().where(Rating.shopper_id == actor.account_id)
    items = list(of_me.order_by(Rating.rated_at, Rating.revision_id))
    return Own(items, fmean(item.rating for item in items) if items else None)


def erase(report_ids: list[str], erasure: Erasure) -> None:
    """Within a transaction, overwrite the ratings of an erased shopper's work; how good it was
    stays."""
    silence(report_ids)
    Rating.update(shopper_id=erasure.pseudonym).where(Rating.report_id.in_(report_ids)).execute()


def silence(report_ids: list[str]) -> None:
    """Within a transaction, take the words from the ratings of these reports."""
    worded = Rating.report_id.in_(report_ids) & Rating.message.is_null(False)
    Rating.update(message=ERASED).where(worded).execute()


def by_shopper(
    actor: Actor, brand_id: str, *, limit: int, cursor: str | None, shopper: str | None = None
) -> Page:
    """A page of the mean rating of each shopper of the brand, by their ids."""
    require(actor, brand_id, Permission.REPORTS_REVIEW)
    mean: Any = peewee.fn.AVG(Rating.rating)
    count: Any = peewee.fn.COUNT(Rating.revision_id)
    query = (
        Rating.select(Rating.shopper_id, count.alias("ratings"), mean.alias("mean"))
        .where(Rating.brand_id == brand_id)
        .group_by(Rating.shopper_id)
    )
    if shopper is not None:
        query = query.where(Rating.shopper_id == shopper)
    return page(query, Rating.shopper_id, limit=limit, cursor=cursor)
