"""The rules in five groups with names, as a student sees how far they are. Pure."""

from collections.abc import Mapping
from typing import Literal, get_args

from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.rules import Group, find_rule

GroupState = Literal["open", "broken", "holds"]
"""Something of it is not judged yet; or something is as good as it must not be; or all holds."""

GROUPS: tuple[Group, ...] = get_args(Group)
"""In the order in which they are shown."""


def group_rules(
    assessment: Assessment | None, excused: frozenset[str] = frozenset()
) -> Mapping[Group, GroupState]:
    """How each group stands, in the order of GROUPS; all are open where nothing was judged.

    `excused` are the rules that need not hold. A rule that is unjudged because this booth has no
    model for it leaves its group open only until the assessment is complete.
    """
    if assessment is None:
        return dict.fromkeys(GROUPS, "open")
    binding = [rule for rule in assessment.rules if rule.binds and rule.id not in excused]
    return {
        group: _state([rule for rule in binding if find_rule(rule.id).group == group], assessment)
        for group in GROUPS
    }


def _state(rules: list[RuleResult], assessment: Assessment) -> GroupState:
    if any(rule.good is False for rule in rules):
        return "broken"
    unjudged = [rule for rule in rules if rule.good is None]
    if any(rule.force == "required" or not assessment.complete for rule in unjudged):
        return "open"
    return "holds"
