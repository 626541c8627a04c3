from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pygame
import pytest

from kiosk.display.shown import Shown, Target
from kiosk.pipeline.judge.rules import find_rule
from kiosk.reader import Heard
from kiosk.reader.wedge import WedgeReader
from kiosk.twin.script import (
    ASPECT,
    CENTIMETRE,
    EYES_TO_CAMERA_CM,
    Leave,
    Manner,
    Script,
    Shift,
    Step,
    Strike,
    read_script,
    visit_script,
)
from kiosk.twin.student import (
    DRESSING_SECONDS,
    MOVE_SECONDS,
    TAP_AGAIN,
    Action,
    Scan,
    SimulatedStudent,
    Touch,
    follow_instruction,
)
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


USUAL_BUTTONS: dict[Stage, tuple[Button, ...]] = {
    Stage.IDLE: ("start",),
    Stage.CONSENT: ("decline", "agree"),
    Stage.SCAN: ("cancel",),
    Stage.CONFIRM: ("no", "yes"),
    Stage.CHECKLIST: ("cancel", "ready"),
    Stage.GUIDE: ("cancel",),
    Stage.REVIEW: ("cancel", "retake", "approve"),
    Stage.DONE: ("close",),
    Stage.TURNED_AWAY: ("close",),
}


def place_of(button: Button, buttons: Sequence[Button]) -> tuple[int, int]:
    return 50 + 100 * buttons.index(button), 700


def screen(
    stage: Stage,
    instruction: Instruction | None = None,
    buttons: tuple[Button, ...] | None = None,
    *phrases: str,
) -> Shown:
    """A screen that says an instruction in its own phrase, and offers buttons in a row."""
    said = set(phrases)
    if instruction is not None:
        said.add(find_rule(instruction.rule).told(instruction.direction).phrase)
    row = USUAL_BUTTONS.get(stage, ()) if buttons is None else buttons
    targets = tuple(
        Target(pygame.Rect(100 * place, 650, 90, 90), button) for place, button in enumerate(row)
    )
    return Shown(targets, frozenset(said))


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
        self,
        stage: Stage,
        seconds: float,
        instruction: Instruction | None = None,
        buttons: tuple[Button, ...] | None = None,
        *phrases: str,
    ) -> list[tuple[Action, float]]:
        done: list[tuple[Action, float]] = []
        shown = screen(stage, instruction, buttons, *phrases)
        for _ in range(round(seconds / TICK)):
            done += [(a, self.at) for a in self.student.act(stage, shown, self.at)]
            self.postures.append(self.wires.posture)
            self.at += TICK
        return done


def coming() -> Booth:
    booth = Booth()
    booth.show(Stage.IDLE, 6)
    return booth


def test_a_student_walks_up_crooked_starts_and_scans_the_code() -> None:
    booth = Booth()
    done = booth.show(Stage.IDLE, 4)
    assert booth.postures[0] == AWAY
    assert booth.wires.posture == CROOKED
    assert [action for action, _ in done] == [Touch((45, 695), "start")]
    steps = np.abs(np.diff([p.dx for p in booth.postures if p.present]))
    assert steps.max() < 0.15
    booth.show(Stage.CONSENT, 3)
    done = booth.show(Stage.SCAN, 4)
    assert [action.code for action, _ in done if isinstance(action, Scan)] == ["CODE-123"]


def test_the_code_is_typed_as_a_scanner_types() -> None:
    (scan, at), *_ = coming().show(Stage.SCAN, 4)
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
def test_a_student_taps_what_leads_on_after_a_while(stage: Stage, button: Button) -> None:
    booth = coming()
    began = booth.at
    done = booth.show(stage, 5)
    assert {action.button for action, _ in done if isinstance(action, Touch)} == {button}
    assert done[0][1] - began > 0.3


def test_a_button_that_is_not_there_is_not_tapped_and_one_that_did_nothing_is_tapped_again() -> (
    None
):
    booth = coming()
    assert booth.show(Stage.CHECKLIST, 5, None, ("cancel",)) == []
    taps = booth.show(Stage.CHECKLIST, 3 + TAP_AGAIN)
    assert [action.button for action, _ in taps if isinstance(action, Touch)] == ["ready"] * 2


def test_a_screen_that_comes_once_more_is_answered_once_more() -> None:
    booth = coming()
    booth.show(Stage.CONFIRM, 3)
    booth.show(Stage.GUIDE, 1)
    again = booth.show(Stage.CONFIRM, 3)
    assert [action.button for action, _ in again if isinstance(action, Touch)] == ["yes"]


def test_a_finger_that_taps_twice_meets_whatever_is_there_by_then() -> None:
    booth = with_manner(taps=3)
    tapped: list[tuple[Action, float]] = []
    while not tapped:
        tapped = booth.show(Stage.CHECKLIST, TICK)
    ((first, _),) = tapped
    assert isinstance(first, Touch)
    later = [action for action, _ in booth.show(Stage.GUIDE, 2)]
    assert later == [Touch(first.place, None)] * 2


def test_who_walked_away_reads_nothing_and_taps_nothing() -> None:
    booth = Booth(read_script("comes in, start, agree, walks away, scan, confirm", POSES))
    booth.show(Stage.IDLE, 3)
    booth.show(Stage.CONSENT, 4)
    booth.show(Stage.SCAN, 1)
    assert booth.show(Stage.SCAN, 3) == []
    assert booth.show(Stage.GUIDE, 3, Instruction("one_face", "low")) == []
    assert booth.show(Stage.CONFIRM, 3) == []
    assert not booth.wires.posture.present


def test_what_is_ticked_off_is_not_done_again() -> None:
    booth = coming()
    booth.show(Stage.GUIDE, 4, Instruction("face_size", "low"), None, "guide.mended")
    assert booth.wires.posture == CROOKED


def test_who_is_called_back_comes_back() -> None:
    booth = coming()
    booth.student.do(Shift(right=1.2), Shown(), booth.at)
    booth.show(Stage.GUIDE, 1)
    assert booth.wires.posture.dx > 1
    booth.show(Stage.GUIDE, 2, None, None, "guide.come_back")
    assert abs(booth.wires.posture.dx) < 0.01


@pytest.mark.parametrize(
    ("offered", "manner", "taken"),
    [
        (("cancel", "as_it_is", "go_on", "staffed"), {}, ["as_it_is"]),
        (("cancel", "go_on", "staffed"), {}, ["go_on", "staffed"]),
        (("cancel", "as_it_is", "go_on", "staffed"), {"gives_up": True}, ["staffed"]),
    ],
)
def test_whoever_cannot_mend_something_takes_the_help_that_is_offered(
    offered: tuple[Button, ...], manner: dict[str, object], taken: list[Button]
) -> None:
    booth = with_manner(**manner)
    tapped = []
    for _ in range(len(taken)):
        done = booth.show(Stage.GUIDE, 5, Instruction("ears_visible", "high"), offered)
        tapped += [action.button for action, _ in done if isinstance(action, Touch)][:1]
        booth.show(Stage.GUIDE, 1, Instruction("ears_visible", "high"))
    assert tapped == taken


def test_another_shirt_takes_a_while_to_put_on() -> None:
    booth = coming()
    booth.show(Stage.GUIDE, 1 + DRESSING_SECONDS / 2, Instruction("clothes_pattern", "high"))
    assert not booth.wires.posture.other_shirt
    booth.show(Stage.GUIDE, 1 + DRESSING_SECONDS, Instruction("clothes_pattern", "high"))
    assert booth.wires.posture.other_shirt


def test_both_hair_rules_are_one_instruction() -> None:
    booth = Booth(script=visit_script("obedient", ("neutral", "hair_over_ear")),
                  poses=("neutral", "hair_over_ear"))  # fmt: skip
    booth.show(Stage.IDLE, 4)
    booth.student.do(Strike("hair_over_ear"), Shown(), booth.at)
    booth.show(Stage.GUIDE, 4, None, None, "rule.hair")
    assert booth.wires.posture.pose == "neutral"


def test_a_student_whose_visit_is_over_walks_away() -> None:
    booth = coming()
    booth.show(Stage.DONE, 6)
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


def test_shirt_and_glasses_are_mended_by_themselves() -> None:
    rng = np.random.default_rng(0)
    start = Posture()
    colour = follow_instruction(start, Instruction("clothes_colour", "low"), POSES, rng)
    assert colour == Posture(other_shirt=True)
    glare = follow_instruction(start, Instruction("glare", "high"), POSES, rng)
    assert glare == Posture(glasses_tilted=True)


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
