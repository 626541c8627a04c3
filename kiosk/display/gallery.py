"""One made-up state for every screen there is: of every stage, reason, fault and rule told."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from kiosk.camera.frame import Picture
from kiosk.display.state import BoothLabels, ScreenState
from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.rules import RULES, Side
from kiosk.visit import BLOCKED, HOLD, Instruction, Reason, Stage, Visit
from kiosk.words import USUAL_LANGUAGES, Languages
from protocol.student import Student

STUDENT = Student("r-0001", "张小雨", "202012345678", "10000", "示范大学", "计算机科学与技术学院")

SHOWN_AT = 0.8
"""The moment shown, in seconds."""


def screen_states(
    picture: Picture, languages: Languages = USUAL_LANGUAGES
) -> Iterator[tuple[str, ScreenState]]:
    """A name and a state for every screen; `picture` stands for preview and photo."""
    booth = BoothLabels("示范大学", "010-0000-0000", "8:30–17:00", "1", languages)
    empty = ScreenState(Visit(), SHOWN_AT, None, None, booth)
    visiting = replace(empty, preview=picture, photo=picture)
    for stage in Stage:
        if stage in (Stage.IDLE, Stage.RESOLVING):
            yield stage.value, replace(empty, visit=Visit(stage))
        elif stage is Stage.GUIDE:
            for name, visit in _guided_visits(Visit(stage, STUDENT)):
                yield f"{stage.value}-{name}", replace(visiting, visit=visit)
        elif stage is Stage.TURNED_AWAY:
            for reason in get_args(Reason):
                yield f"{stage.value}-{reason}", replace(empty, visit=Visit(stage, reason=reason))
        else:
            yield stage.value, replace(visiting, visit=Visit(stage, STUDENT))
    for fault, stages in BLOCKED.items():
        # All but the guide show a fault alike.
        for stage in sorted(stages & {Stage.IDLE, Stage.GUIDE}, key=lambda stage: stage.value):
            visit = Visit(stage, faults=frozenset({fault}))
            yield f"fault-{fault}-{stage.value}", replace(empty, visit=visit)


def make_assessment(broken: str = "", side: Side = "low") -> Assessment:
    """An assessment in which all measured rules hold, or all but one."""
    results = []
    for rule in RULES:
        if rule.force == "asked":
            results.append(RuleResult(rule.id, None, None, None, None, None, rule.who, rule.force))
            continue
        holds = rule.id != broken
        value = 0.0 if holds else (-1.0 if side == "low" else 1.0)
        results.append(
            RuleResult(rule.id, value, holds, holds, (0, 0), (0, 0), rule.who, rule.force)
        )
    return Assessment(tuple(results))


def _guided_visits(visit: Visit) -> Iterator[tuple[str, Visit]]:
    """A visit for each thing that the guide can say."""
    yield "begin", visit
    for rule in RULES:
        for side in rule.told_sides:
            name = f"{rule.id}-{side}" if len(rule.told_sides) > 1 else rule.id
            assessment = make_assessment(rule.id, side)
            yield name, _instruct(visit, assessment, lamps_failed=False)
            if rule.who == "lamps":
                yield f"{name}-unmended", _instruct(visit, assessment, lamps_failed=True)
    yield "hold", replace(visit, assessment=make_assessment(), held_since=SHOWN_AT - 0.7 * HOLD)


def _instruct(visit: Visit, assessment: Assessment, *, lamps_failed: bool) -> Visit:
    worst = assessment.worst(lamps_failed=lamps_failed)
    told = Instruction(worst.id, worst.direction) if worst else None
    return replace(visit, assessment=assessment, instruction=told)
