"""One made-up state for every screen there is: of every stage, reason, fault and rule told."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from kiosk.camera.frame import Picture
from kiosk.display.monitor import Monitor
from kiosk.display.state import BoothLabels, ScreenState
from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.rules import RULES, Side
from kiosk.visit import (
    BLOCKED,
    Guidance,
    Instruction,
    Presence,
    Reason,
    Saying,
    Stage,
    UnreadCode,
    Visit,
)
from kiosk.words import USUAL_LANGUAGES, Languages
from protocol.student import Student

STUDENT = Student("r-0001", "张小雨", "202012345678", "10000", "示范大学", "计算机科学与技术学院")

SHOWN_AT = 100.0
"""The moment shown, in seconds."""

MONITOR = Monitor((720, 1280), 7.0, 0.6)

Named = tuple[str, ScreenState]


def screen_states(
    picture: Picture, languages: Languages = USUAL_LANGUAGES, monitor: Monitor = MONITOR
) -> Iterator[Named]:
    """A name and a state for every screen; `picture` stands for preview and photos."""
    booth = BoothLabels(
        "示范大学", "010-0000-0000", "8:30–17:00", "1", languages, "https://photo.example.edu/s/"
    )
    empty = ScreenState(Visit(), SHOWN_AT, None, (), booth, monitor)
    visiting = replace(empty, preview=picture, photos=(picture,))
    yield from _before(empty)
    yield from _while(visiting)
    yield from _after(empty)
    yield from _faults(empty)


def _before(empty: ScreenState) -> Iterator[Named]:
    yield "idle", empty
    yield "consent", replace(empty, visit=Visit(Stage.CONSENT))
    scanning = replace(empty, visit=Visit(Stage.SCAN))
    yield "scan", scanning
    yield "scan-reader_out", replace(scanning, reader_faces="out", camera_reads=True)
    for kind in get_args(UnreadCode):
        yield f"scan-{kind}", replace(scanning, visit=Visit(Stage.SCAN, unread=kind))
    yield "scan-ending", replace(scanning, remaining=6.0)
    yield "resolving", replace(empty, visit=Visit(Stage.RESOLVING))


def _while(visiting: ScreenState) -> Iterator[Named]:
    def show(stage: Stage, **fields: object) -> ScreenState:
        return replace(visiting, visit=replace(Visit(stage, student=STUDENT), **fields))

    yield "confirm", show(Stage.CONFIRM)
    yield "confirm-again", show(Stage.CONFIRM, back_to=Stage.REVIEW)
    yield "checklist", show(Stage.CHECKLIST)
    yield "checklist-standing", replace(show(Stage.CHECKLIST), seated=False)
    yield "checklist-leave", show(Stage.CHECKLIST, asking_leave=True)
    gone = Presence(seen=True, missing_since=SHOWN_AT - 4)
    yield "checklist-away", show(Stage.CHECKLIST, presence=gone)
    for name, guidance in guided():
        yield f"guide-{name}", show(Stage.GUIDE, guidance=guidance)
    yield "shutter", show(Stage.SHUTTER)
    yield "standardising", show(Stage.STANDARDISING)
    yield "review", show(Stage.REVIEW, photos=1)
    three = show(Stage.REVIEW, photos=3, chosen=1)
    three = replace(three, photos=visiting.photos * 3)
    yield "review-three", three
    yield "review-for_staff", show(Stage.REVIEW, photos=1, waived=frozenset({"bareheaded"}))
    yield "review-leave", show(Stage.REVIEW, photos=1, asking_leave=True)
    yield "saving", show(Stage.SAVING, photos=1)


def _after(empty: ScreenState) -> Iterator[Named]:
    yield "done", replace(empty, visit=Visit(Stage.DONE, submission="7K4M-2Q9T"))
    for reason in get_args(Reason):
        visit = Visit(Stage.TURNED_AWAY, reason=reason)
        yield f"turned_away-{reason}", replace(empty, visit=visit)


def _faults(empty: ScreenState) -> Iterator[Named]:
    for fault, stages in BLOCKED.items():
        # All but these show a fault alike.
        for stage in sorted(
            stages & {Stage.IDLE, Stage.SCAN, Stage.GUIDE}, key=lambda stage: stage.value
        ):
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


def guided() -> Iterator[tuple[str, Guidance]]:
    """The guidance for each thing that the guide can say."""
    yield "sit", Guidance()
    began = Guidance(began=SHOWN_AT - 5, assessment=make_assessment())
    for name in ("come_back", "lamps", "checking"):
        yield name, replace(began, saying=Saying(name))
    for rule in RULES:
        for side in rule.told_sides:
            name = f"{rule.id}-{side}" if len(rule.told_sides) > 1 else rule.id
            saying = Saying("mend", Instruction(rule.id, side))
            yield (
                name,
                replace(
                    began,
                    assessment=make_assessment(rule.id, side),
                    saying=saying,
                    stuck_on=rule.id,
                    stuck_since=SHOWN_AT - 2,
                ),
            )
    yield "hold", replace(began, saying=Saying("hold"), held_since=SHOWN_AT - 0.6)
    for number, since in ((3, 1.2), (2, 2.0), (1, 2.8)):
        count = replace(began, saying=Saying("count"), held_since=SHOWN_AT - since)
        yield f"count-{number}", count
