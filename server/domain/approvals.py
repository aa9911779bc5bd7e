"""Which reports a brand approves by itself: its rule as data, and what the rule says of one."""

import hashlib
import hmac
from dataclasses import dataclass, field

import msgspec

from server.domain.report_flags import OF_PHOTOS, FlagCode


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Beyond what lacks something or came late, which no rule ever approves:

    `blocking_flags`   flags that a person is to look at; None: all there are
    `least_score`, `most_score`   points, 0–100: visits beyond either are a person's
    `critical_blocks`  visits with a failed critical item are a person's
    `sample`           the share, 0–1, that goes to a person anyway, to see whether the rule is good
    `least_approved`   shoppers with fewer approved visits are never approved by themselves
    """

    blocking_flags: tuple[FlagCode, ...] | None = None
    least_score: float | None = None
    most_score: float | None = None
    critical_blocks: bool = True
    sample: float = 0.0
    least_approved: int = 0

    def blocking(self) -> frozenset[FlagCode]:
        """The flags that block."""
        return frozenset(FlagCode if self.blocking_flags is None else self.blocking_flags)

    def waits_for_photos(self) -> bool:
        """Whether it can be applied only once the photos have been looked at."""
        return bool(self.blocking() & OF_PHOTOS)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule looks at. `score` is in points, None where nothing was scored; `chance` in [0, 1)
    follows from the revision alone (`chance`)."""

    flags: frozenset[str] = field(default_factory=frozenset)
    score: float | None = None
    critical_failed: bool = False
    chance: float = 0.0
    approved: int = 0


def reasons(rule: Rule, facts: Facts) -> list[str]:
    """Why a person is to decide, each in a few words; nothing where the rule approves."""
    found = [f"flag {code}" for code in sorted(rule.blocking() & facts.flags)]
    if rule.least_score is not None and (facts.score is None or facts.score < rule.least_score):
        found.append(f"scores less than {rule.least_score:g}")
    if rule.most_score is not None and (facts.score is None or facts.score > rule.most_score):
        found.append(f"scores more than {rule.most_score:g}")
    if rule.critical_blocks and facts.critical_failed:
        found.append("a critical item failed")
    if facts.approved < rule.least_approved:
        found.append(f"fewer than {rule.least_approved} approved visits of this shopper")
    if facts.chance < rule.sample:
        found.append("drawn for a person")
    return found


def chance(revision_id: str, key: str) -> float:
    """A number in [0, 1) that is always the same for a revision. It needs the server's key:
    shoppers know their reports' ids, and must not know which are drawn."""
    digest = hmac.digest(key.encode(), f"sample {revision_id}".encode(), hashlib.sha256)
    return int.from_bytes(digest[:6]) / 2**48
