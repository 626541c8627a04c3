"""`kiosk calibrate` on the twin: what is off is set right, and each fault is named with what to do.

The steps are tried one by one, in the twin's own time; the whole course is a long run.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.commands.calibrate import add_arguments, may_replace
from kiosk.commands.main import main
from kiosk.config import CameraSettings, Config, load
from kiosk.errors import CameraFault, UsageError
from kiosk.evaluation.virtual_booth import VirtualClock, open_virtual_lamps
from kiosk.health import Finding, Site
from kiosk.health import calibrate_colour as colour
from kiosk.health import calibrate_lamps as lamps
from kiosk.health import calibrate_plate as plate
from kiosk.health.calibrating import Calibrating, begin
from kiosk.health.sight import last_calibration
from kiosk.sync.clock import read_clocks
from kiosk.twin import Fault, Posture, Twin
from kiosk.twin.grey_card import WHITE
from kiosk.twin.wires import AWAY, Card
from kiosk.upkeep.calibration import (
    Calibration,
    Quality,
    calibration_path,
    read_calibration,
    write_calibration,
)
from tests.health.well_booth import StandingCamera


@dataclass
class Bench:
    """The twin, with what is needed to calibrate it as often as one likes."""

    twin: Twin
    clock: VirtualClock
    camera: StandingCamera

    def site(self, **camera: object) -> Site:
        config = Config(camera=CameraSettings.model_validate(camera))
        return Site(
            config,
            read_clocks(),
            thorough=True,
            twin=self.twin,
            make_camera=lambda _: self.camera,
            make_lamps=lambda curves: open_virtual_lamps(
                config.lamps, self.twin.pin_factory, self.clock, curves
            ),
            clock=self.clock,
            sleep=self.clock.advance,
        )


@pytest.fixture(scope="module")
def opened() -> Bench:
    twin, clock = Twin("lin", Config().lamps.pins, seed=0), VirtualClock()
    camera = twin.camera(clock, clock.advance)
    camera.start()
    return Bench(twin, clock, StandingCamera(camera, clock))


@pytest.fixture
def bench(opened: Bench) -> Iterator[Bench]:
    yield opened
    wires = opened.twin.wires
    wires.fault, wires.card, wires.posture = Fault.NONE, Card.NONE, AWAY
    for lamp in wires.lamps:
        wires.set_output(lamp, 1.0)


def one(step: Callable[[Calibrating], Iterator[Finding]], calibrating: Calibrating) -> Finding:
    (found,) = step(calibrating)
    return found


@pytest.mark.parametrize(
    ("fault", "says", "next_step"),
    [
        (Fault.GREEN, "green", "cable"),
        (Fault.SWAPPED, "red and blue are exchanged", "pixel format"),
        (Fault.GREY, "no colour", "pixel format"),
        (Fault.BLACK, "black", "lamps"),
    ],
)
def test_a_camera_whose_colours_are_wrong_is_told(
    bench: Bench, fault: Fault, says: str, next_step: str
) -> None:
    bench.twin.wires.fault = fault
    with begin(bench.site(), None) as calibrating:
        found = one(lamps.see_colours, calibrating)
    assert found.verdict == "fail"
    assert says in found.says
    assert next_step in found.next_step


def test_before_the_first_calibration_wrong_gains_stop_nothing(bench: Bench) -> None:
    with begin(bench.site(colour_gains=(3.5, 0.5)), None) as calibrating:
        assert one(lamps.see_colours, calibrating).verdict in ("ok", "warn")


def test_lamps_that_died_or_faded_since_the_last_calibration_are_named(bench: Bench) -> None:
    with begin(bench.site(), None) as calibrating:
        list(lamps.keep_lamps(calibrating))
        last = calibrating.result()
    bench.twin.wires.set_output("fill", 0.0)
    bench.twin.wires.set_output("backdrop", 0.5)
    with begin(bench.site(), last) as calibrating:
        dead, weak = lamps.see_lamps(calibrating)
    assert (dead.verdict, weak.verdict) == ("fail", "warn")
    assert dead.says.startswith("fill is dark")
    assert weak.says.startswith("backdrop is weak")
    assert dead.next_step
    assert weak.next_step


@pytest.mark.parametrize(
    ("posture", "says"),
    [(AWAY, "the backdrop's colour"), (Posture(), "no even grey")],
)
def test_without_a_card_nothing_is_set(bench: Bench, posture: Posture, says: str) -> None:
    bench.twin.wires.posture = posture
    with begin(bench.site(), None) as calibrating:
        found = one(colour.see_card, calibrating)
    assert found.verdict == "fail"
    assert says in found.says
    assert "put the grey card" in found.next_step


def test_exposure_and_colours_are_set_by_the_card(bench: Bench) -> None:
    bench.twin.wires.card = Card.GREY
    with begin(bench.site(colour_gains=(1.6, 0.7), exposure_time=20_000), None) as calibrating:
        found = [
            one(step, calibrating)
            for step in (
                colour.see_card,
                colour.see_stray_light,
                colour.set_exposure,
                colour.set_colours,
                colour.see_place,
            )
        ]
        result = calibrating.result()
    assert [each.verdict for each in found] == ["ok"] * 5
    assert result.exposure_time == 10_000
    assert result.analogue_gain == pytest.approx(1.46, abs=0.03)
    assert result.colour_gains == pytest.approx((1.0, 1.0), abs=0.02)
    assert result.card is not None
    red, green, blue = result.card
    assert 115 <= green <= 122
    assert max(abs(red - green), abs(blue - green)) <= 2


def test_lamps_that_are_too_weak_for_any_exposure_are_told(bench: Bench) -> None:
    bench.twin.wires.card = Card.GREY
    for lamp in bench.twin.wires.lamps:
        bench.twin.wires.set_output(lamp, 0.0)
    bench.twin.wires.ambient = {"room": 0.1}
    try:
        with begin(bench.site(), None) as calibrating:
            found = one(colour.set_exposure, calibrating)
    finally:
        bench.twin.wires.ambient = {"room": 1.0}
    assert found.verdict == "fail"
    assert "too dark" in found.says


def test_doctor_compares_lamps_with_the_last_calibration_of_the_same_settings(
    bench: Bench, tmp_path: Path
) -> None:
    found = Calibration(
        at=datetime.now(UTC),
        camera="twin",
        exposure_time=10_000,
        analogue_gain=1.0,
        colour_gains=(1.0, 1.0),
        effects={"fill": 0.03},
    )
    write_calibration(tmp_path / "calibration.json", found)
    sync = Config().sync.model_copy(update={"outbox": tmp_path / "outbox.sqlite"})
    for gain, compared in ((1.0, found), (4.0, None)):
        site = bench.site(analogue_gain=gain)
        site = replace(site, config=site.config.model_copy(update={"sync": sync}))
        assert last_calibration(site) == compared


def test_each_lamps_light_curve_and_lag_are_measured_as_they_are(bench: Bench) -> None:
    wires = bench.twin.wires
    wires.card = Card.GREY
    wires.set_exponent("key_left", 0.8)
    site = bench.site()
    two = site.config.lamps.model_copy(update={"pins": {"key_left": 12, "backdrop": 19}})
    site = replace(
        site,
        make_lamps=lambda curves: open_virtual_lamps(
            two, bench.twin.pin_factory, bench.clock, curves
        ),
    )
    try:
        with begin(site, None) as calibrating:
            calibrating.steps = (0.1, 0.3, 0.5, 0.7, 1.0)
            found = list(lamps.measure_response(calibrating))
            result = calibrating.result()
    finally:
        wires.set_exponent("key_left", 1.0)
    assert [one.verdict for one in found] == ["ok"]
    response = result.response
    assert response is not None
    gain = site.config.camera.analogue_gain
    assert response.face["key_left"] == pytest.approx(gain * WHITE["key_left"][1], rel=0.02)
    assert response.face["backdrop"] == pytest.approx(0, abs=0.01)
    left, right = response.backdrop["key_left"]
    assert left > 1.1 * right
    curve = result.curves["key_left"]
    assert curve.light_of(0.3) == pytest.approx(0.3**0.8, abs=0.02)
    assert "backdrop" not in result.curves
    assert response.lag == pytest.approx(0, abs=0.02)
    assert result.quality is not None
    assert result.quality.additivity < 0.02


def test_a_lamp_that_is_dead_stops_the_calibration_of_lamps(bench: Bench) -> None:
    bench.twin.wires.card = Card.GREY
    bench.twin.wires.set_output("key_left", 0.0)
    with begin(bench.site(), None) as calibrating:
        calibrating.steps = (1.0,)
        (found,) = lamps.measure_response(calibrating)
        assert "lamps" not in calibrating.found
    assert found.verdict == "fail"
    assert "key_left: it gives no light" in found.says


def test_the_chart_tells_which_colours_are_off(bench: Bench) -> None:
    bench.twin.wires.card = Card.CHART
    with begin(bench.site(), None) as calibrating:
        right = one(colour.see_chart, calibrating)
        calibrating.controls = replace(calibrating.controls, colour_gains=(1.3, 0.8))
        wrong = one(colour.see_chart, calibrating)
        bench.twin.wires.card = Card.GREY
        missing = one(colour.see_chart, calibrating)
    assert [found.verdict for found in (right, wrong, missing)] == ["ok", "warn", "fail"]


def test_no_plate_is_told_while_somebody_is_there(bench: Bench) -> None:
    bench.twin.wires.posture = Posture()
    with begin(bench.site(), None) as calibrating:
        found = one(plate.see_plate, calibrating)
    assert (found.verdict, found.says) == ("fail", "somebody or something is before the backdrop")


def test_a_camera_whose_controls_are_no_numbers_is_a_fault(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.health.calibrating.PATIENCE", 0.2)
    with begin(bench.site(), None) as calibrating:
        broken = replace(calibrating.controls, analogue_gain=float("nan"))
        with pytest.raises(CameraFault, match="does not take its controls"):
            calibrating.next_frame(0.0, broken)


def test_ctrl_c_leaves_the_lamps_dark_and_nothing_written(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(controls: object) -> None:
        assert any(bench.twin.wires.levels.values())
        raise KeyboardInterrupt

    site = bench.site()
    monkeypatch.setattr(bench.camera, "control", interrupt)
    with pytest.raises(KeyboardInterrupt), begin(site, None) as calibrating:
        list(lamps.see_colours(calibrating))
    assert set(bench.twin.wires.levels.values()) == {0.0}
    assert not list(tmp_path.iterdir())


def test_a_booth_that_runs_is_not_disturbed(bench: Bench) -> None:
    running = replace(bench.site(), life="running")
    with pytest.raises(UsageError, match="systemctl stop kiosk"), begin(running, None):
        pass


def test_the_lens_out_of_focus_is_told_by_the_last_time(bench: Bench) -> None:
    with begin(bench.site(), None) as calibrating:
        list(colour.see_focus(calibrating))
        last = calibrating.result()
    assert last.sharpness
    before = last.model_copy(update={"sharpness": 3 * last.sharpness})
    with begin(bench.site(), before) as calibrating:
        found = one(colour.see_focus, calibrating)
    assert (found.verdict, found.spare) == ("warn", "lens")


@pytest.mark.parametrize(
    ("noise", "options", "kept"),
    [(0.002, [], True), (0.2, [], False), (0.2, ["--even-if-worse"], True)],
)
def test_a_better_calibration_is_replaced_by_a_worse_one_only_by_somebodys_word(
    capsys: pytest.CaptureFixture[str], noise: float, options: list[str], kept: bool
) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    quality = {"additivity": 0.01, "noise": 0.002, "room": 0.0, "fit": 0.004}
    last = Calibration.model_validate(
        {
            "at": datetime.now(UTC), "camera": "twin", "exposure_time": 10_000,
            "analogue_gain": 1.0, "colour_gains": (1.0, 1.0), "quality": quality,
        }
    )  # fmt: skip
    result = last.model_copy(update={"quality": Quality.model_validate(quality | {"noise": noise})})
    assert may_replace(last, result, parser.parse_args(["--auto", *options])) is kept
    told = "is worse than that of" in capsys.readouterr().err
    assert told is (noise > 0.1)


@pytest.mark.soak
@pytest.mark.parametrize("frequency", [1_000, 1_040])
def test_the_whole_course_sets_a_booth_and_keeps_what_it_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], frequency: int
) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(f"""
[camera]
exposure_time = 20_000   # ours
colour_gains = [1.6, 0.7]
[lamps]
frequency = {frequency}
[sync]
outbox = "outbox.sqlite"
""")
    status = main(["--config", str(path), "calibrate", "--auto", "--write"])
    said = capsys.readouterr()
    assert (status == 1) is (frequency == 1_040)
    assert ("set lamps.frequency to 1000" in said.out) is (frequency == 1_040)
    config = load(path).config
    assert config.camera.exposure_time == 10_000
    assert config.camera.analogue_gain == pytest.approx(1.46, abs=0.03)
    assert config.camera.colour_gains == pytest.approx((1.0, 1.0), abs=0.02)
    assert "exposure_time = 10_000   # ours" in path.read_text()
    kept = read_calibration(calibration_path(config.sync.outbox))
    assert isinstance(kept, Calibration)
    assert set(kept.effects) == set(kept.bands) == set(config.lamps.pins)
