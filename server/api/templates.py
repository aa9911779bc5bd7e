"""/v1/checklist-templates, and beginning a brand's checklist from one"""

from typing import Any

from schemas.checklists import ChecklistSchema
from schemas.templates import TemplateAdoptionSchema, TemplateListSchema, TemplateSchema
from server.api.blueprint import Blueprint
from server.domain.actor import Actor
from server.errors import NotFound
from server.services import templates

blp = Blueprint(
    "templates",
    __name__,
    url_prefix="/v1",
    description="Checklists of a sector, to begin with.",
)


@blp.operation("GET", "/checklist-templates", returns=TemplateListSchema)
def list_templates(actor: Actor) -> Any:
    """List the templates."""
    return {"items": templates.listed()}


@blp.operation("GET", "/checklist-templates/<template>", returns=TemplateSchema, raises=(NotFound,))
def read_template(actor: Actor, template: str) -> Any:
    """Read a template."""
    return templates.read(template)


@blp.operation(
    "POST",
    "/brands/<brand_id>/template-adoptions",
    body=TemplateAdoptionSchema,
    returns=ChecklistSchema,
    status=201,
)
def adopt_template(actor: Actor, brand_id: str, body: dict[str, Any]) -> Any:
    """Begin a checklist from a template, with the promises and touchpoints that are missing."""
    return templates.adopt(actor, brand_id, body["template"])
