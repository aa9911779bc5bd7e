"""/v1/brands/{brand}/kpis"""

from typing import Any

from schemas.base import Listing
from schemas.insights import FiguresQuery
from schemas.kpis import (
    KpiChangeSchema,
    KpiFiguresSchema,
    KpiNewSchema,
    KpiPageSchema,
    KpiSchema,
    KpiVersionsSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.services import kpis
from server.services.selections import Filters

blp = Blueprint(
    "kpis",
    __name__,
    url_prefix="/v1/brands/<brand_id>/kpis",
    description="Key figures that the brand defines: a measure, a target, bands.",
)


@blp.operation("GET", "", query=Listing, returns=KpiPageSchema)
def list_kpis(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's KPIs."""
    return kpis.listed(actor, brand_id, **query)


@blp.operation("POST", "", body=KpiNewSchema, returns=KpiSchema, status=201)
def create_kpi(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Define a KPI."""
    return kpis.create(actor, brand_id, body)


@blp.operation("GET", "/<kpi_id>", returns=KpiSchema)
def read_kpi(actor: Actor, brand_id: str, kpi_id: str) -> Any:
    """Read a KPI."""
    return kpis.read(actor, brand_id, kpi_id)


@blp.operation("PATCH", "/<kpi_id>", body=KpiChangeSchema, returns=KpiSchema, edits=True)
def change_kpi(
    actor: Actor, brand_id: str, kpi_id: str, body: dict[str, Any], if_match: int
) -> Any:
    """Define a KPI anew; its former versions stay readable."""
    return kpis.change(actor, brand_id, kpi_id, if_match, body)


@blp.operation("DELETE", "/<kpi_id>", returns=KpiSchema, edits=True)
def archive_kpi(actor: Actor, brand_id: str, kpi_id: str, if_match: int) -> Any:
    """Archive a KPI."""
    return kpis.archive(actor, brand_id, kpi_id, if_match)


@blp.operation("GET", "/<kpi_id>/versions", returns=KpiVersionsSchema)
def list_kpi_versions(actor: Actor, brand_id: str, kpi_id: str) -> Any:
    """List what a KPI was."""
    return {"items": kpis.versions(actor, brand_id, kpi_id)}


@blp.operation("GET", "/<kpi_id>/figures", query=FiguresQuery, returns=KpiFiguresSchema)
def read_kpi_figures(actor: Actor, brand_id: str, kpi_id: str, query: dict[str, Any]) -> Any:
    """Read where stores stand by a KPI."""
    return kpis.reached(actor, brand_id, kpi_id, Filters(**query))
