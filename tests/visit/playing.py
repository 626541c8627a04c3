"""What the visit's tests play with: a student, what is found in frames, and visits that follow."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from kiosk import visit as v
from kiosk.pipeline.assessment import Assessment, Force, RuleResult, Who
from protocol.schedule import SHANGHAI, Slot
from protocol.student import Student
from protocol.turn import Turn

LIN = Student("r1", "林小雨", "2022001", "10000", "示范大学", "文学院")

BEGINS = datetime(2026, 6, 1, 8, 30, tzinfo=SHANGHAI)
SLOT = Slot(
    place="图书馆一层", starts_at=BEGINS, ends_at=BEGINS + timedelta(hours=1), colleges=("文学院",)
)
EARLY = Turn("early", SLOT, "wait", BEGINS, 90.0)
"""Somebody whose college's time begins in a minute and a half, and who may wait."""

FRAME = 1 / 12
"""Seconds from one frame to the next."""


def rule(
    id: str,
    *,
    ok: bool | None = True,
    good: bool | None = True,
    who: Who = "student",
    force: Force = "required",
    value: float | None = 1.0,
) -> RuleResult:
    """A finding; where it is not good its value lies above the goal."""
    found = None if ok is None else (value if good else 2.0)
    return RuleResult(id, found, ok, good, (1, 1), (0, 2), who, force)


IDLE_LAMPS = v.LampWork()

SIZED = (rule("one_face"), rule("face_size"))


def found(*rules: RuleResult, complete: bool = True) -> Assessment:
    """What is found of one face in its place, and of these rules."""
    return Assessment((*SIZED, *rules), complete)


GOOD = found(rule("roll"))
TILTED = found(rule("roll", good=False))
TOO_TILTED = found(rule("roll", ok=False, good=False))
ASLEEP = found(rule("eyes_open", ok=False, good=False), rule("gaze", ok=False, good=False))
AWAKE = found(rule("eyes_open"), rule("gaze"))
NOBODY = Assessment(
    (
        RuleResult("one_face", 0.0, False, False, (1, 1), (1, 1), "student"),
        RuleResult("face_size", None, None, None, (1, 1), (1, 1), "student"),
    )
)
UNJUDGED = found(rule("roll", ok=None, good=None))


def at(stage: v.Stage) -> v.Visit:
    """A visit of a student that stands at a stage."""
    return v.Visit(stage=stage, student=LIN)


def do(visit: v.Visit, *events: v.Event) -> v.Visit:
    """The visit after these events."""
    for event in events:
        visit, _ = v.step(visit, event)
    return visit


def play(
    *spells: tuple[Assessment, float],
    visit: v.Visit | None = None,
    start: float = 0.0,
    frame: float = FRAME,
    lamps: v.LampWork = IDLE_LAMPS,
) -> list[tuple[float, v.Visit]]:
    """Guide by spells of what is found, each with its seconds, while lamps do this: the visit after
    every frame.

    It ends at the shutter, if it comes to that.
    """
    visit, when = visit or at(v.Stage.GUIDE), start
    course = []
    for assessment, seconds in spells:
        for _ in range(round(seconds / frame)):
            visit, _ = v.step(visit, v.Assessed(assessment, when, lamps=lamps))
            course.append((when, visit))
            if visit.stage is not v.Stage.GUIDE:
                return course
            when += frame
    return course


def guided(*spells: tuple[Assessment, float], visit: v.Visit | None = None) -> v.Visit:
    """The visit after all these spells."""
    return play(*spells, visit=visit)[-1][1]


def sayings(course: Iterable[tuple[float, v.Visit]]) -> list[str]:
    """What was said, in order: the name, and the rule of an instruction."""
    said: list[str] = []
    for _, visit in course:
        if visit.stage is not v.Stage.GUIDE:
            continue
        saying = visit.saying
        told = "" if saying.instruction is None else f" {saying.instruction.rule}"
        if not said or said[-1] != saying.name + told:
            said.append(saying.name + told)
    return said
