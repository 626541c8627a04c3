"""The rules in five groups with names, as a student sees how far they are. Pure."""

from collections.abc import Mapping, Set
from typing import Literal, get_args

from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.rules import Group, find_rule

GroupState = Literal["open", "broken", "holds"]
"""Something of it is not judged yet; or something does not hold; or all does."""

GROUPS: tuple[Group, ...] = get_args(Group)
"""In the order in which they are shown."""

ALL_OPEN: Mapping[Group, GroupState] = dict.fromkeys(GROUPS, "open")


def group_rules(
    assessment: Assessment,
    broken: Set[str],
    noticed: Set[str],
    excused: Set[str] = frozenset(),
    before: Mapping[Group, GroupState] = ALL_OPEN,
) -> Mapping[Group, GroupState]:
    """How each group stands, in the order of GROUPS.

    `broken` are the rules that do not hold in this frame, and `noticed` those of them that have not
    for long enough to be spoken of: for the others a group stays as it stood `before`, or it would
    flash with every blink. `excused` are rules that need not hold. What is not judged leaves its
    group open, unless a photo may do without it and all that can be judged was.
    """
    binding = [rule for rule in assessment.rules if rule.binds and rule.id not in excused]

    def state(group: Group) -> GroupState:
        rules = [rule for rule in binding if find_rule(rule.id).group == group]
        if any(rule.id in noticed for rule in rules):
            return "broken"
        if any(rule.id in broken for rule in rules):
            return before[group]
        return "open" if any(is_open(rule, assessment) for rule in rules) else "holds"

    return {group: state(group) for group in GROUPS}


def is_open(rule: RuleResult, assessment: Assessment) -> bool:
    """Whether a rule that binds has yet to be judged."""
    return rule.ok is None and (rule.force == "required" or not assessment.complete)
