"""What the booth's own changes of light are to eyes: docs/lighting.md says these figures."""

from collections.abc import Mapping, Sequence

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.lighting import attribution, usual_levels
from kiosk.lighting.flicker import count_flashes
from kiosk.lighting.lamps import Lamps
from kiosk.lighting.response import ROOM, USUAL, Levels
from kiosk.pipeline.look.attendance import SWING_PERIOD, swing

PINS = {"key_left": 12, "key_right": 13, "fill": 18, "backdrop": 19}
CAMERA_RATE = 30.0
FULL = dict.fromkeys((*PINS, ROOM), 1.0)

LEFT_CHEEK = {name: left for name, (left, _) in USUAL.cheeks.items()}


def history(
    sequence: Sequence[Levels], light: Mapping[str, float], rate: float = CAMERA_RATE
) -> list[tuple[float, float]]:
    """The light of a place frame by frame, as a share of that under all lamps at full."""

    def of(levels: Levels) -> float:
        return sum(light.get(name, 0.0) * level for name, level in {ROOM: 1.0, **levels}.items())

    return [(number / rate, of(dict(levels)) / of(FULL)) for number, levels in enumerate(sequence)]


def change(seen: Sequence[tuple[float, float]]) -> float:
    return max(light for _, light in seen) - min(light for _, light in seen)


def alone(name: str) -> dict[str, float]:
    return {name: 1.0}


SWUNG = [swing(usual_levels.WORKING, number) for number in range(4 * SWING_PERIOD)]


def test_the_swing_changes_a_lamp_by_a_fifth_a_cheek_by_a_sixteenth_and_a_face_not() -> None:
    assert change(history(SWUNG, alone("key_left"))) == pytest.approx(0.18, abs=0.01)
    assert change(history(SWUNG, LEFT_CHEEK)) < 0.06
    assert change(history(SWUNG, USUAL.face)) < 1e-9


def test_the_swing_flashes_no_cheek_and_no_lamp_more_often_than_three_times_a_second() -> None:
    uneven = dict(usual_levels.WORKING) | {"key_left": 0.95, "key_right": 0.25}
    for rest in (usual_levels.WORKING, uneven):
        swung = [swing(rest, number) for number in range(4 * SWING_PERIOD)]
        for light in (alone("key_left"), alone("key_right"), LEFT_CHEEK, USUAL.face):
            assert count_flashes(history(swung, light)) <= 3
    assert count_flashes(history(SWUNG, LEFT_CHEEK)) == 0


def test_a_question_changes_no_lamp_so_far_that_it_flashes_and_the_face_not_at_all() -> None:
    question = attribution.begin(usual_levels.WORKING, tuple(PINS), USUAL)
    asked: list[Levels] = []
    for _ in range(attribution.MOST_FRAMES):
        asked.append(question.wanted)
        question = attribution.hear(question, None, question.wanted)
    assert change(history(asked, USUAL.face)) < 0.01
    for name in PINS:
        assert count_flashes(history(asked * 4, alone(name))) == 0


@pytest.mark.parametrize("rate", [30.0, 60.0, 120.0])
def test_a_faster_camera_makes_no_faster_flashes(rate: float) -> None:
    at = 0.0
    factory = MockFactory(pin_class=MockPWMPin)
    seen: list[tuple[float, float]] = []
    with Lamps(PINS, 1000, factory, clock=lambda: at) as lamps:
        for number in range(int(rate * 3)):
            lamps.set(swing(dict.fromkeys(PINS, 0.8), number))
            at += 1 / rate
            lamps.pass_time(at)
            seen.append((at, lamps.given["key_left"]))
    assert count_flashes(seen) <= 3
