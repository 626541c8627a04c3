"""One made-up guidance for every thing that the guide can say."""

from collections.abc import Iterator
from dataclasses import replace

from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.groups import group_rules
from kiosk.pipeline.judge.rules import RULES, Side
from kiosk.visit import Guidance, Head, Instruction, Saying
from kiosk.visit.tempo import COUNT, HOLD, OFFER_HELP, SHOW_OTHERWISE

HEAD = Head(x=0.53, y=0.42, width=0.33, roll=2.0)


def guided(at: float) -> Iterator[tuple[str, Guidance]]:
    """A name and a guidance for each, as at monotonic seconds."""
    yield "sit", Guidance()
    yield "again", Guidance(saying=Saying("again", Instruction("eyes_open", "low")))
    fine = _guidance(at, make_assessment())
    for name in ("come_back", "show_face", "lamps", "lamps_glasses", "lamps_skin", "checking"):
        yield name, replace(fine, saying=Saying(name))
    for rule in RULES:
        for side in rule.told_sides:
            name = f"{rule.id}-{side}" if len(rule.told_sides) > 1 else rule.id
            yield name, tell(at, Instruction(rule.id, side))
        for way in rule.ways:
            yield f"{rule.id}-{way}", tell(at, Instruction(rule.id, "high", way=way))
    yield "mended", replace(fine, saying=Saying("mended", Instruction("mouth_closed", "high")))
    told = tell(at, Instruction("brows_clear", "low", "ears_visible"))
    yield "both_hair", told
    told = tell(at, Instruction("mouth_covered", "high", "eye_covered"))
    yield "face_covered", told
    told = tell(at, Instruction("bareheaded", "low"))
    yield "another_way", replace(told, told_for={"bareheaded": SHOW_OTHERWISE + 1})
    yield "help", replace(told, told_for={"bareheaded": OFFER_HELP + 1})
    told = tell(at, Instruction("one_face", "high"))
    yield "help-no_waiver", replace(told, told_for={"one_face": OFFER_HELP + 1})
    yield "hold", replace(fine, saying=Saying("hold"), held_since=at - 0.6 * HOLD)
    for number in (3, 2, 1):
        since = at - HOLD - (3.4 - number) * COUNT
        yield f"count-{number}", replace(fine, saying=Saying("count"), held_since=since)


def tell(at: float, instruction: Instruction) -> Guidance:
    """The guidance in which a student has just been told an instruction."""
    assessment = make_assessment(instruction.rule, instruction.direction)
    return replace(
        _guidance(at, assessment), saying=Saying("mend", instruction), stuck_on=instruction.rule
    )


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


def _guidance(at: float, assessment: Assessment) -> Guidance:
    broken = {rule.id for rule in assessment.rules if rule.ok is False}
    return Guidance(
        assessment=assessment,
        groups=group_rules(assessment, broken, broken),
        head=HEAD,
        judged_at=at,
        began=at - 5,
        saying_since=at - 1,
    )
