"""How students are, and what becomes of their visits: the twin's student at the visit's machine.

The face is measured by plain geometry, so that a visit of minutes takes a fraction of a second.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest

from kiosk import visit as v
from kiosk.pipeline.assessment import Assessment
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.judge.rules import GAZE_AT_REST, GAZE_SEEN
from kiosk.pipeline.observation import Face, Glasses, Observation, Skin
from kiosk.pipeline.specification import specification
from kiosk.twin.script import Script, Tap, read_script, visit_script
from kiosk.twin.student import SimulatedStudent
from kiosk.twin.wires import Posture, Wires
from protocol.student import Student as Registered

POSES = ("neutral", "yaw_15", "roll_6", "eyes_closed", "gaze_left", "smile")
WIDTH, HEIGHT = 480, 640
TICK = 1 / 30
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
    )
    faces = 1 + (posture.second > 0.5)
    glasses = Glasses(rim=0.0, transmission=0.9, mirrored=0.0)
    seen = Observation(WIDTH, HEIGHT, faces, face, skin, glasses=glasses)
    return judge(seen, specification())


@dataclass
class Course:
    """What became of a visit."""

    stages: list[v.Stage] = field(default_factory=list)
    reason: v.Reason | None = None
    instructions: list[v.Instruction] = field(default_factory=list)
    sealed: int = 0
    guided: float = 0.0
    """Seconds from the first instruction to the first shutter, or to the visit's end."""


def course(script: Script, seed: int = 1) -> Course:
    """Run one visit of a student, until the booth is idle again and they are gone."""
    wires = Wires(("room",), POSES, {})
    student = SimulatedStudent(wires, "CODE", script, np.random.default_rng(seed))
    booth, seen, at, timer = v.Visit(), Course(), 0.0, float("inf")
    events: list[v.Event] = []
    while at < LONGEST:
        for action in student.act(booth.stage, booth.instruction, at):
            events.append(v.Tapped(action.button) if isinstance(action, Tap) else
                          v.CodeRead(action.code))  # fmt: skip
        if booth.stage is v.Stage.GUIDE:
            events.append(v.Assessed(judged(wires.posture), at))
            seen.guided += TICK if v.Stage.SHUTTER not in seen.stages else 0.0
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
            seen.reason = booth.reason or seen.reason
            for effect in effects:
                match effect:
                    case v.Resolve():
                        events.append(v.Admitted(LIN))
                    case v.Capture():
                        good = judged(wires.posture).passed
                        events.append(v.Captured() if good else v.BurstSpoiled())
                    case v.Standardise():
                        events.append(v.Standardised())
                    case v.Seal():
                        seen.sealed += 1
                        events.append(v.Sealed())
                    case v.Wait(seconds):
                        timer = at + seconds
                    case v.Forget():
                        timer = float("inf")
        if booth.stage is v.Stage.IDLE and seen.stages and not wires.posture.present:
            return seen
        at += TICK
    pytest.fail(f"the visit never ended: {[stage.value for stage in seen.stages]}")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("temperament", ["obedient", "nervous", "contrary", "absent-minded"])
def test_whoever_comes_to_do_as_told_leaves_one_photo(temperament: str, seed: int) -> None:
    seen = course(visit_script(temperament, POSES), seed)
    assert seen.sealed == 1
    assert seen.stages[-2:] == [v.Stage.DONE, v.Stage.IDLE]
    assert {told.rule for told in seen.instructions} >= {"centred", "roll"}


def test_the_obedient_are_done_soonest() -> None:
    def guided(temperament: str) -> float:
        return float(
            np.mean([course(visit_script(temperament, POSES), seed).guided for seed in range(8)])
        )

    obedient = guided("obedient")
    assert guided("absent-minded") > 1.5 * obedient
    assert guided("contrary") > 1.5 * obedient


@pytest.mark.parametrize(
    "script",
    [
        visit_script("stubborn", POSES),
        read_script(
            "comes in, go 200 cm farther, scan, confirm, agree, ready, ignores instructions", POSES
        ),
        read_script(
            "comes in, scan, confirm, agree, ready, walks away, ignores instructions", POSES
        ),
        read_script(
            "comes in, a second person leans in, scan, confirm, agree, ready, ignores instructions",
            POSES,
        ),
    ],
    ids=["stubborn", "too far away", "walks away", "never alone"],
)
def test_whoever_never_comes_right_is_let_go_without_a_photo(script: Script) -> None:
    seen = course(script)
    assert seen.sealed == 0
    assert seen.reason == "no_answer"
    assert seen.stages[-2:] == [v.Stage.TURNED_AWAY, v.Stage.IDLE]
    assert v.Stage.SHUTTER not in seen.stages
    assert seen.guided == pytest.approx(v.PATIENCE[v.Stage.GUIDE], abs=0.5)


def test_a_second_person_is_sent_away_before_anything_else_is_told() -> None:
    script = read_script("comes in, step 5 cm left, a second person leans in\n"
                  "scan, confirm, agree, ready, approve, close, walks away", POSES)  # fmt: skip
    seen = course(script)
    assert seen.instructions[0] == v.Instruction("one_face", "high")
    assert seen.sealed == 1


def test_a_photo_that_is_not_liked_is_taken_again() -> None:
    words = "comes in, scan, confirm, agree, ready, retake, approve, close, walks away"
    seen = course(read_script(words, POSES))
    assert seen.stages.count(v.Stage.SHUTTER) == 2
    assert seen.sealed == 1
