"""What a brand's rule says of a report."""

import pytest

from server.domain import approvals
from server.domain.approvals import Facts, Rule
from server.domain.report_flags import OF_PHOTOS, FlagCode

GOOD = Facts(score=80.0, approved=3, chance=0.5)


def test_a_bare_rule_lets_pass_what_has_no_flag() -> None:
    assert approvals.reasons(Rule(), GOOD) == []
    flagged = Facts(flags=frozenset({"too-fast"}), score=80.0)
    assert approvals.reasons(Rule(), flagged) == ["flag too-fast"]
    assert approvals.reasons(Rule(blocking_flags=(FlagCode.LATE,)), flagged) == []


@pytest.mark.parametrize(
    ("rule", "facts", "why"),
    [
        (Rule(least_score=60), Facts(score=59.9), "scores less than 60"),
        (Rule(most_score=95), Facts(score=95.1), "scores more than 95"),
        (Rule(least_score=60), Facts(), "scores less than 60"),
        (Rule(), Facts(critical_failed=True), "a critical item failed"),
        (Rule(least_approved=4), GOOD, "fewer than 4 approved visits of this shopper"),
        (Rule(sample=0.6), GOOD, "drawn for a person"),
    ],
)
def test_each_condition_leaves_it_to_a_person(rule: Rule, facts: Facts, why: str) -> None:
    assert approvals.reasons(rule, facts) == [why]


def test_bounds_are_allowed() -> None:
    rule = Rule(least_score=80, most_score=80, sample=0.5, least_approved=3, critical_blocks=False)
    assert approvals.reasons(rule, GOOD) == []


def test_only_flags_of_photos_make_it_wait() -> None:
    assert Rule().waits_for_photos()
    assert Rule(blocking_flags=(FlagCode.DUPLICATE_PHOTO,)).waits_for_photos()
    assert not Rule(blocking_flags=(FlagCode.TOO_FAST,)).waits_for_photos()
    assert FlagCode.COPIED_TEXT not in OF_PHOTOS


def test_the_sample_is_a_share_that_the_key_draws() -> None:
    ids = [f"a{number}.1.r1" for number in range(2000)]
    drawn = {one for one in ids if approvals.chance(one, "key") < 0.1}
    assert 0.07 < len(drawn) / len(ids) < 0.13
    assert drawn == {one for one in ids if approvals.chance(one, "key") < 0.1}
    assert drawn != {one for one in ids if approvals.chance(one, "another") < 0.1}
