"""Lamps and camera in step: the plate of the empty booth, and the picture with it unlit."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from kiosk.booth import lit_captures
from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.lighting import usual_levels
from kiosk.pipeline.light import to_linear
from kiosk.twin import Posture, Twin
from kiosk.twin.wires import AWAY

PINS = {"key_left": 12, "key_right": 13, "fill": 18, "backdrop": 19}


class Bench:
    """The twin's camera and lamps in this process; frames come `late` after the lamps."""

    def __init__(self, late: int = 2, posture: Posture = AWAY) -> None:
        self.twin = Twin("lin", PINS, seed=5)
        self.twin.wires.posture = posture
        self._camera = self.twin.open_camera()
        self._camera.start()
        self._under_way: list[Picture] = []
        self._late = late
        self.levels: dict[str, float] = dict.fromkeys(PINS, 0.0)
        self.set(dict(usual_levels.WORKING))
        self.taken = 0
        self.each: Callable[[int], None] = lambda _: None

    def set(self, levels: Mapping[str, float]) -> None:
        self.levels = self.levels | dict(levels)
        for name, level in levels.items():
            self.twin.wires.set_level(name, level)

    def capture(self, count: int, timeout: float) -> list[Frame]:
        frames = []
        for _ in range(count):
            self.taken += 1
            self.each(self.taken)
            image = self._camera.read(main=True).image
            assert image is not None
            self._under_way.append(image)
            shown = self._under_way[max(len(self._under_way) - 1 - self._late, 0)]
            frames.append(Frame(self.taken, 0.0, shown[::2, ::2], shown, Controls()))
        return frames


def main(frame: Frame) -> Picture:
    assert frame.image is not None
    return frame.image


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_plate_gives_the_empty_booth_under_any_levels(bench: Bench) -> None:
    plate = lit_captures.capture_plate(bench, bench, usual_levels.WORKING, lambda: True, 1.0)
    assert plate is not None
    assert bench.levels == dict(usual_levels.WORKING)
    other = {"key_left": 0.4, "key_right": 0.8, "fill": 0.2, "backdrop": 0.15}
    bench.set(other)
    bench.capture(4, 1.0)
    seen = to_linear(main(bench.capture(1, 1.0)[0]))
    off = (plate.at(other) - seen)[::16, ::16]
    assert np.abs(off).mean() < 0.006


def test_no_plate_is_taken_while_somebody_walks_in(bench: Bench) -> None:
    def come(number: int) -> None:
        if number > 12:
            bench.twin.wires.posture = Posture()

    bench.each = come
    assert lit_captures.capture_plate(bench, bench, usual_levels.WORKING, lambda: True, 1.0) is None
    assert bench.levels == dict(usual_levels.WORKING)


def test_a_student_who_scans_interrupts_the_plate(bench: Bench) -> None:
    assert (
        lit_captures.capture_plate(
            bench, bench, usual_levels.WORKING, lambda: bench.taken < 10, 1.0
        )
        is None
    )
    assert bench.taken < 20
    assert bench.levels == dict(usual_levels.WORKING)


def test_the_plate_of_a_booth_without_lamps_is_the_rooms_light(bench: Bench) -> None:
    bench.set(dict.fromkeys(PINS, 0.0))
    plate = lit_captures.capture_plate(bench, bench, {}, lambda: True, 1.0)
    assert plate is not None
    assert not plate.lamps
    seen = to_linear(main(bench.capture(1, 1.0)[0]))
    assert np.abs(plate.at({}) - seen)[::16, ::16].mean() < 0.006


@pytest.mark.parametrize("late", [0, 1, 3])
def test_the_unlit_picture_is_one_in_which_the_lamp_is_seen_to_be_out(late: int) -> None:
    bench = Bench(late, Posture())
    lit = main(bench.capture(late + 1, 1.0)[-1])
    unlit = lit_captures.capture_unlit(bench, bench, lit)
    assert unlit is not None
    assert bench.levels == dict(usual_levels.WORKING)
    truth = Bench(0, Posture())
    truth.set({"backdrop": 0.0})
    wanted = main(truth.capture(1, 1.0)[0])
    assert np.abs(unlit[:80, :80].astype(int) - wanted[:80, :80]).mean() < 6


def test_without_the_backdrops_lamp_there_is_no_pair(bench: Bench) -> None:
    lit = main(bench.capture(1, 1.0)[0])
    bench.set({"backdrop": 0.0})
    assert lit_captures.capture_unlit(bench, bench, lit) is None


def test_a_lamp_that_does_not_go_out_makes_no_pair_and_is_lit_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    lit = main(bench.capture(3, 1.0)[-1])
    bench.twin.wires.set_level = lambda *_: None  # type: ignore[method-assign]
    assert lit_captures.capture_unlit(bench, bench, lit) is None
    assert "was not seen" in caplog.text
    assert bench.levels == dict(usual_levels.WORKING)
