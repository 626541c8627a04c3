"""Steadiness: each rule's value is smoothed over time, and a rule that held is left to waver, so
that a student is not nagged.

Pure: a `Steady` and an assessment give the next `Steady`, and the assessment that counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import median

from kiosk.pipeline.assessment import Assessment
from kiosk.pipeline.judge.judge import within
from kiosk.pipeline.specification import Bounds

SPAN = 0.25
"""Seconds of which the median is taken: longer than the mesh's jitter, shorter than a blink and an
instruction's answer."""

TimedValue = tuple[float, float]
"""When, s, and what value."""


@dataclass(frozen=True, slots=True)
class Steady:
    """What is kept from frame to frame, rule by rule."""

    recent: Mapping[str, tuple[TimedValue, ...]] = field(default_factory=dict)
    """The values of the last SPAN seconds."""
    held: frozenset[str] = frozenset()
    """Rules that were good a frame ago."""


def smooth(steady: Steady, assessment: Assessment, at: float) -> tuple[Steady, Assessment]:
    """Smooth a frame's assessment, taken at `at` s, over those before it.

    What cannot be seen in this frame is not judged, whatever was seen before.
    """
    recent: dict[str, tuple[TimedValue, ...]] = {}
    rules = []
    for rule in assessment.rules:
        if rule.value is None or rule.goal is None or rule.limit is None:
            rules.append(rule)
            continue
        before = steady.recent.get(rule.id, ())
        kept = tuple((time, value) for time, value in before if 0 <= at - time < SPAN)
        recent[rule.id] = (*kept, (at, rule.value))
        value = median(value for _, value in recent[rule.id])
        held = rule.id in steady.held
        goal = widened_goal(rule.goal, rule.limit) if held else rule.goal
        ok, good = within(value, rule.limit), within(value, goal)
        rules.append(replace(rule, value=value, ok=ok, good=good))
    now_held = frozenset(rule.id for rule in rules if rule.good)
    return Steady(recent, now_held), Assessment(tuple(rules), assessment.complete)


def widened_goal(goal: Bounds, limit: Bounds) -> Bounds:
    """The goal of a value that was within it: wider by half of the way to the limit."""
    return (goal[0] + limit[0]) / 2, (goal[1] + limit[1]) / 2
