from dataclasses import replace

import numpy as np
import pytest

from kiosk.reader import Heard
from kiosk.reader.wedge import WedgeReader
from kiosk.twin.script import (
    ASPECT,
    CENTIMETRE,
    EYES_TO_CAMERA_CM,
    Leave,
    Manner,
    Script,
    Step,
    Tap,
    visit_script,
)
from kiosk.twin.student import MOVE_SECONDS, Action, Scan, SimulatedStudent, follow_instruction
from kiosk.twin.wires import AWAY, Posture, Wires
from kiosk.visit import Button, Instruction, Stage

POSES = ("neutral", "yaw_15", "roll_6", "eyes_closed", "smile")
OBEDIENT = visit_script("obedient", POSES)
CALM = replace(OBEDIENT, manner=Manner(blinks=None))
CROOKED = Posture(
    "roll_6",
    dx=5 * CENTIMETRE,
    dy=1.4 * CENTIMETRE * ASPECT,
    scale=EYES_TO_CAMERA_CM / (EYES_TO_CAMERA_CM + 92),
)
TICK = 1 / 30


class Booth:
    """Calls a student 30 times a second and keeps what they did."""

    def __init__(
        self, script: Script = CALM, seed: int = 1, poses: tuple[str, ...] = POSES
    ) -> None:
        self.wires = Wires(("room",), poses, {})
        self.student = SimulatedStudent(self.wires, "CODE-123", script, np.random.default_rng(seed))
        self.at = 50.0
        self.postures: list[Posture] = []

    def show(
        self, stage: Stage, seconds: float, instruction: Instruction | None = None
    ) -> list[tuple[Action, float]]:
        done: list[tuple[Action, float]] = []
        for _ in range(round(seconds / TICK)):
            done += [(a, self.at) for a in self.student.act(stage, instruction, self.at)]
            self.postures.append(self.wires.posture)
            self.at += TICK
        return done


def coming() -> Booth:
    booth = Booth()
    booth.show(Stage.IDLE, 4)
    return booth


def test_a_student_walks_up_crooked_and_scans_the_code() -> None:
    booth = Booth()
    done = booth.show(Stage.IDLE, 4)
    assert booth.postures[0] == AWAY
    assert booth.wires.posture == CROOKED
    assert [action.code for action, _ in done if isinstance(action, Scan)] == ["CODE-123"]
    steps = np.abs(np.diff([p.dx for p in booth.postures if p.present]))
    assert steps.max() < 0.15


def test_the_code_is_typed_as_a_scanner_types() -> None:
    (scan, at), *_ = Booth().show(Stage.IDLE, 4)
    assert isinstance(scan, Scan)
    assert scan.keys[-1][0] == "\r"
    assert scan.keys[0][1] > at
    wedge = WedgeReader()
    assert not any(wedge.listen(Heard((key,), None, key[1])) for key in scan.keys)
    assert wedge.listen(Heard((), None, scan.keys[-1][1] + 1)) == "CODE-123"


@pytest.mark.parametrize(
    ("stage", "button"),
    [
        (Stage.CONFIRM, "yes"),
        (Stage.CONSENT, "agree"),
        (Stage.CHECKLIST, "ready"),
        (Stage.REVIEW, "approve"),
        (Stage.DONE, "close"),
        (Stage.TURNED_AWAY, "close"),
    ],
)
def test_a_student_taps_what_leads_on_once_and_after_a_while(stage: Stage, button: Button) -> None:
    booth = coming()
    began = booth.at
    done = booth.show(stage, 8)
    assert [action for action, _ in done] == [Tap(button)]
    assert done[0][1] - began > 0.3


def test_a_student_whose_visit_is_over_walks_away() -> None:
    booth = coming()
    booth.show(Stage.DONE, 5)
    assert not booth.wires.posture.present
    going = [p.dx for p in booth.postures if p.present]
    assert going[-1] < -1


def test_nothing_is_done_on_a_screen_that_asks_nothing() -> None:
    booth = coming()
    for stage in (Stage.RESOLVING, Stage.GUIDE, Stage.SHUTTER, Stage.STANDARDISING, Stage.SAVING):
        assert booth.show(stage, 3) == []
        assert booth.wires.posture == CROOKED


def test_an_instruction_is_answered_after_a_reaction_time() -> None:
    reactions = []
    for seed in range(60):
        booth = Booth(seed=seed)
        booth.show(Stage.IDLE, 4)
        began = booth.at
        while booth.wires.posture == CROOKED:
            booth.show(Stage.GUIDE, TICK, Instruction("face_size", "low"))
        reactions.append(booth.at - began)
    assert np.mean(reactions) == pytest.approx(1.2, abs=0.2)
    assert np.std(reactions) == pytest.approx(0.4, abs=0.15)


def told(posture: Posture) -> Instruction | None:
    """What the screen says of a posture: a stand-in for the rules, in their order."""
    if posture.scale < 0.65:
        return Instruction("face_size", "low")
    if abs(posture.dx) > 0.08:
        return Instruction("centred", "low" if posture.dx < 0 else "high")
    if posture.pose == "roll_6":
        return Instruction("roll", "high")
    return None


def guided(booth: Booth, seconds: float) -> None:
    """Guide a student for a while by what is told of them."""
    for _ in range(round(seconds / TICK)):
        booth.show(Stage.GUIDE, TICK, told(booth.wires.posture))


def test_step_by_step_a_crooked_student_comes_right() -> None:
    booth = coming()
    guided(booth, 12)
    posture = booth.wires.posture
    assert posture.pose == "neutral"
    assert posture.scale == pytest.approx(1, abs=0.12)
    assert posture.dx == pytest.approx(0, abs=0.05)


def test_a_student_goes_where_they_are_told_be_it_wrong() -> None:
    rng = np.random.default_rng(0)
    start = Posture(dx=0.1, scale=0.8)
    wrong = follow_instruction(start, Instruction("centred", "low"), POSES, rng)
    assert wrong.dx > 0.15
    assert follow_instruction(start, Instruction("centred", "high"), POSES, rng).dx < 0.02
    assert follow_instruction(start, Instruction("face_size", "high"), POSES, rng).scale < 0.7
    assert follow_instruction(start, Instruction("face_size", "low"), POSES, rng).scale > 0.95


@pytest.mark.parametrize(
    ("pose", "rule"),
    [
        ("roll_6", "roll"),
        ("yaw_15", "yaw"),
        ("smile", "mouth_closed"),
        ("eyes_closed", "eyes_open"),
    ],
)
def test_head_and_face_are_mended_by_the_pose_at_rest(pose: str, rule: str) -> None:
    mended = follow_instruction(
        Posture(pose), Instruction(rule, "low"), POSES, np.random.default_rng(0)
    )
    assert mended == Posture("neutral")


def test_an_instruction_that_goes_in_time_is_not_answered() -> None:
    booth = coming()
    booth.show(Stage.GUIDE, 0.15, Instruction("centred", "high"))
    booth.show(Stage.GUIDE, 3)
    assert booth.wires.posture == CROOKED


def test_moving_takes_a_person_a_moment_and_no_jump() -> None:
    booth = coming()
    booth.postures.clear()
    booth.show(Stage.GUIDE, 4, Instruction("face_size", "low"))
    scales = [p.scale for p in booth.postures]
    moving = np.flatnonzero(np.diff(scales))
    assert np.abs(np.diff(scales)).max() < 0.05
    assert len(moving) * TICK >= MOVE_SECONDS - 2 * TICK


def test_a_student_blinks_now_and_then_and_briefly() -> None:
    still = (Step(Stage.IDLE, 0, 0, Leave()),)
    booth = Booth(Script(still, Manner(blinks=2.0)))
    booth.wires.posture = Posture()
    booth.student._to = Posture()
    booth.show(Stage.GUIDE, 120)
    closed = np.array([p.pose == "eyes_closed" for p in booth.postures])
    blinks = np.count_nonzero(np.diff(closed.astype(int)) == 1)
    assert 25 < blinks < 70
    assert closed.sum() * TICK / blinks == pytest.approx(0.2, abs=0.04)


def test_a_photo_has_no_poses_and_still_comes_right() -> None:
    booth = Booth(poses=("neutral",), script=visit_script("obedient", ("neutral",)))
    booth.show(Stage.IDLE, 4)
    guided(booth, 8)
    assert {p.pose for p in booth.postures} == {"neutral"}
    assert told(booth.wires.posture) is None


def test_the_same_seed_makes_the_same_student() -> None:
    def course(seed: int) -> list[Posture]:
        booth = Booth(OBEDIENT, seed)
        booth.show(Stage.IDLE, 4)
        booth.show(Stage.GUIDE, 6, Instruction("face_size", "low"))
        return booth.postures

    assert course(3) == course(3)
    assert course(3) != course(4)


def with_manner(**changes: object) -> Booth:
    booth = Booth(replace(CALM, manner=replace(Manner(blinks=None), **changes)))  # type: ignore[arg-type]
    booth.show(Stage.IDLE, 4)
    return booth


def test_a_contrary_student_goes_the_wrong_way_and_then_gives_in() -> None:
    booth = with_manner(opposite=2)
    start = booth.wires.posture.scale
    sizes = []
    for _ in range(600):
        booth.show(Stage.GUIDE, TICK, told(booth.wires.posture))
        sizes.append(booth.wires.posture.scale)
    assert min(sizes) < 0.8 * start
    assert told(booth.wires.posture) is None


def test_a_stubborn_student_never_comes_right() -> None:
    booth = with_manner(opposite=float("inf"))
    guided(booth, 30)
    assert told(booth.wires.posture) is not None


def test_a_student_who_ignores_instructions_stays_as_they_are() -> None:
    booth = with_manner(misses=1.0)
    guided(booth, 20)
    assert booth.wires.posture == CROOKED


def test_a_nervous_student_answers_early_overshoots_and_never_stands_still() -> None:
    early = []
    for seed in range(30):
        booth = Booth(visit_script("nervous", POSES), seed)
        booth.show(Stage.IDLE, 4)
        began, start = booth.at, booth.wires.posture.scale
        while abs(booth.wires.posture.scale - start) < 1e-9:
            booth.show(Stage.GUIDE, TICK, Instruction("face_size", "low"))
        early.append(booth.at - began)
    assert np.mean(early) < 0.8
    booth = with_manner(overshoots=0.6)
    booth.show(Stage.GUIDE, 3, Instruction("face_size", "low"))
    assert booth.wires.posture.scale > 1.1
    booth = with_manner(fidgets=0.01)
    booth.postures.clear()
    booth.show(Stage.CONSENT, 1.5)
    assert len({p.dx for p in booth.postures}) == len(booth.postures)


def test_an_absent_minded_student_answers_later_than_an_obedient_one() -> None:
    def answer(temperament: str) -> float:
        times = []
        for seed in range(25):
            booth = Booth(visit_script(temperament, POSES), seed)
            booth.show(Stage.IDLE, 4)
            began = booth.at
            while booth.wires.posture.scale == CROOKED.scale:
                booth.show(Stage.GUIDE, TICK, Instruction("face_size", "low"))
            times.append(booth.at - began)
        return float(np.mean(times))

    assert answer("absent-minded") > 1.8 * answer("obedient")
