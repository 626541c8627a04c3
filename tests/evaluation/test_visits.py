"""What the bench of visits finds in what was shown, and fingers that tap too often."""

from collections.abc import Iterator

import pytest

from kiosk.booth.worker import Outcome
from kiosk.config import Config
from kiosk.display.shown import Shown
from kiosk.display.window import Window
from kiosk.evaluation import course, tap_storms, visits
from kiosk.evaluation.course import Ended, Moment, Told
from kiosk.evaluation.told_truth import was_true
from kiosk.evaluation.virtual_booth import VirtualClock, VirtualWorker
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson
from kiosk.twin.wires import Posture
from kiosk.visit import Assessed, Instruction, Stage

TICK = 0.1


def truths(name: str) -> dict[str, dict[str, object]]:
    person = RenderedPerson(find_subject(name))
    return {pose: person.truth(pose) for pose in person.poses}


LIN = truths("lin")


def play(*scenes: tuple[float, str]) -> list[Moment]:
    """Moments of the guide that shows one phrase after another, each for some seconds."""
    moments: list[Moment] = []
    for seconds, phrase in scenes:
        for _ in range(round(seconds / TICK)):
            shown = Shown(phrases=frozenset({phrase}))
            moments.append(Moment(len(moments) * TICK, Stage.GUIDE, shown, Posture()))
    return moments


def test_an_instruction_lasts_as_long_as_it_is_shown() -> None:
    told = course.list_told(play((1, "guide.checking"), (2, "rule.gaze"), (1, "guide.hold")), LIN)
    assert [each.phrase for each in told] == ["rule.gaze"]
    assert told[0].began == pytest.approx(1.0)
    assert told[0].ended == pytest.approx(2.9)


def test_what_a_shot_failed_by_may_be_asked_for_beyond_its_goal() -> None:
    again = Shown(phrases=frozenset({"guide.again", "rule.face_size.high"}))
    reason = [Moment(at, Stage.GUIDE, again, Posture()) for at in (-0.2, -0.1)]
    told = play((2, "rule.face_size.high"))
    assert [each.true for each in course.list_told(told, LIN)] == [False]
    assert [each.true for each in course.list_told([*reason, *told], LIN)] == [True]


def test_two_instructions_that_nobody_can_read_are_too_close() -> None:
    told = course.list_told(play((0.5, "rule.gaze"), (2, "rule.mouth_closed")), LIN)
    assert course.count_too_close(told) == 1
    told = course.list_told(play((1.5, "rule.gaze"), (2, "rule.mouth_closed")), LIN)
    assert course.count_too_close(told) == 0


@pytest.mark.parametrize(("later", "belied"), [(1.0, 1), (3.0, 0)])
def test_a_fault_soon_after_a_praise_belies_it(later: float, belied: int) -> None:
    moments = play((1, "guide.hold"), (later, "guide.checking"), (2, "rule.gaze"))
    praises, told = course.list_praises(moments), course.list_told(moments, LIN)
    assert len(praises) == 1
    assert course.count_belied(praises, told) == belied


@pytest.mark.parametrize(
    ("told", "posture", "true"),
    [
        (Instruction("face_size", "low"), Posture(scale=0.6), True),
        (Instruction("face_size", "low"), Posture(), False),
        (Instruction("centred", "low"), Posture(dx=-0.15), True),
        (Instruction("centred", "high"), Posture(dx=-0.15), False),
        (Instruction("centred", "low"), Posture(dx=-0.04), False),
        (Instruction("yaw", "high"), Posture("yaw_15"), True),
        (Instruction("roll", "high"), Posture("roll_6"), True),
        (Instruction("shoulders_level", "high"), Posture("shoulder_low"), True),
        (Instruction("mouth_closed", "high"), Posture("smile"), True),
        (Instruction("glasses_tint", "low"), Posture(), False),
        (Instruction("clothes_pattern", "high"), Posture(), False),
        (Instruction("one_face", "high"), Posture(second=1.0), True),
        (Instruction("attendance", "low"), Posture(), False),
    ],
)
def test_what_is_told_is_held_against_how_the_student_stands(
    told: Instruction, posture: Posture, true: bool
) -> None:
    stood = [(number * TICK, posture) for number in range(20)]
    assert was_true(told, 2.0, stood, LIN) is true


def test_a_blink_closes_no_eyes() -> None:
    told = Instruction("eyes_open", "low")
    closed, open_ = Posture("eyes_closed"), Posture()
    blink = [(n * TICK, closed if 5 <= n < 7 else open_) for n in range(20)]
    asleep = [(n * TICK, closed if n >= 5 else open_) for n in range(20)]
    assert not was_true(told, 2.0, blink, LIN)
    assert was_true(told, 2.0, asleep, LIN)


def test_a_shirt_is_told_of_until_another_is_put_on() -> None:
    told, striped = Instruction("clothes_pattern", "high"), truths("hui")
    assert was_true(told, 1.0, [(0.5, Posture())], striped)
    assert not was_true(told, 1.0, [(0.5, Posture(other_shirt=True))], striped)


def test_a_screen_without_a_button_is_a_dead_end_only_if_it_stays() -> None:
    assert not course.has_dead_end(play((15, "saving.title")))
    assert course.has_dead_end(play((25, "saving.title")))


def end(person: str, how: str, waited: float | None, *told: Told) -> Ended:
    return Ended(person, "obedient", 0, how, waited, told, 0, 1, 0)


def test_rows_name_who_got_no_photo_and_what_was_not_true() -> None:
    untrue = Told("rule.glasses_tint", 1.0, 2.0, true=False)
    stuck = Told("rule.ears_visible", 1.0, 2.0)
    rows = {
        row.row: row
        for row in visits.rate(
            [
                end("lin", "photo", 20.0, untrue),
                end("mei", "waived", 60.0, stuck),
                end("anna", "needs_staff", None, stuck),
            ]
        )
    }
    assert rows["obedient: end with a photo"].value == pytest.approx(200 / 3)
    assert rows["obedient: end with a photo"].ok is False
    assert "mei, obedient: for staff to decide (rule.ears_visible)" in rows
    assert "anna, obedient: needs_staff (rule.ears_visible)" in rows
    assert rows["untrue: rule.glasses_tint, to lin"].value == 1
    assert rows["instructions that were not true"].ok is False
    assert rows["scan to photo, median"].value == 40.0


def test_work_takes_as_long_as_a_pi_takes_though_no_second_is_waited() -> None:
    clock = VirtualClock()
    worker = VirtualWorker(clock)
    worker.start(lambda: Outcome(Assessed(tap_storms.PERFECT, clock.at)), 1)
    assert worker.take_outcome() is None
    clock.advance(0.1)
    assert worker.take_outcome() is not None
    assert not worker.busy


@pytest.fixture
def upright(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Window, VirtualClock]]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    clock = VirtualClock()
    window = Window((540, 960), fullscreen=False, title="test", clock=clock, frame_rate=0)
    yield window, clock
    window.close()


@pytest.mark.parametrize("taps", [2, 12])
def test_whoever_taps_too_often_keeps_their_visit(
    taps: int, upright: tuple[Window, VirtualClock]
) -> None:
    assert tap_storms.play_taps(Config(), *upright, taps, seed=taps)
