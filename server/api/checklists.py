"""/v1/brands/{brand}/checklists"""

from typing import Any

from schemas.base import Listing, Paging
from schemas.checklists import (
    ChecklistChangeSchema,
    ChecklistNewSchema,
    ChecklistPageSchema,
    ChecklistSchema,
    ChecklistVersionPageSchema,
    ChecklistVersionSchema,
)
from schemas.trials import (
    ChangesQuery,
    ChecklistChangesSchema,
    TrialNewSchema,
    TrialSchema,
    WeightingSchema,
)
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.domain.trials import Answers
from server.errors import Conflict, Invalid
from server.services import checklists, closings

blp = Blueprint(
    "checklists",
    __name__,
    url_prefix="/v1/brands/<brand_id>/checklists",
    description="What shoppers look at. A draft is edited; its published versions never change.",
)
_VERSION = "/versions/<int(min=1, max=1000000000):number>"
_CLOSING = "/<checklist_id>/versions/<int:number>/closing"


@blp.operation("GET", "", query=Listing, returns=ChecklistPageSchema)
def list_checklists(actor: Actor, brand_id: str, query: dict[str, Any]) -> Any:
    """List the brand's checklists, without their drafts."""
    return checklists.listed(actor, brand_id, **query)


@blp.operation("POST", "", body=ChecklistNewSchema, returns=ChecklistSchema, status=201)
def create_checklist(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Begin a checklist. Its draft may be incomplete: `problems` says what is missing."""
    return checklists.create(actor, brand_id, body)


@blp.operation("GET", "/<checklist_id>", returns=ChecklistSchema)
def read_checklist(actor: Actor, brand_id: str, checklist_id: str) -> Any:
    """Read a checklist with its draft."""
    return checklists.read(actor, brand_id, checklist_id)


@blp.operation(
    "PATCH", "/<checklist_id>", body=ChecklistChangeSchema, returns=ChecklistSchema, edits=True
)
def change_checklist(
    actor: Actor, brand_id: str, checklist_id: str, body: dict[str, Any], if_match: int
) -> Any:
    """Change the title, or replace the draft; published versions stay as they are."""
    return checklists.change(actor, brand_id, checklist_id, if_match, body)


@blp.operation("DELETE", "/<checklist_id>", returns=ChecklistSchema, edits=True)
def archive_checklist(actor: Actor, brand_id: str, checklist_id: str, if_match: int) -> Any:
    """Archive a checklist; its versions stay in use."""
    return checklists.archive(actor, brand_id, checklist_id, if_match)


@blp.operation(
    "POST",
    "/<checklist_id>/versions",
    returns=ChecklistVersionSchema,
    status=201,
    edits=True,
    raises=(Invalid, Conflict),
)
def publish_checklist(actor: Actor, brand_id: str, checklist_id: str, if_match: int) -> Any:
    """Publish the draft that If-Match names as the next version. Refused with every problem of
    the draft at once; pointers begin with /draft, as in the checklist's own answer."""
    return checklists.publish(actor, brand_id, checklist_id, if_match)


@blp.operation("GET", "/<checklist_id>/versions", query=Paging, returns=ChecklistVersionPageSchema)
def list_checklist_versions(
    actor: Actor, brand_id: str, checklist_id: str, query: dict[str, Any]
) -> Any:
    """List a checklist's published versions, without their documents."""
    return checklists.versions_listed(actor, brand_id, checklist_id, **query)


@blp.operation(
    "GET",
    f"/<checklist_id>{_VERSION}",
    returns=ChecklistVersionSchema,
)
def read_checklist_version(actor: Actor, brand_id: str, checklist_id: str, number: int) -> Any:
    """Read a published version with its document."""
    return checklists.version_read(actor, brand_id, checklist_id, number)


@blp.operation(
    "GET",
    f"/<checklist_id>{_VERSION}/changes",
    query=ChangesQuery,
    returns=ChecklistChangesSchema,
)
def compare_checklist_versions(
    actor: Actor, brand_id: str, checklist_id: str, number: int, query: dict[str, Any]
) -> Any:
    """Read what changed from version `since` to this one."""
    return {"items": checklists.compared(actor, brand_id, checklist_id, number, query["since"])}


@blp.operation("POST", _CLOSING, returns=ChecklistVersionSchema)
def close_checklist_version(actor: Actor, brand_id: str, checklist_id: str, number: int) -> Any:
    """Set a version closing: it takes reports that have begun, and starts none."""
    return closings.close(actor, brand_id, checklist_id, number)


@blp.operation("DELETE", _CLOSING, returns=ChecklistVersionSchema)
def reopen_checklist_version(actor: Actor, brand_id: str, checklist_id: str, number: int) -> Any:
    """Open a closing version again."""
    return closings.reopen(actor, brand_id, checklist_id, number)


@blp.operation("GET", f"/<checklist_id>{_VERSION}/weighting", returns=WeightingSchema)
def weigh_checklist_version(actor: Actor, brand_id: str, checklist_id: str, number: int) -> Any:
    """Read what a version counts for what: domains, stages, touchpoints, promises."""
    return {"shares": checklists.weighed(actor, brand_id, checklist_id, number)}


@blp.operation(
    "POST",
    "/<checklist_id>/trial",
    body=TrialNewSchema,
    returns=TrialSchema,
    raises=(Invalid,),
)
def try_checklist(actor: Actor, brand_id: str, checklist_id: str, body: Answers) -> Any:
    """Try the draft with some answers: what is seen, what is missing, what it scores. Nothing is
    kept."""
    return checklists.tried(actor, brand_id, checklist_id, body)
