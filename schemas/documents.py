"""Wire shapes of a checklist's document. They describe it for openapi.yaml; what is read and
checked is `server.domain.checklist` and `server.domain.drafts`."""

from typing import Any

import marshmallow as ma
import orjson
from marshmallow import fields

from server.domain.checklist import KEY_PATTERN, ItemType, Op
from server.domain.journey import Channel, Stage
from server.domain.tags import MOST_VALUES, SLUG_PATTERN

MOST_BYTES = 1024 * 1024
MOST_LEVELS = 32
_EMPTY_TEXTS: dict[str, str] = {}
_WHEN = "Seen only if all these tests pass."


class Texts(fields.Dict):
    """A text per locale."""

    def __init__(self, **options: Any) -> None:
        metadata = {
            "description": "A text for each of the brand's locales (BCP 47 tags).",
            "example": {"it": "Testo", "en": "Text"},
        }
        super().__init__(keys=fields.String(), values=fields.String(), metadata=metadata, **options)


def _key() -> fields.String:
    return fields.String(required=True, metadata={"pattern": f"^{KEY_PATTERN}$"})


def _one_of(words: Any, **options: Any) -> fields.String:
    return fields.String(metadata={"enum": [str(word) for word in words]}, **options)


def _said(description: str, kind: type[fields.Field[Any]] = fields.Float, **options: Any) -> Any:
    return kind(metadata={"description": description}, **options)


class TagValues(fields.Field[Any]):
    """One value of a tag, or several."""

    def __init__(self) -> None:
        one = {"type": "string", "pattern": f"^{SLUG_PATTERN}$"}
        several = {"type": "array", "items": one, "maxItems": MOST_VALUES}
        super().__init__(metadata={"anyOf": [one, several]})


class ChoiceSchema(ma.Schema):
    """One answer to choose."""

    key = _key()
    label = Texts(required=True)
    points = _said("At least 0; in multiple_choice also negative.", load_default=0)


class BandSchema(ma.Schema):
    """Points for a number from `from` (inclusive) to `to` (exclusive); null is unbounded."""

    points = fields.Float(required=True)
    start = fields.Float(data_key="from", allow_none=True, load_default=None)
    to = fields.Float(allow_none=True, load_default=None)


class CriticalSchema(ma.Schema):
    """A failing that caps the score of its scope."""

    cap = _said("The most that the scope then scores, 0 to 100.", required=True)
    below = _said("Failed where the item's share of its points is less.", load_default=0.5)
    scope = _one_of(("visit", "section", "promise"), load_default="visit")


class PromiseLinkSchema(ma.Schema):
    """How much an item tells of a promise."""

    promise = _said("A promise's id.", fields.String, required=True)
    weight = fields.Float(load_default=1)


class YesNoPointsSchema(ma.Schema):
    """Points of the two answers."""

    yes = fields.Float()
    no = fields.Float()


class ItemRowSchema(ma.Schema):
    """A line of a matrix."""

    key = _key()
    label = Texts(required=True)


class ConditionSchema(ma.Schema):
    """A test of the answer to an earlier item."""

    item = _said("The earlier item's key.", fields.String, required=True)
    op = _one_of(Op, load_default=str(Op.IS))
    value = fields.Raw(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "What it is compared with: an answer, or with in a list of them.",
            "example": True,
        },
    )


class CommentSchema(ma.Schema):
    """When an answer needs a note of at least `least` characters."""

    on = fields.List(
        fields.String(),
        metadata={"description": "Answers: yes, no, a number, a choice's key.", "example": ["no"]},
    )
    below = _said(
        "Also where it earns less than this share of its points.",
        allow_none=True,
        load_default=None,
    )
    least = fields.Integer(load_default=1)


class ItemSchema(ma.Schema):
    """One thing to look at. Each type has fields of its own: see docs/checklists.md."""

    key = _key()
    type = _one_of(ItemType, required=True)
    prompt = Texts(required=True)
    help = Texts(load_default=_EMPTY_TEXTS)
    required = fields.Boolean(load_default=False)
    allow_na = _said('{"na": true} is an answer too.', fields.Boolean, load_default=False)
    weight = _said("0 is asked and not scored.", load_default=1)
    touchpoint = _said(
        "A touchpoint's id; scored items need one.",
        fields.String,
        allow_none=True,
        load_default=None,
    )
    promises = fields.List(fields.Nested(PromiseLinkSchema))
    critical = fields.Nested(CriticalSchema, allow_none=True, load_default=None)
    bonus = _said(
        "Points on top of the visit's score, never in its denominator.",
        allow_none=True,
        load_default=None,
    )
    facet = _one_of(("fact", "judgement"), load_default="fact")
    tags = fields.Dict(
        keys=fields.String(metadata={"pattern": f"^{SLUG_PATTERN}$"}),
        values=TagValues(),
        metadata={
            "description": "Each key is a dimension of the figures, each value a measure.",
            "example": {"force": "certainty", "sense": ["see", "touch"]},
        },
    )
    penalty = _said("What is lost counts so many times, 1 to 10.", load_default=1)
    when = fields.List(fields.Nested(ConditionSchema), metadata={"description": _WHEN})
    anchors = fields.Dict(
        keys=fields.String(),
        values=Texts(),
        metadata={
            "description": "What each answer means; needed for the ends of what is scored.",
            "example": {"yes": {"it": "Entro un minuto", "en": "Within a minute"}},
        },
    )
    comment = fields.Nested(CommentSchema, allow_none=True, load_default=None)
    points = fields.Nested(YesNoPointsSchema, allow_none=True, load_default=None)
    min = _said("scale, two_sided, number, timer, money", allow_none=True, load_default=None)
    max = _said("as min; ranked_choice: how many", allow_none=True, load_default=None)
    step = _said("scale, two_sided, number", allow_none=True, load_default=None)
    ideal = _said("two_sided", allow_none=True, load_default=None)
    bands = fields.List(
        fields.Nested(BandSchema), metadata={"description": "number, timer, times, money"}
    )
    notice = _said(
        "times: the share for telling the customer in time", allow_none=True, load_default=None
    )
    choices = fields.List(
        fields.Nested(ChoiceSchema),
        metadata={"description": "single_choice, multiple_choice, ranked_choice, matrix"},
    )
    rows = fields.List(fields.Nested(ItemRowSchema), metadata={"description": "matrix"})
    before_visit = _said(
        "Asked before the visit begins, such as what the shopper expects; a hint to the phone.",
        fields.Boolean,
        load_default=False,
    )
    photos_min = _said("How many photos it asks for.", fields.Integer, load_default=0)
    photos_max = _said("", fields.Integer, allow_none=True, load_default=None)
    max_length = _said("text", fields.Integer, allow_none=True, load_default=None)


class DelaySchema(ma.Schema):
    """When a section is asked later than the rest: what only shows at home, days after."""

    days = fields.Integer(
        required=True,
        metadata={"description": "After the visit, 1 to 365.", "example": 3},
    )
    due_days = fields.Integer(
        required=True,
        metadata={"description": "For how many days it may be answered then.", "example": 7},
    )


class SectionSchema(ma.Schema):
    """Items that belong together."""

    key = _key()
    title = Texts(required=True)
    items = fields.List(fields.Nested(ItemSchema), required=True)
    weight = _said(
        "Where any section has one, sections count by it.", allow_none=True, load_default=None
    )
    when = fields.List(fields.Nested(ConditionSchema), metadata={"description": _WHEN})
    delay = fields.Nested(DelaySchema, allow_none=True, load_default=None)


class TouchpointCopySchema(ma.Schema):
    """A touchpoint as it was when the version was published."""

    name = fields.String(required=True)
    stage = _one_of(Stage, required=True)
    channel = _one_of(Channel, required=True)
    interaction = fields.String(metadata={"example": "direct"})
    strategic = fields.Boolean(
        required=True, metadata={"description": "Whether it is a moment of truth."}
    )
    sense = fields.String(allow_none=True, metadata={"example": "see"})
    need = fields.String(allow_none=True, metadata={"example": "relational"})
    domain = fields.String(allow_none=True, metadata={"example": "service"})
    owner_unit = fields.String(required=True, allow_none=True)
    weight = _said(
        "What its items weigh that say no weight of their own; null: 1.",
        allow_none=True,
        load_default=None,
    )


class PromiseCopySchema(ma.Schema):
    """What it took to keep a promise when the version was published."""

    target = fields.Float(required=True, metadata={"example": 80.0})
    depends_on = fields.List(
        fields.String(), metadata={"example": ["0199b7a0c0de700080000000000000fe"]}
    )


class ContradictionSchema(ma.Schema):
    """Answers that cannot all be true."""

    when = fields.List(
        fields.Nested(ConditionSchema),
        required=True,
        metadata={"description": "Two tests or more, of any items: a flag where all pass."},
    )
    message = Texts(required=True)


class ChecklistDocumentSchema(ma.Schema):
    """A whole checklist, as phones show it and as scoring reads it."""

    title = Texts(required=True)
    sections = fields.List(fields.Nested(SectionSchema), required=True)
    bonus_cap = _said("The most that bonuses add to one visit.", load_default=5)
    touchpoints = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(TouchpointCopySchema),
        metadata={"description": "By id; written by publishing."},
    )
    promises = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(PromiseCopySchema),
        metadata={"description": "By id; written by publishing."},
    )
    contradictions = fields.List(fields.Nested(ContradictionSchema))


class Document(fields.Nested):
    """A published document, answered as it is stored."""

    def __init__(self, **options: Any) -> None:
        super().__init__(ChecklistDocumentSchema, **options)

    def _serialize(  # type: ignore[override]  # as Nested itself does
        self, nested_obj: Any, attr: Any, obj: Any, **kwargs: Any
    ) -> Any:
        return nested_obj


class Draft(fields.Field[Any]):
    """A document in the making: any JSON object that can be kept. Its `problems` say the rest."""

    def __init__(self, **options: Any) -> None:
        metadata = {
            "description": "A ChecklistDocument, complete or not; `problems` says what is missing.",
            "anyOf": [{"$ref": "#/components/schemas/ChecklistDocument"}, {"type": "object"}],
            "example": EXAMPLE,
        }
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not isinstance(value, dict):
            raise ma.ValidationError("Must be an object.")
        if _levels_exceed(value, MOST_LEVELS):
            raise ma.ValidationError(f"Must not be nested deeper than {MOST_LEVELS} levels.")
        if len(orjson.dumps(value)) > MOST_BYTES:
            raise ma.ValidationError(f"Must not be larger than {MOST_BYTES} bytes of JSON.")
        return value


def _levels_exceed(value: Any, most: int) -> bool:
    """Level by level and not by recursion, which a hostile body would exhaust."""
    level = [value]
    for _ in range(most):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(each.values())
            elif isinstance(each, list):
                inner.extend(each)
        level = inner
        if not level:
            return False
    return True


EXAMPLE: dict[str, Any] = {
    "title": {"it": "Visita in profumeria", "en": "Perfumery visit"},
    "bonus_cap": 5,
    "sections": [
        {
            "key": "welcome",
            "title": {"it": "Accoglienza", "en": "Welcome"},
            "items": [
                {
                    "key": "greeted",
                    "type": "yes_no",
                    "prompt": {
                        "it": "Ti hanno salutato entro un minuto?",
                        "en": "Were you greeted within a minute?",
                    },
                    "required": True,
                    "weight": 2,
                    "touchpoint": "0199b7a0c0de7000800000000000000a",
                    "promises": [{"promise": "0199b7a0c0de7000800000000000000b", "weight": 1}],
                    "critical": {"cap": 60},
                    "anchors": {
                        "yes": {"it": "Entro un minuto", "en": "Within a minute"},
                        "no": {"it": "Più tardi, o mai", "en": "Later, or never"},
                    },
                    "comment": {"on": ["no"], "least": 20},
                },
                {
                    "key": "smile",
                    "type": "scale",
                    "prompt": {"it": "Quanto era sincero?", "en": "How sincere was it?"},
                    "facet": "judgement",
                    "min": 1,
                    "max": 5,
                    "step": 1,
                    "allow_na": True,
                    "anchors": {
                        "1": {"it": "Nessun sorriso", "en": "No smile"},
                        "5": {"it": "Con gli occhi", "en": "With the eyes"},
                    },
                    "when": [{"item": "greeted", "op": "is", "value": True}],
                    "touchpoint": "0199b7a0c0de7000800000000000000a",
                    "promises": [{"promise": "0199b7a0c0de7000800000000000000b", "weight": 1}],
                },
            ],
        }
    ],
}
