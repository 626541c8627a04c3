"""Judging: an observation against the specification. Pure, so that it can be replayed."""

from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.rules import RULES, Rule
from kiosk.pipeline.observation import Observation
from kiosk.pipeline.specification import Bounds, RuleBounds, Specification


def judge(observation: Observation, specification: Specification) -> Assessment:
    """Say of every rule whether it holds; a rule whose value is missing is "not judged"."""
    return Assessment(
        tuple(_apply(rule, specification.rules[rule.id], observation) for rule in RULES)
    )


def _apply(rule: Rule, bounds: RuleBounds, observation: Observation) -> RuleResult:
    value = rule.measure(observation)
    return RuleResult(
        id=rule.id,
        value=value,
        ok=None if value is None else within(value, bounds.limit),
        good=None if value is None else within(value, bounds.goal),
        goal=bounds.goal,
        limit=bounds.limit,
        who=rule.who,
        force=rule.force,
    )


def within(value: float, bounds: Bounds) -> bool:
    """Say whether a value lies in its bounds, ends included."""
    return bounds[0] <= value <= bounds[1]
