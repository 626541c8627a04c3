import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.camera.frame import Controls
from kiosk.camera.process import CameraProcess
from kiosk.errors import CameraFault
from kiosk.lighting.control_law import Measured, begin, follow
from kiosk.lighting.lamps import Lamps
from kiosk.lighting.response import USUAL
from kiosk.lighting.usual_levels import WORKING
from kiosk.pipeline.light import to_linear
from kiosk.pipeline.look.looker import Looker
from kiosk.twin import Fault, Posture, Twin, sensor
from kiosk.twin.camera import TwinCamera
from kiosk.twin.people import find_subject
from tests.standing_clock import Clock

PINS = {"key_left": 12, "key_right": 13, "fill": 18, "backdrop": 19}


@pytest.fixture
def twin() -> Twin:
    return Twin("lin", PINS, seed=5)


def camera(
    twin: Twin, clock: Clock | None = None, chip: sensor.Sensor | None = sensor.SENSOR
) -> TwinCamera:
    clock = clock or Clock()
    made = TwinCamera(find_subject("lin"), twin.wires, 5, clock=clock, sleep=clock.sleep, chip=chip)
    made.start()
    return made


def light(twin: Twin, levels: Mapping[str, float]) -> Lamps:
    lamps = Lamps(PINS, 1000, twin.pin_factory)
    lamps.set(levels)
    return lamps


def test_a_frame_has_both_streams_of_one_exposure(twin: Twin) -> None:
    width, height = twin.size
    seen = camera(twin)
    with light(twin, WORKING):
        frame = seen.read(main=True)
    assert frame.preview.shape == (height // 2, width // 2, 3)
    assert frame.image is not None
    assert frame.image.shape == (height, width, 3)
    assert frame.preview.dtype == frame.image.dtype == np.uint8
    shrunk = frame.image.reshape(height // 2, 2, width // 2, 2, 3).mean((1, 3))
    assert np.abs(shrunk - frame.preview).mean() < 1.5


def test_without_lamps_and_daylight_the_frame_is_dark() -> None:
    twin = Twin("lin", PINS, seed=5, ambient={})
    twin.wires.posture = Posture()
    assert camera(twin).read(main=False).preview.mean() < 2


def test_frames_come_thirty_a_second_and_are_counted(twin: Twin) -> None:
    seen = camera(twin)
    frames = [seen.read(main=False) for _ in range(10)]
    assert [frame.number for frame in frames] == list(range(1, 11))
    assert np.diff([frame.time for frame in frames]) == pytest.approx(np.full(9, 1 / 30))


def test_after_a_pause_frames_do_not_come_in_a_rush(twin: Twin) -> None:
    clock = Clock()
    seen = camera(twin, clock)
    seen.read(main=False)
    clock.sleep(10)
    times = [seen.read(main=False).time for _ in range(5)]
    assert np.diff(times)[1:] == pytest.approx(np.full(3, 1 / 30))


def test_frames_follow_from_the_seed(twin: Twin) -> None:
    twin.wires.posture = Posture()
    with light(twin, WORKING):
        one, same = camera(twin).read(main=True), camera(twin).read(main=True)
        other = TwinCamera(find_subject("lin"), twin.wires, 6)
        other.start()
        np.testing.assert_array_equal(one.preview, same.preview)
        assert one.image is not None
        assert same.image is not None
        np.testing.assert_array_equal(one.image, same.image)
        assert (one.preview != other.read(main=False).preview).any()


def test_two_frames_of_a_still_person_differ_by_their_noise_only(twin: Twin) -> None:
    twin.wires.posture = Posture()
    with light(twin, WORKING):
        noisy, clean = camera(twin), camera(twin, chip=None)
        one, two = (noisy.read(main=False).preview.astype(int) for _ in range(2))
        assert 0 < np.abs(one - two).mean() < 2
        np.testing.assert_array_equal(
            clean.read(main=False).preview, clean.read(main=False).preview
        )


def test_every_change_on_the_wires_is_in_the_next_frame(twin: Twin) -> None:
    seen = camera(twin, chip=None)
    with light(twin, WORKING) as lamps:
        empty = seen.read(main=False).preview
        changes: list[Callable[[], None]] = [
            lambda: setattr(twin.wires, "posture", Posture()),
            lambda: setattr(twin.wires, "posture", Posture("smile")),
            lambda: setattr(twin.wires, "posture", Posture("smile", dx=0.05)),
            lambda: lamps.set({"fill": 0.2}),
            lambda: setattr(twin.wires, "ambient", {"room": 0.5}),
        ]
        before = empty
        for change in changes:
            change()
            after = seen.read(main=False).preview
            assert (after != before).any()
            before = after
        lamps.set(WORKING)
        twin.wires.ambient = {"room": 1.0}
        twin.wires.posture = Posture(present=False)
        np.testing.assert_array_equal(seen.read(main=False).preview, empty)


def test_controls_act_on_the_next_frame(twin: Twin) -> None:
    seen = camera(twin, chip=None)
    with light(twin, WORKING):
        bright = to_linear(seen.read(main=False).preview)
        seen.control(Controls(exposure_time=5_000))
        frame = seen.read(main=False)
    assert frame.controls == Controls(exposure_time=5_000)
    dark = to_linear(frame.preview)
    assert np.median(dark / np.maximum(bright, 1e-3)) == pytest.approx(0.5, abs=0.02)


def test_black_and_green_frames_hold_nothing_else(twin: Twin) -> None:
    seen = camera(twin)
    twin.wires.fault = Fault.BLACK
    assert seen.read(main=False).preview.max() == 0
    twin.wires.fault = Fault.GREEN
    frame = seen.read(main=True)
    assert frame.image is not None
    assert np.unique(frame.image.reshape(-1, 3), axis=0).tolist() == [[0, 135, 0]]


def test_an_unplugged_camera_neither_gives_frames_nor_starts(twin: Twin) -> None:
    seen = camera(twin)
    twin.wires.fault = Fault.UNPLUGGED
    with pytest.raises(CameraFault, match="unplugged"):
        seen.read(main=False)
    with pytest.raises(CameraFault, match="unplugged"):
        seen.start()
    twin.wires.fault = Fault.NONE
    seen.start()
    assert seen.read(main=False).preview.any()


def test_a_frozen_camera_gives_nothing_until_it_thaws(twin: Twin) -> None:
    seen = TwinCamera(find_subject("lin"), twin.wires, 5)
    seen.start()
    twin.wires.fault = Fault.FROZEN
    came = threading.Event()

    def read() -> None:
        seen.read(main=False)
        came.set()

    thread = threading.Thread(target=read)
    thread.start()
    assert not came.wait(0.3)
    twin.wires.fault = Fault.NONE
    assert came.wait(30)
    thread.join()


def test_a_camera_that_was_stopped_says_so(twin: Twin) -> None:
    seen = camera(twin)
    seen.stop()
    seen.stop()
    with pytest.raises(CameraFault, match="was not started"):
        seen.read(main=False)


def test_a_damaged_subject_is_a_camera_fault_that_names_the_file(
    twin: Twin, tmp_path: Path
) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(find_subject("lin"), folder)
    (folder / "neutral" / "room.jpg").write_bytes(b"")
    with pytest.raises(CameraFault, match=r"damaged/neutral/room\.jpg"):
        TwinCamera(folder, twin.wires, 1).start()


def test_the_control_law_evens_a_face_beside_a_window() -> None:
    twin = Twin("lin", PINS, seed=5, ambient={"room": 1.0, "key_right": 0.6})
    twin.wires.posture = Posture()
    seen = camera(twin)
    rows, left, right = slice(320, 350), slice(165, 190), slice(290, 315)
    with light(twin, WORKING) as lamps:
        ratios, control = [], begin(lamps.levels)
        for _ in range(30):
            frame = seen.read(main=False)
            linear = to_linear(frame.preview)
            cheeks = float(linear[rows, left].mean()), float(linear[rows, right].mean())
            ratios.append(cheeks[0] / cheeks[1])
            measured = Measured(cheeks, None, frame.time)
            control, levels = follow(control, measured, lamps.levels, USUAL, {})
            lamps.set(levels)
    assert ratios[0] < 0.85
    assert ratios[-1] == pytest.approx(1.0, abs=0.04)


def test_the_twin_gives_frames_from_a_process_of_its_own(twin: Twin) -> None:
    width, height = twin.size
    twin.wires.posture = Posture()
    with light(twin, WORKING):
        process = CameraProcess(twin.open_camera, (width // 2, height // 2), (width, height))
        process.start()
        try:
            frames = process.capture(2, timeout=60)
            assert [frame.image.shape for frame in frames if frame.image is not None] == [
                (height, width, 3)
            ] * 2
            assert frames[0].preview.mean() > 60
        finally:
            process.stop()


def test_a_lamp_without_pictures_is_driven_stays_dark_and_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    twin = Twin("lin", PINS | {"top": 21}, seed=5)
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "twin: no pictures of the lamp top, which stays dark; "
        "there are pictures of key_left, key_right, fill, backdrop, room"
    ]
    twin.wires.posture = Posture()
    with light(twin, WORKING):
        without = camera(twin, chip=None).read(main=True)
    with Lamps(PINS | {"top": 21}, 1000, twin.pin_factory) as lamps:
        lamps.set({**WORKING, "top": 0.7})
        assert lamps.available
        assert lamps.levels == {**WORKING, "top": 0.7}
        seen = camera(twin, chip=None).read(main=True)
        assert np.array_equal(np.asarray(seen.image), np.asarray(without.image))
        width, height = twin.size
        process = CameraProcess(twin.open_camera, (width // 2, height // 2), (width, height))
        process.start()
        try:
            assert process.capture(1, timeout=60)[0].preview.mean() > 60
        finally:
            process.stop()
    assert len(caplog.records) == 1


def test_a_dropping_camera_loses_frames_and_counts_on(twin: Twin) -> None:
    twin.wires.fault = Fault.DROPPING
    seen = camera(twin)
    numbers = [seen.read(main=False).number for _ in range(30)]
    gaps = np.diff(numbers)
    assert gaps.min() == 1
    assert gaps.max() > 1
    assert numbers[-1] > 35
    twin.wires.fault = Fault.NONE
    assert seen.read(main=False).number == numbers[-1] + 1


def test_a_second_person_who_leans_in_is_a_second_face(twin: Twin, looker: Looker) -> None:
    seen = camera(twin)
    with light(twin, WORKING):
        twin.wires.posture = Posture()
        assert looker.look(seen.read(main=False).preview).faces == 1
        twin.wires.posture = Posture(second=1.0)
        assert looker.look(seen.read(main=False).preview).faces == 2


def test_automatic_exposure_opens_up_in_the_dark_and_says_what_it_took(twin: Twin) -> None:
    twin.wires.posture = Posture()
    seen = camera(twin)
    seen.control(Controls(ae_enable=True))
    frames = [seen.read(main=False) for _ in range(30)]
    assert frames[0].controls.exposure_time == Controls().exposure_time
    assert frames[-1].controls.exposure_time > 2 * Controls().exposure_time
    assert frames[-1].preview.mean() > frames[0].preview.mean() + 10


def test_lamps_on_a_slow_pin_band_the_frame_and_on_a_quick_one_do_not(twin: Twin) -> None:
    def rows(frequency: int) -> NDArray[np.float64]:
        seen = camera(twin, chip=None)
        seen.control(Controls(exposure_time=8_000))
        with Lamps(PINS, frequency, twin.pin_factory) as lamps:
            lamps.set(dict.fromkeys(PINS, 0.4))
            frame = seen.read(main=False).preview
        return np.asarray(to_linear(frame[:, :40]).mean((1, 2)), np.float64)

    quick = rows(1000)
    assert np.std(rows(2000) / quick) < 0.01
    assert np.std(rows(170) / quick) > 0.05


def test_a_late_frame_has_the_time_and_the_light_it_was_taken_at(twin: Twin) -> None:
    clock = Clock()
    late = TwinCamera(find_subject("lin"), twin.wires, 5, clock=clock, sleep=clock.sleep, late=2)
    late.start()
    with light(twin, WORKING) as lamps:
        first = late.read(main=False)
        assert first.number == 1
        assert clock.now - first.time == pytest.approx(2 / 30)
        lamps.set(dict.fromkeys(PINS, 0.0))
        late.control(Controls(exposure_time=5_000))
        seen = [late.read(main=False) for _ in range(3)]
    assert [frame.number for frame in seen] == [2, 3, 4]
    assert [frame.controls.exposure_time for frame in seen[1:]] == [
        first.controls.exposure_time, 5_000
    ]  # fmt: skip
    means = [frame.preview.mean() for frame in seen]
    assert means[0] == pytest.approx(means[1], rel=0.01)
    assert means[2] < means[1] / 2
