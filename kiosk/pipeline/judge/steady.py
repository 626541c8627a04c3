"""Time: values are smoothed, and what has held is left to waver, so that a student is not nagged.

Pure: a `Steady` and an assessment give the next `Steady`, and the assessment that counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import median

from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.judge import within
from kiosk.pipeline.specification import Bounds

SPAN = 0.25
"""Seconds of which the median is taken: longer than the mesh's jitter, shorter than a blink and an
instruction's answer."""

Seen = tuple[float, float]
"""When, s, and what value."""


@dataclass(frozen=True, slots=True)
class Steady:
    """What is kept from frame to frame, rule by rule."""

    seen: Mapping[str, tuple[Seen, ...]] = field(default_factory=dict)
    """The values of the last SPAN seconds."""
    held: frozenset[str] = frozenset()
    """Rules that were good a frame ago."""


def follow(steady: Steady, assessment: Assessment, at: float) -> tuple[Steady, Assessment]:
    """Take in a frame's assessment, `at` s; what could not be seen is not judged, at once."""
    seen: dict[str, tuple[Seen, ...]] = {}
    rules = []
    for rule in assessment.rules:
        if rule.value is None:
            rules.append(rule)
            continue
        recent = tuple(s for s in steady.seen.get(rule.id, ()) if 0 <= at - s[0] < SPAN)
        seen[rule.id] = (*recent, (at, rule.value))
        rules.append(_judged(rule, median(v for _, v in seen[rule.id]), rule.id in steady.held))
    held = frozenset(rule.id for rule in rules if rule.good)
    return Steady(seen, held), Assessment(tuple(rules))


def _judged(rule: RuleResult, value: float, held: bool) -> RuleResult:
    goal = wavering(rule.goal, rule.limit) if held else rule.goal
    return replace(rule, value=value, ok=within(value, rule.limit), good=within(value, goal))


def wavering(goal: Bounds, limit: Bounds) -> Bounds:
    """Give the bounds within which a value that held still holds: half of the way to the limit."""
    return (goal[0] + limit[0]) / 2, (goal[1] + limit[1]) / 2
