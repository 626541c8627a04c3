"""How students are, and what becomes of their visits: the twin's student at the visit's machine.

The face is measured by plain geometry, so that a visit of minutes takes a fraction of a second.
"""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pygame
import pytest

from kiosk import visit as v
from kiosk.display.shown import Shown, Target
from kiosk.pipeline.assessment import Assessment
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.judge.measures import GAZE_AT_REST, GAZE_SEEN
from kiosk.pipeline.judge.steady import Steady, smooth
from kiosk.pipeline.observation import Face, Glasses, Observation, Skin
from kiosk.pipeline.specification import specification
from kiosk.twin.script import Script, read_script, visit_script
from kiosk.twin.student import Scan, SimulatedStudent
from kiosk.twin.wires import Posture, Wires
from protocol.student import Student as Registered

POSES = ("neutral", "yaw_15", "roll_6", "eyes_closed", "gaze_left", "smile")
WIDTH, HEIGHT = 480, 640
TICK = 1 / 12
LONGEST = 400.0
"""Seconds: more than all of the booth's patience."""

LIN = Registered("r1", "林小雨", "2022001", "10000", "示范大学", "文学院")


def judged(posture: Posture) -> Assessment:
    """What perfect models would find of a posture, under lamps that are even."""
    if not posture.present or abs(posture.dx) > 0.6:
        return judge(Observation(WIDTH, HEIGHT, 0, None), specification())
    middle, half = (0.5 + posture.dx) * WIDTH, 0.2 * posture.scale * WIDTH
    eyes = (0.4 + posture.dy) * HEIGHT
    angles = {"yaw": 0.0, "roll": 0.0}
    axis, _, degrees = posture.pose.partition("_")
    if axis in angles:
        angles[axis] = float(degrees)
    lids = 0.0 if posture.pose == "eyes_closed" else 0.14
    face = Face(
        eye_left=(middle + half / 2, eyes),
        eye_right=(middle - half / 2, eyes),
        cheek_left=(middle + half, eyes),
        cheek_right=(middle - half, eyes),
        chin=(middle, eyes + 2 * half),
        eye_distance=half,
        yaw=angles["yaw"],
        pitch=0.0,
        roll=angles["roll"],
        # Eyes that look into the lens, as the mesh sees them.
        gaze_aside=GAZE_AT_REST - GAZE_SEEN * angles["yaw"],
        gaze_up=14.0,
        lid_opening_left=lids,
        lid_opening_right=lids,
        lip_gap=0.2 if posture.pose == "smile" else 0.0,
        smile=0.9 if posture.pose == "smile" else 0.0,
    )
    skin = Skin(
        light_picture_left=0.4,
        light_picture_right=0.4,
        shine=0.0,
        shadow=0.6,
        clipped=0.0,
        crushed=0.0,
        white=0.8,
        red_eye=0.0,
        sharpness=0.6,
        red_over_green=0.7,
        red_over_blue=1.1,
        colour_variety=0.05,
        colour_aside=0.0,
    )
    faces = 1 + (posture.second > 0.5)
    glasses = Glasses(rim=0.0, transmission=0.9, mirrored=0.0)
    seen = Observation(WIDTH, HEIGHT, faces, face, skin, glasses=glasses)
    return judge(seen, specification())


# ---- the screen, as far as a student acts on it ----

BUTTONS: dict[v.Stage, tuple[v.Button, ...]] = {
    v.Stage.IDLE: ("start",),
    v.Stage.CONSENT: ("decline", "agree"),
    v.Stage.SCAN: ("cancel",),
    v.Stage.CONFIRM: ("no", "yes"),
    v.Stage.CHECKLIST: ("cancel", "ready"),
    v.Stage.REVIEW: ("cancel", "retake", "approve"),
    v.Stage.DONE: ("close",),
    v.Stage.TURNED_AWAY: ("close",),
}


def screen(visit: v.Visit, at: float) -> Shown:
    """What stands on the visit's screen, by name; its buttons beside each other."""
    buttons, phrases = BUTTONS.get(visit.stage, ()), {f"{visit.stage.value}.title"}
    if visit.stage is v.Stage.GUIDE:
        said = visit.saying
        phrases = set() if said.name == "mend" else {f"guide.{said.name}"}
        if said.instruction is not None:
            phrases.add(v.told(said.instruction).phrase)
        helping: tuple[v.Button, ...] = ("staffed", "go_on")
        waive: tuple[v.Button, ...] = ("as_it_is",) if visit.may_waive else ()
        buttons = (*waive, *helping) if visit.helping(at) else ("cancel",)
    if visit.away(at):
        buttons, phrases = (), {"away.title"}
    if visit.asking_leave:
        buttons, phrases = ("leave", "stay"), {"leave.title"}
    targets = (
        Target(pygame.Rect(100 * number, 0, 80, 80), button)
        for number, button in enumerate(buttons)
    )
    return Shown(targets=tuple(targets), phrases=frozenset(phrases))


@dataclass
class Course:
    """What became of a visit."""

    stages: list[v.Stage] = field(default_factory=list)
    reason: v.Reason | None = None
    instructions: list[v.Instruction] = field(default_factory=list)
    praises: int = 0
    sealed: int = 0
    waived: frozenset[str] = frozenset()
    guided: float = 0.0
    """Seconds from the first instruction to the first shutter, or to the visit's end."""


def course(script: Script, seed: int = 1) -> Course:
    """Run one visit of a student, until the booth is idle again and they are gone."""
    wires = Wires(("room",), POSES, {})
    student = SimulatedStudent(wires, "CODE", script, np.random.default_rng(seed))
    booth, seen, at, timer = v.Visit(), Course(), 0.0, float("inf")
    steady = Steady()
    events: list[v.Event] = []
    while at < LONGEST:
        for action in student.act(booth.stage, screen(booth, at), at):
            if isinstance(action, Scan):
                events.append(v.CodeRead(action.code))
            elif action.button is not None:
                events.append(v.Tapped(action.button))
        if booth.stage is v.Stage.GUIDE:
            steady, found = smooth(steady, judged(wires.posture), at)
            events.append(v.Assessed(found, at))
            seen.guided += TICK if v.Stage.SHUTTER not in seen.stages else 0.0
        elif booth.stage in v.ATTENDED:
            events.append(v.Seen(int(wires.posture.present), at))
        if at >= timer:
            timer = float("inf")
            events.append(v.TimedOut())
        while events:
            before = booth
            booth, effects = v.step(booth, events.pop(0))
            if booth.stage is not before.stage:
                seen.stages.append(booth.stage)
            if booth.instruction is not None and booth.instruction != before.instruction:
                seen.instructions.append(booth.instruction)
            seen.praises += booth.guidance.praising and not before.guidance.praising
            seen.reason = booth.reason or seen.reason
            for effect in effects:
                match effect:
                    case v.Resolve():
                        events.append(v.Admitted(LIN))
                    case v.Watch():
                        steady = Steady()
                    case v.Capture(excused):
                        taken = judged(wires.posture)
                        good = taken.passed_but_for(excused)
                        events.append(v.Captured() if good else v.BurstSpoiled(taken))
                    case v.Standardise():
                        events.append(v.Standardised())
                    case v.Seal(waived=waived):
                        seen.sealed, seen.waived = seen.sealed + 1, waived
                        events.append(v.Sealed())
                    case v.Wait(seconds):
                        timer = at + seconds
                    case v.Forget():
                        timer = float("inf")
        if booth.stage is v.Stage.IDLE and seen.stages and not wires.posture.present:
            return seen
        at += TICK
    pytest.fail(f"the visit never ended: {[stage.value for stage in seen.stages]}")


@cache
def of_temperament(temperament: str, seed: int) -> Course:
    """One visit of a student of a temperament, played once."""
    return course(visit_script(temperament, POSES), seed)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("temperament", ["obedient", "nervous", "contrary", "absent-minded"])
def test_whoever_comes_to_do_as_told_leaves_one_photo(temperament: str, seed: int) -> None:
    seen = of_temperament(temperament, seed)
    assert seen.sealed == 1
    assert seen.waived == frozenset()
    assert seen.stages[-2:] == [v.Stage.DONE, v.Stage.IDLE]
    assert {told.rule for told in seen.instructions} >= {"centred", "roll"}
    assert seen.praises <= 2


def test_the_obedient_are_done_soonest() -> None:
    def guided(temperament: str) -> float:
        return float(np.mean([of_temperament(temperament, seed).guided for seed in range(3)]))

    obedient = guided("obedient")
    assert guided("absent-minded") > 1.3 * obedient
    assert guided("contrary") > 1.3 * obedient


NEVER_RIGHT = "start, agree, scan, confirm, ready, close, ignores instructions"


@pytest.mark.parametrize(
    "words",
    [
        f"comes in, go 200 cm farther, {NEVER_RIGHT}",
        f"comes in, a second person leans in, {NEVER_RIGHT}",
    ],
    ids=["too far away", "never alone"],
)
def test_whoever_cannot_come_right_is_helped_to_the_staffed_place(words: str) -> None:
    seen = course(read_script(words, POSES))
    assert (seen.sealed, seen.reason) == (0, "needs_staff")
    assert v.Stage.SHUTTER not in seen.stages
    assert seen.guided < v.PATIENCE[v.Stage.GUIDE]


def test_who_always_does_the_opposite_is_not_held_for_ever() -> None:
    seen = course(visit_script("stubborn", POSES))
    assert seen.stages[-1] is v.Stage.IDLE
    assert seen.guided <= v.PATIENCE[v.Stage.GUIDE] * 2


def test_who_cannot_close_their_lips_leaves_a_photo_for_staff_to_decide() -> None:
    words = "comes in, smile, start, agree, scan, confirm, ready, approve, close, walks away"
    seen = course(read_script(f"{words}, ignores instructions", POSES))
    assert (seen.sealed, seen.waived) == (1, frozenset({"mouth_closed", "neutral"}))


def test_who_walks_away_is_forgotten_without_a_word() -> None:
    words = "comes in, start, agree, scan, confirm, ready, wait 3 s, walks away"
    seen = course(read_script(words, POSES))
    assert (seen.sealed, seen.reason) == (0, None)
    assert seen.stages[-2:] == [v.Stage.GUIDE, v.Stage.IDLE]


def test_a_second_person_is_sent_away_before_anything_else_is_told() -> None:
    words = "comes in, step 5 cm left, a second person leans in\n"
    words += "start, agree, scan, confirm, ready, approve, close, walks away"
    seen = course(read_script(words, POSES))
    assert seen.instructions[0] == v.Instruction("one_face", "high")
    assert seen.sealed == 1


def test_a_photo_that_is_not_liked_is_taken_again() -> None:
    words = "comes in, start, agree, scan, confirm, ready, retake, approve, close, walks away"
    seen = course(read_script(words, POSES))
    assert seen.stages.count(v.Stage.SHUTTER) == 2
    assert seen.sealed == 1
