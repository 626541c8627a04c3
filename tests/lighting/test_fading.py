"""Lamps that fade: how fast, how far, and at which levels a frame was taken."""

from collections.abc import Callable, Mapping

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.lighting.curve import Curve
from kiosk.lighting.fader import Fader
from kiosk.lighting.flicker import count_flashes
from kiosk.lighting.lamps import FADE, TICK, Lamps

PINS = {"key_left": 12, "key_right": 13, "fill": 18, "backdrop": 19}


class Bench:
    """Lamps, and the time that passes for them."""

    def __init__(self, **settings: object) -> None:
        self.at = 100.0
        self.factory = MockFactory(pin_class=MockPWMPin)
        self.lamps = Lamps(PINS, 1000, self.factory, clock=lambda: self.at, **settings)  # type: ignore[arg-type]
        self.seen: list[tuple[float, Mapping[str, float]]] = []

    def wait(self, seconds: float, step: float = TICK) -> None:
        end = self.at + seconds
        while self.at < end - 1e-9:
            self.at = min(self.at + step, end)
            self.lamps.pass_time(self.at)
            self.seen.append((self.at, self.lamps.given))

    def light_of(self, name: str) -> list[tuple[float, float]]:
        return [(at, levels[name]) for at, levels in self.seen]

    def together(self) -> list[tuple[float, float]]:
        return [(at, sum(levels.values()) / len(levels)) for at, levels in self.seen]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_lamp_goes_from_dark_to_full_in_a_sixth_of_a_second(bench: Bench) -> None:
    bench.lamps.set({"key_left": 1.0})
    assert bench.lamps.levels["key_left"] == 1.0
    assert bench.lamps.given["key_left"] == pytest.approx(0.1)
    bench.wait(0.05)
    assert bench.lamps.given["key_left"] == pytest.approx(0.1 + 0.05 * FADE)
    bench.wait(0.101)
    assert bench.lamps.given["key_left"] == bench.factory.pin(12).state == 1.0
    assert not bench.lamps.moving.is_set()


@pytest.mark.parametrize("step", [TICK, 0.125, 1.0])
def test_it_fades_the_same_however_seldom_time_is_told_to_pass(bench: Bench, step: float) -> None:
    bench.lamps.set({"fill": 0.8, "backdrop": 0.4})
    bench.wait(1.0, step)
    assert bench.lamps.given["fill"] == 0.8
    for at, fill in ((100.001, 0.1), (100.0501, 0.4), (100.118, 0.8)):
        levels = bench.lamps.levels_at(at)
        assert levels["fill"] == pytest.approx(fill, abs=1e-6)
        assert levels["backdrop"] == pytest.approx(fill / 2, abs=1e-6)


def test_a_dither_of_some_per_cent_passes_at_once(bench: Bench) -> None:
    bench.lamps.set({"key_left": 0.5})
    bench.wait(1.0)
    bench.lamps.set({"key_left": 0.54, "fill": 0.04})
    assert bench.lamps.given["key_left"] == 0.54
    assert bench.lamps.given["fill"] == 0.04


def test_many_small_steps_go_no_faster_than_a_fade(bench: Bench) -> None:
    for number in range(100):
        bench.at += 0.0001
        bench.lamps.set({"fill": number / 100})
    assert bench.lamps.given["fill"] <= 0.1 + FADE * 0.01


def test_time_at_rest_is_no_credit_for_a_jump(bench: Bench) -> None:
    bench.wait(10.0, 10.0)
    bench.at += 5.0
    bench.lamps.set({"fill": 1.0})
    assert bench.lamps.given["fill"] == pytest.approx(0.1)


def test_a_frame_is_attributed_to_the_levels_of_its_time_less_the_lag(bench: Bench) -> None:
    bench.lamps.take_calibration({}, lag=0.05)
    bench.wait(1.0)
    bench.lamps.set({"fill": 0.05})
    bench.at += 0.3
    bench.lamps.set({"fill": 0.1})
    assert bench.lamps.levels_at(101.04)["fill"] == 0
    assert bench.lamps.levels_at(101.06)["fill"] == 0.05
    assert bench.lamps.levels_at(101.34)["fill"] == 0.05
    assert bench.lamps.levels_at(101.36)["fill"] == 0.1


def test_what_is_set_as_a_frame_is_looked_at_was_not_in_it(bench: Bench) -> None:
    bench.wait(1.0)
    taken = bench.at
    bench.lamps.set({"fill": 0.05})
    assert bench.lamps.levels_at(taken)["fill"] == 0


def test_the_history_forgets_what_no_frame_asks_for_any_more(bench: Bench) -> None:
    for _ in range(100):
        bench.lamps.set({"fill": 0.05 - bench.lamps.levels["fill"]})
        bench.wait(1.0, 1.0)
    assert len(bench.lamps._history.changes) < 6


def test_no_lamp_goes_beyond_its_limit_and_all_sink_where_it_is_hot() -> None:
    bench = Bench(limits={"key_left": 0.6})
    bench.lamps.set({"key_left": 1.0, "fill": 0.9})
    bench.wait(1.0)
    assert bench.lamps.levels == bench.lamps.given == {
        "key_left": 0.6, "key_right": 0.0, "fill": 0.9, "backdrop": 0.0
    }  # fmt: skip
    bench.lamps.derate(0.5)
    bench.wait(1.0)
    assert bench.lamps.limits == {"key_left": 0.3, "key_right": 0.5, "fill": 0.5, "backdrop": 0.5}
    assert bench.lamps.given["key_left"] == 0.3
    assert bench.lamps.given["fill"] == 0.5
    bench.lamps.derate(1.0)
    bench.wait(1.0)
    assert bench.lamps.given["fill"] == 0.9


@pytest.mark.parametrize("share", [float("nan"), float("inf"), -0.1, 1.5])
def test_a_share_of_the_limits_that_makes_no_sense_is_refused(bench: Bench, share: float) -> None:
    with pytest.raises(ValueError, match="limits cannot be lowered"):
        bench.lamps.derate(share)


@pytest.mark.parametrize("level", [float("nan"), float("inf"), float("-inf"), 1.0001])
def test_what_is_no_level_moves_no_lamp(bench: Bench, level: float) -> None:
    with pytest.raises(ValueError, match="cannot be set"):
        bench.lamps.set({"key_left": 0.5, "fill": level})
    bench.wait(0.5)
    assert not any(bench.lamps.given.values())


@pytest.mark.parametrize("wrong", [float("nan"), -0.1, 1.5])
def test_what_is_no_limit_or_no_lag_is_refused(bench: Bench, wrong: float) -> None:
    with pytest.raises(ValueError, match="limits go from 0 to 1"):
        Bench(limits={"fill": wrong})
    with pytest.raises(ValueError, match="cannot lag"):
        bench.lamps.take_calibration({}, lag=wrong)


def test_the_curve_makes_light_of_the_duty_cycle() -> None:
    bench = Bench(curves={"fill": Curve.through([(0.5, 0.8)])})
    bench.lamps.set({"fill": 0.8, "key_left": 0.8})
    bench.wait(1.0)
    assert bench.lamps.given["fill"] == bench.lamps.given["key_left"] == 0.8
    assert bench.factory.pin(18).state == 0.5
    assert bench.factory.pin(12).state == 0.8


def test_each_lamp_has_its_own_frequency() -> None:
    bench = Bench(frequencies={"fill": 2000})
    assert bench.lamps.frequencies == {
        "key_left": 1000, "key_right": 1000, "fill": 2000, "backdrop": 1000
    }  # fmt: skip


def strobe(at: float) -> dict[str, float]:
    return {"key_left": float(at * 5 % 1 < 0.5)}


def chase(at: float) -> dict[str, float]:
    """One lamp after the other: none flashes often, all together do."""
    lit = int(at * 8) % 8
    return {name: float(2 * number == lit) for number, name in enumerate(PINS)}


def flicker(at: float) -> dict[str, float]:
    return dict.fromkeys(PINS, 0.5 + 0.06 * (-1) ** int(at * 20))


def breathe(at: float) -> dict[str, float]:
    return dict.fromkeys(PINS, 0.5 + 0.4 * (-1) ** int(at * 2))


@pytest.mark.parametrize("wanted", [strobe, chase, flicker])
def test_lamps_are_held_back_from_flashing(
    bench: Bench, wanted: Callable[[float], dict[str, float]]
) -> None:
    asked: list[tuple[float, float]] = []
    for number in range(300):
        bench.lamps.set(wanted(number / 60))
        bench.wait(TICK)
        asked.append((bench.at, sum(wanted(number / 60).values()) / 4))
    assert all(count_flashes(bench.light_of(name)) <= 3 for name in PINS)
    assert count_flashes(bench.together()) <= 3
    assert max(count_flashes(asked), count_flashes([(t, 4 * light) for t, light in asked])) > 3


def test_a_slow_change_is_not_held_back(bench: Bench) -> None:
    for number in range(300):
        bench.lamps.set(breathe(number / 60))
        bench.wait(TICK)
    assert max(level for _, level in bench.light_of("fill")[100:]) == 0.9
    assert min(level for _, level in bench.light_of("fill")[100:]) == pytest.approx(0.1)


def test_the_faders_thread_moves_lamps_and_leaves_them(bench: Bench) -> None:
    lamps = Lamps({"fill": 21}, 1000, bench.factory, clock=lambda: bench.at)
    fader = Fader(lamps, lambda: bench.at)
    lamps.set({"fill": 1.0})
    while lamps.moving.is_set():
        bench.at += 0.01
    fader.close()
    assert lamps.given == {"fill": 1.0}
    lamps.close()
    assert bench.factory.pin(21).state == 0


def test_lamps_that_cannot_be_moved_go_out_and_are_missing_until_they_are_found_again(
    bench: Bench,
) -> None:
    lamps = Lamps({"fill": 21}, 1000, bench.factory, clock=lambda: bench.at)
    lamps.set({"fill": 0.1})

    def fail() -> float:
        raise RuntimeError("planted")

    fader = Fader(lamps, fail)
    lamps.moving.set()
    while lamps.available:
        pass
    fader.close()
    assert bench.factory.pin(21).state == 0
    assert (lamps.levels, lamps.reasons) == ({}, {"fill": "it cannot be moved: planted"})
    lamps.look_again()
    bench.at += 1.0
    lamps.set({"fill": 0.1})
    assert bench.factory.pin(21).state == 0.1
    lamps.close()


@pytest.mark.parametrize(
    ("history", "flashes"),
    [
        ([(0.0, 0.0)], 0),
        ([(0.0, 0.0), (0.1, 0.05), (0.2, 0.0)] * 9, 0),
        ([(0.0, 0.2), (0.1, 0.6)], 0),
        ([(0.0, 0.2), (0.1, 0.6), (0.2, 0.2)], 1),
        ([(n / 10, n % 2) for n in range(31)], 5),
        ([(n / 6, n % 2) for n in range(31)], 3),
        ([(n / 5, n % 2) for n in range(31)], 2),
    ],
)
def test_flashes_are_pairs_of_opposing_changes_of_a_tenth(
    history: list[tuple[float, float]], flashes: int
) -> None:
    assert count_flashes(history) == flashes
