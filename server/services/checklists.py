"""What is done with checklists: drafts are edited, published versions are read for ever."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache

from server.domain import checklist
from server.domain.checklist import Document
from server.errors import NotFound
from server.models import ChecklistVersion

_KEPT = 64
_published: OrderedDict[str, ChecklistVersion] = OrderedDict()
_lock = threading.Lock()


def versions(version_ids: Iterable[str]) -> dict[str, ChecklistVersion]:
    """Published versions by id, leaving out unknown ones. At most one query: versions never
    change, so the process keeps the last used ones. The rows are shared: read them only."""
    wanted = set(version_ids)
    with _lock:
        found = {key: _published[key] for key in wanted if key in _published}
    if missing := wanted - found.keys():
        rows = ChecklistVersion.select().where(ChecklistVersion.id.in_(missing))
        found |= {row.id: row for row in rows}
    with _lock:
        _published.update(found)
        for key in found:
            _published.move_to_end(key)
        while len(_published) > _KEPT:
            _published.popitem(last=False)
    return found


def version(version_id: str) -> ChecklistVersion:
    """A published version, whoever asks. NotFound."""
    found = versions([version_id])
    if version_id not in found:
        raise NotFound(f"There is no checklist version {version_id!r}.")
    return found[version_id]


@lru_cache(maxsize=_KEPT)
def document(version_id: str) -> Document:
    """The typed document of a published version. NotFound."""
    return checklist.parse(version(version_id).document)
