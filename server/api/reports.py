"""/v1/brands/{brand}/reports: visits' reports, their frozen revisions, and reviewers' words."""

from typing import Any

from schemas.reports import (
    ApprovalNewSchema,
    ReportDetailSchema,
    ReportListing,
    ReportPageSchema,
    ReviewNewSchema,
    ReviewReasonSchema,
    ReviewSchema,
    RevisionSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import Conflict
from server.services import reports, reviews

blp = Blueprint(
    "reports",
    __name__,
    url_prefix="/v1/brands/<brand_id>/reports",
    description="What shoppers reported, and what reviewers said of it.",
)
_REVISION = "/<report_id>/revisions/<int:number>"


@blp.operation("GET", "", query=ReportListing, returns=ReportPageSchema, personal=True)
def list_reports(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's reports, without their content."""
    return reports.listed(actor, brand_id, **query)


@blp.operation("GET", "/<report_id>", returns=ReportDetailSchema, personal=True)
def read_report(actor: Actor, brand_id: str, report_id: str) -> Any:
    """Read a report as it is now, with its revisions, its reviews and what came too late."""
    return reports.read(actor, brand_id, report_id)


@blp.operation("GET", _REVISION, returns=RevisionSchema, personal=True)
def read_revision(actor: Actor, brand_id: str, report_id: str, number: int) -> Any:
    """Read a frozen revision."""
    return reports.read_revision(actor, brand_id, report_id, number)


@blp.operation(
    "POST", "/<report_id>/closure", returns=RevisionSchema, status=201, raises=(Conflict,)
)
def close_report(actor: Actor, brand_id: str, report_id: str) -> Any:
    """Freeze a report as it is, when what its shopper declared never came whole."""
    return reviews.close(actor, brand_id, report_id)


@blp.operation(
    "POST",
    f"{_REVISION}/approval",
    body=ApprovalNewSchema,
    returns=ReviewSchema,
    status=201,
    raises=(Conflict,),
)
def approve_revision(
    actor: Actor, brand_id: str, report_id: str, number: int, body: dict[str, Any]
) -> Any:
    """Approve a submitted revision: it counts.

    Photos that it declares and that are not verified are named in `missing`; a 409 lists them.
    """
    return reviews.approve(actor, brand_id, report_id, number, **body)


@blp.operation(
    "POST",
    f"{_REVISION}/return",
    body=ReviewReasonSchema,
    returns=ReviewSchema,
    status=201,
    raises=(Conflict,),
)
def return_revision(
    actor: Actor, brand_id: str, report_id: str, number: int, body: dict[str, Any]
) -> Any:
    """Return a submitted revision to its shopper, who may submit the next."""
    return reviews.return_(actor, brand_id, report_id, number, **body)


@blp.operation(
    "POST",
    f"{_REVISION}/rejection",
    body=ReviewReasonSchema,
    returns=ReviewSchema,
    status=201,
    raises=(Conflict,),
)
def reject_revision(
    actor: Actor, brand_id: str, report_id: str, number: int, body: dict[str, Any]
) -> Any:
    """Reject a submitted revision: it never counts."""
    return reviews.reject(actor, brand_id, report_id, number, **body)


@blp.operation(
    "POST",
    f"{_REVISION}/withdrawal",
    body=ReviewNewSchema,
    returns=ReviewSchema,
    status=201,
    raises=(Conflict,),
)
def withdraw_revision(
    actor: Actor, brand_id: str, report_id: str, number: int, body: dict[str, Any]
) -> Any:
    """Take an approval or a rejection back: the revision waits again."""
    return reviews.withdraw(actor, brand_id, report_id, number, **body)
