"""The Pi's camera driver on the real picamera2, its Python binding and libcamera.

Run by `make test-picamera2`, in a Debian of its own: what is not real is told in pi_boundary.py.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from frames import HUES, WITH_STUDENT, WITHOUT_STUDENT, patch_middles
from pi_boundary import SENSOR, Picamera2, has_raw_streams, own_controls

from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.camera.pi import CONTROL_TRIES, SETTLING_FRAMES, PiCamera
from kiosk.camera.process import CameraProcess
from kiosk.errors import CameraFault
from kiosk.pipeline.hue import shows_wrong_colours

PREVIEW, MAIN = (480, 640), (960, 1280)
TWIN, HUES_CAMERA = 0, 1
"""Their numbers: picamera2 counts cameras backwards by name."""

LOCKED = Controls(exposure_time=10_000, analogue_gain=1.5, colour_gains=(2.1, 1.7))
FRAMES = Path(os.environ["FRAMES"])
HANG = Path(os.environ["HANG_FILE"])


@pytest.fixture(autouse=True)
def sound() -> Iterator[None]:
    """A sensor that is whole again after each test."""
    yield
    SENSOR.deaf = SENSOR.grey = False
    HANG.unlink(missing_ok=True)


@pytest.fixture
def opened() -> Iterator[Callable[..., PiCamera]]:
    """Opens cameras, and stops them at the end."""
    cameras: list[PiCamera] = []

    def open_camera(index: int = HUES_CAMERA, **given: Any) -> PiCamera:
        camera = PiCamera(PREVIEW, MAIN, index, **given)
        cameras.append(camera)
        camera.control(LOCKED)
        camera.start()
        return camera

    yield open_camera
    for camera in cameras:
        camera.stop()


def taken(frame: Frame) -> dict[str, Picture]:
    assert frame.image is not None
    return {"preview": frame.preview, "main": frame.image}


def hues_of(picture: Picture) -> list[list[int]]:
    size = picture.shape[1], picture.shape[0]
    return [picture[place].astype(int).tolist() for place in patch_middles(size)]


def right(picture: Picture) -> bool:
    """Whether the patches have their hues; JPEG and 8-bit YUV lose a few codes."""
    return bool(np.abs(np.subtract(hues_of(picture), HUES)).max() <= 6)


def asking_for(monkeypatch: pytest.MonkeyPatch, stream: str, pixel_format: str) -> None:
    """Let the driver ask for another format than it does."""
    real = Picamera2.create_still_configuration

    def create(self: Any, **given: Any) -> Any:
        if given:  # else it is picamera2 itself, as it opens the camera
            given[stream] = given[stream] | {"format": pixel_format}
        return real(self, **given)

    monkeypatch.setattr(Picamera2, "create_still_configuration", create)


# ---- frames ----


def test_frames_come_with_both_pictures_in_their_sizes(opened: Callable[..., PiCamera]) -> None:
    camera = opened()
    frames = [camera.read(main=number % 2 == 0) for number in range(30)]
    assert [frame.number for frame in frames] == list(range(1, 31))
    assert {frame.preview.shape for frame in frames} == {(640, 480, 3)}
    assert [frame.image is not None for frame in frames] == [True, False] * 15
    assert taken(frames[0])["main"].shape == (1280, 960, 3)
    assert (np.diff([frame.time for frame in frames]) > 0).all()


def test_it_stops_and_starts_again(opened: Callable[..., PiCamera]) -> None:
    camera = opened()
    for _ in range(3):
        camera.read(main=True)
        camera.stop()
        camera.start()
    assert camera.read(main=True).number == 1


def test_a_size_that_it_cannot_give_is_a_fault_that_names_it() -> None:
    camera = PiCamera((500, 640), MAIN, HUES_CAMERA)
    with pytest.raises(CameraFault, match=r"of the lores stream's 500×640 px"):
        camera.start()
    camera.stop()


def test_a_camera_that_is_not_there_is_a_fault_with_a_way_out() -> None:
    with pytest.raises(CameraFault, match=r"Pi camera 7 cannot be opened .*--list-cameras"):
        PiCamera(PREVIEW, MAIN, index=7).start()


# ---- colours ----


def test_known_hues_come_as_red_green_blue(opened: Callable[..., PiCamera]) -> None:
    pictures = taken(opened().read(main=True))
    assert right(pictures["preview"]), hues_of(pictures["preview"])
    assert right(pictures["main"]), hues_of(pictures["main"])


def test_picamera2_itself_calls_the_main_picture_the_same(
    opened: Callable[..., PiCamera],
) -> None:
    camera = opened()
    request = camera._device.capture_request()
    named = np.asarray(request.make_image("main").convert("RGB"))
    request.release()
    assert right(named), hues_of(named)


@pytest.mark.parametrize(
    ("stream", "pixel_format", "picture"),
    [("main", "RGB888", "main"), ("lores", "YVU420", "preview")],
)
def test_exchanged_channels_would_not_pass(
    stream: str,
    pixel_format: str,
    picture: str,
    opened: Callable[..., PiCamera],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asking_for(monkeypatch, stream, pixel_format)
    pictures = taken(opened().read(main=True))
    assert not right(pictures.pop(picture))
    assert all(right(other) for other in pictures.values())


def test_grey_would_not_pass(opened: Callable[..., PiCamera]) -> None:
    SENSOR.grey = True
    assert not any(right(picture) for picture in taken(opened().read(main=True)).values())


def test_the_twins_frames_come_as_they_were_sent(opened: Callable[..., PiCamera]) -> None:
    sent = []
    for number in (WITHOUT_STUDENT, WITH_STUDENT):
        decoded = cv2.imread(str(FRAMES / "twin" / f"{number}.jpg"))
        assert decoded is not None
        sent.append(decoded[..., ::-1].astype(int))
    camera = opened(TWIN)
    came = [taken(camera.read(main=True))["main"] for _ in range(12)]
    off = [[np.abs(picture - one).mean() for one in sent] for picture in came]
    assert max(min(one) for one in off) < 2
    assert {int(np.argmin(one)) for one in off} == {WITHOUT_STUDENT, WITH_STUDENT}


def test_the_empty_booths_backdrop_says_whether_colours_are_right(
    opened: Callable[..., PiCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    def backdrop(camera: PiCamera) -> set[bool | None]:
        pictures = [taken(camera.read(main=True)) for _ in range(6)]
        camera.stop()
        return {shows_wrong_colours(one) for picture in pictures for one in picture.values()}

    assert backdrop(opened(TWIN)) == {False}
    SENSOR.grey = True
    assert backdrop(opened(TWIN)) == {True}
    SENSOR.grey = False
    asking_for(monkeypatch, "main", "RGB888")
    assert backdrop(opened(TWIN)) == {True, False}  # the preview's are right


# ---- controls ----


def test_the_binding_takes_every_control_and_the_sensor_holds_it(
    opened: Callable[..., PiCamera],
) -> None:
    camera = opened(focus=0.8)
    asked = dict(SENSOR.asked)
    assert asked["AeEnable"] is False
    assert asked["AwbEnable"] is False
    assert asked["ColourGains"] == (2.1, 1.7)
    assert (asked["AfMode"], asked["LensPosition"]) == (0, 0.8)
    for _ in range(SETTLING_FRAMES):
        told = camera.read(main=False).controls
    assert told.exposure_time == pytest.approx(10_000, rel=0.01)
    assert told.analogue_gain == pytest.approx(1.5)
    assert told.colour_gains == (2.1, 1.7)


def test_automatic_exposure_keeps_to_the_mains(opened: Callable[..., PiCamera]) -> None:
    camera = opened()
    SENSOR.asked = []
    camera.control(Controls(ae_enable=True))
    for _ in range(SETTLING_FRAMES):
        camera.read(main=False)
    asked = dict(SENSOR.asked)
    assert (asked["AeFlickerMode"], asked["AeFlickerPeriod"]) == (1, 10_000)
    assert "ExposureTime" not in asked


def test_gains_that_get_lost_are_applied_again(opened: Callable[..., PiCamera]) -> None:
    camera = opened()
    for _ in range(SETTLING_FRAMES):
        camera.read(main=False)
    SENSOR.forget()
    for _ in range(3 * SETTLING_FRAMES):
        frame = camera.read(main=False)
    assert frame.controls.colour_gains == (2.1, 1.7)


def test_a_sensor_that_takes_no_controls_is_a_fault(opened: Callable[..., PiCamera]) -> None:
    camera = opened()
    SENSOR.deaf = True
    SENSOR.forget()

    def read_on() -> None:
        for _ in range((SETTLING_FRAMES + 4) * (CONTROL_TRIES + 1)):
            camera.read(main=False)

    with pytest.raises(CameraFault, match=r"does not keep its controls .*ColourGains"):
        read_on()


def test_a_tuning_file_is_handed_to_libcamera(
    opened: Callable[..., PiCamera], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIBCAMERA_RPI_TUNING_FILE", "")
    (tmp_path / "ours.json").write_text('{"version": 2.0}')
    opened(tuning=str(tmp_path / "ours.json"))
    assert os.environ["LIBCAMERA_RPI_TUNING_FILE"]  # a file that picamera2 wrote it to
    with pytest.raises(CameraFault, match=r"tuning file theirs\.json cannot be used .*not found"):
        opened(tuning="theirs.json")


# ---- a camera that blocks ----


def open_in_process() -> PiCamera:
    """Makes the camera inside the camera process, which imports this module and its boundary."""
    return PiCamera(PREVIEW, MAIN, HUES_CAMERA)


@pytest.fixture
def process() -> Iterator[CameraProcess]:
    """The booth's side, at work."""
    camera = CameraProcess(open_in_process, PREVIEW, MAIN, patience=4.0)
    camera.control(LOCKED)
    camera.start()
    wait_for(lambda: camera.available)
    yield camera
    HANG.unlink(missing_ok=True)
    camera.stop()


def wait_for(done: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)


def child() -> int:
    (process,) = (one for one in multiprocessing.active_children() if one.name == "camera")
    assert process.pid is not None
    return process.pid


def test_the_camera_process_hands_its_pictures_on(process: CameraProcess) -> None:
    frames = process.capture(5, 10)
    assert all(right(picture) for frame in frames for picture in taken(frame).values())


def test_a_process_that_is_stopped_is_killed_and_started_again(process: CameraProcess) -> None:
    stopped = child()
    os.kill(stopped, signal.SIGSTOP)
    wait_for(lambda: process.fault is not None)
    assert "gave no frame" in str(process.fault)
    wait_for(lambda: process.available)
    assert child() != stopped
    assert right(taken(process.capture(1, 10)[0])["main"])


def test_a_driver_that_hangs_in_the_kernel_is_killed_until_it_works_again(
    process: CameraProcess,
) -> None:
    hung = child()
    HANG.touch()
    wait_for(lambda: process.fault is not None)
    assert "gave no frame" in str(process.fault)
    HANG.unlink()
    wait_for(lambda: process.available)
    assert child() != hung
    assert right(taken(process.capture(1, 10)[0])["main"])


def test_what_is_added_is_needed() -> None:
    """Once libcamera's virtual camera has more by itself, less is to be added."""
    assert not own_controls() & {"ExposureTime", "ColourGains", "AeEnable", "LensPosition"}
    assert not has_raw_streams()
