"""/healthz: the process lives. /readyz: it can do its work."""

from typing import Any

import flask

from schemas.health import HealthSchema, ReadinessSchema
from server.api.blueprint import Blueprint
from server.services import health

_UNREADY = {
    "ready": False,
    "parts": {"database": "ok", "queue": "ok", "storage": "does not answer: TimeoutError"},
}
blp = Blueprint("health", __name__, description="For load balancers and supervisors.")


@blp.operation("GET", "/healthz", returns=HealthSchema, public=True)
def read_health() -> Any:
    """Say that the process lives."""
    return {"status": "ok"}


@blp.operation(
    "GET",
    "/readyz",
    returns=ReadinessSchema,
    public=True,
    doc={
        "responses": {
            "503": {
                "description": "Some part does not answer; `parts` says which. `unavailable`: the "
                "database does not answer at all.",
                "content": {"application/json": {"schema": ReadinessSchema, "example": _UNREADY}},
            }
        }
    },
)
def read_readiness() -> Any:
    """Say whether database, queue and photo storage answer.

    Without the queue the API still accepts reports; `ready` needs the database and the storage.
    """
    parts = health.parts()
    ready = parts["database"] == "ok" and parts["storage"] == "ok"
    flask.g.ready = ready
    return {"ready": ready, "parts": parts}, 200 if ready else 503
