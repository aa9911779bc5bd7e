"""The tables. `TABLES` is all of them, for migrations' tests and for the test databases."""

from server.db import Table
from server.models.accounts import Account, Client, Device, Membership
from server.models.assignments import Assignment, AssignmentResponse
from server.models.brands import Brand
from server.models.checklists import Checklist, ChecklistVersion
from server.models.events import Event
from server.models.feeds import Notice, SyncChange, SyncFeed
from server.models.photos import Blob, Photo, PhotoContent
from server.models.promises import Promise
from server.models.proposals import TouchpointProposal
from server.models.regions import Region
from server.models.reports import Report, Review, Revision
from server.models.scores import ScoreSum, VisitScore
from server.models.stores import Store
from server.models.tokens import RefreshToken
from server.models.touchpoints import Touchpoint
from server.models.uploads import Upload, UploadRange
from server.models.waves import Wave

TABLES: tuple[type[Table], ...] = (
    Account,
    Assignment,
    AssignmentResponse,
    Blob,
    Brand,
    Checklist,
    ChecklistVersion,
    Client,
    Device,
    Event,
    Membership,
    Notice,
    Photo,
    PhotoContent,
    Promise,
    RefreshToken,
    Region,
    Report,
    Review,
    Revision,
    ScoreSum,
    Store,
    SyncChange,
    SyncFeed,
    Touchpoint,
    TouchpointProposal,
    Upload,
    UploadRange,
    VisitScore,
    Wave,
)

__all__ = [
    "TABLES",
    "Account",
    "Assignment",
    "AssignmentResponse",
    "Blob",
    "Brand",
    "Checklist",
    "ChecklistVersion",
    "Client",
    "Device",
    "Event",
    "Membership",
    "Notice",
    "Photo",
    "PhotoContent",
    "Promise",
    "RefreshToken",
    "Region",
    "Report",
    "Review",
    "Revision",
    "ScoreSum",
    "Store",
    "SyncChange",
    "SyncFeed",
    "Touchpoint",
    "TouchpointProposal",
    "Upload",
    "UploadRange",
    "VisitScore",
    "Wave",
]
