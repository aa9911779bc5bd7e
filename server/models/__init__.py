"""The tables. `TABLES` is all of them, for migrations' tests and for the test databases."""

from server.db import Table
from server.models.accounts import Account, Client, Device, Membership
from server.models.assignments import Assignment, AssignmentResponse
from server.models.audit import AuditEntry
from server.models.brands import Brand
from server.models.checklists import Checklist, ChecklistVersion
from server.models.claims import Claim
from server.models.consents import Consent, Disclosure
from server.models.editions import Edition
from server.models.erasures import Erasure
from server.models.events import Event
from server.models.feeds import Notice, SyncChange, SyncFeed
from server.models.kpis import Kpi, KpiVersion
from server.models.mentions import Mention
from server.models.messages import Message
from server.models.outcomes import Outcome
from server.models.personas import Persona, ShopperTraits
from server.models.photos import Blob, Photo, PhotoContent
from server.models.pictures import Picture, PictureBand, Rendering
from server.models.promises import Promise
from server.models.proposals import TouchpointProposal
from server.models.rankings import RankedStore, Ranking, VarianceFit
from server.models.ratings import Rating
from server.models.regions import Region
from server.models.report_flags import Inspection, ReportFlag, TextPrint
from server.models.reports import Report, Review, Revision
from server.models.retention import Removal, RetentionRule
from server.models.scores import CubeState, ScoreSum, VisitScore
from server.models.staff import StaffMember
from server.models.stores import Store
from server.models.tokens import RefreshToken
from server.models.touchpoints import Touchpoint
from server.models.uploads import Upload, UploadRange
from server.models.waves import Wave

TABLES: tuple[type[Table], ...] = (
    Account,
    Assignment,
    AssignmentResponse,
    AuditEntry,
    Blob,
    Brand,
    Checklist,
    ChecklistVersion,
    Claim,
    Client,
    Consent,
    CubeState,
    Device,
    Disclosure,
    Edition,
    Erasure,
    Event,
    Inspection,
    Kpi,
    KpiVersion,
    Membership,
    Message,
    Notice,
    Outcome,
    Mention,
    Persona,
    Photo,
    PhotoContent,
    Picture,
    PictureBand,
    Promise,
    RankedStore,
    Ranking,
    Rating,
    RefreshToken,
    Region,
    Removal,
    Rendering,
    Report,
    ReportFlag,
    RetentionRule,
    Review,
    Revision,
    ScoreSum,
    ShopperTraits,
    StaffMember,
    Store,
    SyncChange,
    SyncFeed,
    TextPrint,
    Touchpoint,
    TouchpointProposal,
    Upload,
    UploadRange,
    VarianceFit,
    VisitScore,
    Wave,
)

__all__ = [
    "TABLES",
    "Account",
    "Assignment",
    "AssignmentResponse",
    "AuditEntry",
    "Blob",
    "Brand",
    "Checklist",
    "ChecklistVersion",
    "Claim",
    "Client",
    "Consent",
    "CubeState",
    "Device",
    "Disclosure",
    "Edition",
    "Erasure",
    "Event",
    "Inspection",
    "Kpi",
    "KpiVersion",
    "Membership",
    "Mention",
    "Message",
    "Notice",
    "Outcome",
    "Persona",
    "Photo",
    "PhotoContent",
    "Picture",
    "PictureBand",
    "Promise",
    "RankedStore",
    "Ranking",
    "Rating",
    "RefreshToken",
    "Region",
    "Removal",
    "Rendering",
    "Report",
    "ReportFlag",
    "RetentionRule",
    "Review",
    "Revision",
    "ScoreSum",
    "ShopperTraits",
    "StaffMember",
    "Store",
    "SyncChange",
    "SyncFeed",
    "TextPrint",
    "Touchpoint",
    "TouchpointProposal",
    "Upload",
    "UploadRange",
    "VarianceFit",
    "VisitScore",
    "Wave",
]
