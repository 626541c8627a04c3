"""The words in which a student's script is written."""

import re
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from kiosk.display.shown import Shown
from kiosk.errors import UsageError
from kiosk.twin import subject_names
from kiosk.twin.light_stage import RenderedPerson
from kiosk.twin.people import find_subject
from kiosk.twin.script import (
    TEMPERAMENTS,
    WORDS,
    Come,
    LeanIn,
    Leave,
    Shift,
    ShowCode,
    Step,
    Strike,
    Tap,
    read_script,
    visit_script,
)
from kiosk.twin.student import SimulatedStudent
from kiosk.twin.wires import Posture, Wires
from kiosk.visit import Stage

POSES = ("neutral", "yaw_5", "yaw_15", "yaw_-15", "roll_6", "eyes_closed", "gaze_left", "hat")


def said(text: str) -> list[Step]:
    """What a script says besides how one is turned away."""
    return [step for step in read_script(text, POSES).steps if step.stage is not Stage.TURNED_AWAY]


def test_words_are_done_on_the_screen_that_they_belong_to() -> None:
    steps = said("start, agree, scan, confirm\nturn left 15, ready, close eyes for 0.3 s, approve")
    assert [(step.stage, step.does) for step in steps] == [
        (Stage.IDLE, Tap("start")),
        (Stage.CONSENT, Tap("agree")),
        (Stage.SCAN, ShowCode()),
        (Stage.CONFIRM, Tap("yes")),
        (Stage.CHECKLIST, Strike("yaw_15")),
        (Stage.CHECKLIST, Tap("ready")),
        (Stage.GUIDE, Strike("eyes_closed", 0.3)),
        (Stage.REVIEW, Tap("approve")),
    ]


def test_a_code_may_be_scanned_before_consent() -> None:
    steps = said("scan, walks away, comes back, agree, turn left 15, confirm")
    assert [(step.stage, step.does) for step in steps] == [
        (Stage.IDLE, ShowCode()),
        (Stage.CONSENT, Leave()),
        (Stage.CONSENT, Come()),
        (Stage.CONSENT, Tap("agree")),
        (Stage.CONFIRM, Strike("yaw_15")),
        (Stage.CONFIRM, Tap("yes")),
    ]


def test_centimetres_are_those_of_a_face_at_rest() -> None:
    (low, left, near, far) = (
        step.does
        for step in said("sit 12 cm low, step 7 cm left, come 50 cm nearer, go 150 cm farther")
    )
    assert isinstance(low, Shift)
    assert low.down == pytest.approx(12 / 35 * 0.75)
    assert isinstance(left, Shift)
    assert left.right == pytest.approx(0.2)
    assert near == Shift(nearer=1.5)
    assert far == Shift(nearer=0.5)


@pytest.mark.parametrize(
    ("words", "pose"),
    [
        ("turn left 10", "yaw_5"),
        ("turn left 12", "yaw_15"),
        ("turn right 15", "yaw_-15"),
        ("tilt left 6", "roll_6"),
        ("look at the screen", "neutral"),
        ("put on a hat", "hat"),
    ],
)
def test_a_turn_takes_the_nearest_pose_there_is(words: str, pose: str) -> None:
    assert said(words)[0].does == Strike(pose)


def test_a_wait_goes_before_what_follows_it() -> None:
    scan, lean = said("wait 3±0.5 s, scan # now\n# nothing here\na second person leans in")
    assert (scan.after, scan.spread) == (3.0, 0.5)
    assert lean.does == LeanIn(1.0)
    assert lean.after < 1


def test_manners_hold_throughout() -> None:
    manner = read_script(
        "answers to instructions after 0.9±0.2 s, does the opposite 2 times, overshoots by 50 %\n"
        "misses 25 % of the instructions, fidgets 0.7 cm, never blinks\n"
        "taps 12 times, gives up early",
        POSES,
    ).manner
    assert manner.reaction == (0.9, 0.2)
    assert manner.opposite == 2
    assert manner.overshoots == 0.5
    assert manner.misses == 0.25
    assert manner.fidgets == pytest.approx(0.02)
    assert manner.blinks is None
    assert manner.taps == 12
    assert manner.gives_up
    assert read_script("does the opposite", POSES).manner.opposite == float("inf")
    assert read_script("ignores instructions", POSES).manner.misses == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("scan\ndance", "line 2: “dance” says nothing here; there are: scan, start"),
        ("turn left 60", "line 1: this subject has no yaw near 60: there are -15, 0, 5, 15"),
        ("chin up 10", "no pitch near 10"),
        ("smile", "this subject cannot; there are neutral"),
        ("close eyes for ever", "for 0.3 s"),
        ("sit 3 cm low for 2 s", "only the head and the face"),
        ("come 200 cm nearer", "the camera is 150 cm off"),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_line(text: str, says: str) -> None:
    with pytest.raises(UsageError) as told:
        read_script(text, POSES)
    assert says in str(told.value)


def test_an_unknown_temperament_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="no temperament sleepy: there are obedient, nervous"):
        visit_script("sleepy", POSES)


@pytest.mark.parametrize("name", subject_names())
def test_a_script_can_ask_for_every_pose_there_is(name: str) -> None:
    poses = RenderedPerson(find_subject(name)).poses
    axes = {"yaw": ("turn left", "turn right"), "pitch": ("chin up", "chin down"),
            "roll": ("tilt left", "tilt right")}  # fmt: skip
    words = [word for word in WORDS if not re.search(r"N|scan|…|[|]", word)]
    for pose in poses:
        axis, _, degrees = pose.partition("_")
        if axis in axes:
            words.append(f"{axes[axis][float(degrees) < 0]} {abs(float(degrees)):g}")
    struck = set()
    for word in words:
        with suppress(UsageError):
            struck |= {step.does.pose for step in read_script(word, poses).steps
                       if isinstance(step.does, Strike)}  # fmt: skip
    assert struck == set(poses)


@pytest.mark.parametrize("temperament", TEMPERAMENTS)
@pytest.mark.parametrize("poses", [POSES, ("neutral",)])
def test_every_temperament_fits_every_subject(temperament: str, poses: tuple[str, ...]) -> None:
    stages = {step.stage for step in visit_script(temperament, poses).steps}
    assert {
        Stage.IDLE,
        Stage.SCAN,
        Stage.CONFIRM,
        Stage.REVIEW,
        Stage.DONE,
        Stage.TURNED_AWAY,
    } <= stages


def test_a_script_moves_the_student_as_it_says() -> None:
    wires = Wires(("room",), POSES, {})
    script = read_script("comes in, sit 12 cm low, wait 2 s, a second person leans in, wait 1 s, "
                  "turn left 15 for 0.5 s, never blinks", POSES)  # fmt: skip
    student = SimulatedStudent(wires, "CODE", script, np.random.default_rng(1))
    seen: list[Posture] = []
    for tick in range(240):
        student.act(Stage.IDLE, Shown(), tick / 30)
        seen.append(wires.posture)
    assert seen[55].dy == pytest.approx(12 / 35 * 0.75)
    assert seen[55].second == 0
    assert seen[-1].second == 1
    turned = [p.pose for p in seen].count("yaw_15")
    assert turned == pytest.approx(15, abs=1)
    assert seen[-1].pose == "neutral"


CORPUS = Path(__file__).parent / "corpus"
"""Scripts that have ended a program with a traceback, and others of their kinds."""


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.txt")), ids=lambda path: path.stem)
def test_an_odd_script_is_refused_in_words_or_done_by_a_person_who_stays_one(file: Path) -> None:
    said = ""
    try:
        script = read_script(file.read_text("utf-8"), POSES)
    except UsageError as error:
        said = str(error)
    if said:
        assert re.match(r"line \d+: ", said)
        assert len(said) < 2_000
        return
    wires = Wires(("room",), POSES, {})
    student = SimulatedStudent(wires, "CODE", script, np.random.default_rng(1))
    for tick in range(400):
        stage = Stage.GUIDE if tick > 300 else Stage.IDLE
        phrases = frozenset({"rule.face_size.low"}) if tick > 300 else frozenset()
        student.act(stage, Shown(phrases=phrases), tick / 5)
        posture = wires.posture
        assert 0.3 < posture.scale < 2
        assert max(abs(posture.dx), abs(posture.dy)) < 3


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("farther-400-digits", "cm is too much: 1000 at most"),
        ("wait-400-digits", "s is too much: 3600 at most"),
        ("turn-400-digits", "degrees is too much: 180 at most"),
        ("overshoots-much", "% is too much: 1000 at most"),
        ("digits-of-other-scripts", "says nothing here"),
    ],
)
def test_what_no_person_can_do_is_named(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_script((CORPUS / f"{name}.txt").read_text("utf-8"), POSES)
