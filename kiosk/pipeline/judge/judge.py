"""Judging: an observation against the specification. Pure, so that it can be replayed."""

from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.rules import RULES, Rule
from kiosk.pipeline.observation import Observation
from kiosk.pipeline.specification import Bounds, RuleBounds, Specification


def judge(observation: Observation, specification: Specification) -> Assessment:
    """Hold every rule against an observation; a rule without a value is "not judged"."""
    return Assessment(
        tuple(_apply(rule, specification.rules[rule.id], observation) for rule in RULES)
    )


def _apply(rule: Rule, bounds: RuleBounds, observation: Observation) -> RuleResult:
    value = rule.measure(observation)
    return RuleResult(
        id=rule.id,
        value=value,
        ok=_is_within(value, bounds.limit),
        good=_is_within(value, bounds.goal),
        goal=bounds.goal,
        limit=bounds.limit,
        who=rule.who,
        force=rule.force,
    )


def _is_within(value: float | None, bounds: Bounds | None) -> bool | None:
    """Whether a value lies in its bounds; None where either is missing."""
    return None if value is None or bounds is None else within(value, bounds)


def within(value: float, bounds: Bounds) -> bool:
    """Whether a value lies in its bounds, ends included."""
    return bounds[0] <= value <= bounds[1]
