"""The Pi's camera driver, on a stand-in for picamera2 that keeps its rules (there is no twin)."""

import sys
from types import ModuleType
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.camera import Camera, Controls
from kiosk.camera.pi import CONTROL_TRIES, SETTLING_FRAMES, PiCamera, yuv420_to_rgb
from kiosk.errors import CameraFault

MAIN = (120, 160)
LORES = (60, 80)
STRIDE = 64
RED = (200, 30, 40)


def full_range_planes(colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    """One colour as libcamera lays out sYCC 4:2:0: planes one after the other, rows padded."""
    width, height = LORES
    pixel = np.array([[colour]], np.uint8)
    y, red, blue = cv2.cvtColor(pixel, cv2.COLOR_RGB2YCrCb)[0, 0]
    luma = np.zeros((height, STRIDE), np.uint8)
    luma[:, :width] = y
    chroma = np.zeros((2, height // 2, STRIDE // 2), np.uint8)
    chroma[0, :, : width // 2] = blue
    chroma[1, :, : width // 2] = red
    return np.vstack([luma, chroma.reshape(height // 2, STRIDE)])


class Request:
    """Holds a buffer until it is released, as a CompletedRequest does."""

    def __init__(self, device: "Picamera2", metadata: dict[str, Any]) -> None:
        self._device = device
        self._metadata = metadata

    def get_metadata(self) -> dict[str, Any]:
        return self._metadata

    def make_array(self, name: str) -> NDArray[np.uint8]:
        if name == "lores":
            return full_range_planes(RED)
        width, height = self._device.config["main"]["size"]
        return np.full((height, width, 3), RED, np.uint8)

    def release(self) -> None:
        self._device.free += 1


class Picamera2:
    """What picamera2 0.3.36 does, as far as the driver uses it."""

    camera_properties = {"Model": "imx477"}  # noqa: RUF012 - as in picamera2
    camera_controls: ClassVar[dict[str, tuple[float, float, float]]] = {}
    """Those that not every camera offers: least, most, default."""
    delay = 4
    """Frames until controls take effect."""
    deaf = False
    """Whether colour gains are ignored."""
    loose = False
    last: "Picamera2"

    @staticmethod
    def load_tuning_file(tuning_file: str, dir: str | None = None) -> dict[str, Any]:
        if dir is None and tuning_file != "imx477.json":
            raise RuntimeError("Tuning file not found")
        return {"version": 2.0}

    def __init__(self, camera_num: int = 0, tuning: object = None) -> None:
        Picamera2.last = self
        self.tuning = tuning
        if camera_num > 0:
            raise IndexError("list index out of range")
        self.open = True
        self.frames = 0
        self.sets = 0
        self.config: dict[str, Any] = {}
        self.queue: list[tuple[int, dict[str, Any]]] = []
        self.now: dict[str, Any] = {
            "ExposureTime": 20_000,
            "AnalogueGain": 1.0,
            "ColourGains": (1.7, 1.6),
        }

    def create_still_configuration(
        self,
        main: dict[str, Any],
        lores: dict[str, Any] | None = None,
        raw: dict[str, Any] | None = None,
        colour_space: object = None,
        buffer_count: int = 1,
        controls: dict[str, Any] | None = None,
        queue: bool = True,
    ) -> dict[str, Any]:
        return {
            "main": main,
            "lores": lores,
            "raw": raw,
            "colour_space": colour_space,
            "buffer_count": buffer_count,
            "controls": controls,
            "queue": queue,
        }

    def configure(self, config: dict[str, Any]) -> None:
        width, height = config["main"]["size"]
        self.config = config
        config["main"]["size"] = (width // 8 * 8, height)  # libcamera adjusts without an error
        self.free = config["buffer_count"]

    def camera_configuration(self) -> dict[str, Any]:
        return self.config

    def start(self) -> None:
        self.set_controls(self.config["controls"])

    def set_controls(self, controls: dict[str, Any]) -> None:
        self.sets += 1
        self.queue.append((self.frames + self.delay, controls))

    def capture_request(self, wait: float) -> Request:
        if self.loose or not self.free:
            raise TimeoutError
        self.frames += 1
        self.free -= 1
        for due, controls in self.queue:
            if due <= self.frames:
                self.now |= {k: v for k, v in controls.items() if k in self.now}
                if self.deaf:
                    self.now["ColourGains"] = (1.7, 1.6)
        # A sensor exposes whole lines, so what was asked for is never met exactly.
        metadata = self.now | {
            "ExposureTime": self.now["ExposureTime"] - 7,
            "SensorTimestamp": 10**9 + self.frames * 33_333_000,
        }
        return Request(self, metadata)

    def close(self) -> None:
        self.open = False


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> type[Picamera2]:
    """The stand-in's class, fresh for each test."""

    class Fresh(Picamera2):
        pass

    class ColorSpace:
        Sycc = staticmethod(lambda: "sYCC")

    picamera2, libcamera = ModuleType("picamera2"), ModuleType("libcamera")
    picamera2.Picamera2 = Fresh  # type: ignore[attr-defined]
    libcamera.ColorSpace = ColorSpace  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", picamera2)
    monkeypatch.setitem(sys.modules, "libcamera", libcamera)
    return Fresh


def started(controls: Controls | None = None) -> PiCamera:
    camera = PiCamera(LORES, MAIN)
    if controls is not None:
        camera.control(controls)
    camera.start()
    return camera


def test_both_pictures_are_of_one_exposure_and_in_red_green_blue_order(
    device: type[Picamera2],
) -> None:
    camera: Camera = started()
    frame = camera.read(main=True)
    assert frame.image is not None
    assert frame.image.shape == (160, 120, 3)
    assert frame.preview.shape == (80, 60, 3)
    assert frame.image[0, 0].tolist() == list(RED)
    assert np.allclose(frame.preview, RED, atol=2)
    assert frame.time == pytest.approx(1.033333)
    assert camera.name == "Pi camera 0 imx477"


def test_one_configuration_with_both_streams_runs_all_the_time(device: type[Picamera2]) -> None:
    started()
    config = device.last.config
    assert config["main"]["format"] == "BGR888"
    assert config["lores"]["format"] == "YUV420"
    assert config["colour_space"] == "sYCC"
    assert config["raw"] is None
    assert config["buffer_count"] == 4
    assert config["queue"] is False
    assert config["controls"]["AeEnable"] is False
    assert config["controls"]["AwbEnable"] is False


def test_every_buffer_goes_back(device: type[Picamera2]) -> None:
    camera = started()
    for _ in range(50):
        camera.read(main=False)
    assert device.last.free == 4


def test_controls_hold_once_the_sensor_took_them(device: type[Picamera2]) -> None:
    wanted = Controls(8000, 2.0, (1.9, 1.4))
    camera = started()
    camera.control(wanted)
    frames = [camera.read(main=False) for _ in range(60)]
    assert frames[0].controls != wanted
    told = frames[-1].controls
    assert told.exposure_time == pytest.approx(8000, rel=0.01)
    assert told.analogue_gain == 2.0
    assert told.colour_gains == (1.9, 1.4)
    assert device.last.sets == 2  # at the start, and by control


def test_controls_given_before_the_start_are_part_of_it(device: type[Picamera2]) -> None:
    started(Controls(8000, 2.0, (1.9, 1.4)))
    assert device.last.config["controls"]["ColourGains"] == (1.9, 1.4)


def test_what_the_camera_finds_itself_is_not_set(device: type[Picamera2]) -> None:
    camera = started(Controls(ae_enable=True))
    asked = device.last.config["controls"]
    assert asked["AeEnable"] is True
    assert not asked.keys() & {"ExposureTime", "AnalogueGain"}
    assert asked["ColourGains"] == Controls().colour_gains
    assert camera.read(main=False).controls.ae_enable


def test_automatic_exposure_keeps_to_the_mains(device: type[Picamera2]) -> None:
    device.camera_controls = {"AeFlickerPeriod": (100, 1_000_000, 100)}
    started(Controls(ae_enable=True))
    asked = device.last.config["controls"]
    assert (asked["AeFlickerMode"], asked["AeFlickerPeriod"]) == (1, 10_000)
    started(Controls())
    assert "AeFlickerPeriod" not in device.last.config["controls"]


@pytest.mark.parametrize(("focus", "held"), [(0.8, 0.8), (12.0, 10.0)])
def test_a_lens_that_can_move_is_held_as_near_as_it_can(
    focus: float, held: float, device: type[Picamera2]
) -> None:
    device.camera_controls = {"LensPosition": (0.0, 10.0, 1.0)}
    PiCamera(LORES, MAIN, focus=focus).start()
    asked = device.last.config["controls"]
    assert (asked["AfMode"], asked["LensPosition"]) == (0, held)


def test_a_lens_that_cannot_is_let_alone(device: type[Picamera2]) -> None:
    started()
    assert not device.last.config["controls"].keys() & {"AfMode", "LensPosition"}


@pytest.mark.parametrize("name", ["imx477.json", "/etc/kiosk/imx477.json"])
def test_the_tuning_file_that_is_named_is_used(name: str, device: type[Picamera2]) -> None:
    PiCamera(LORES, MAIN, tuning=name).start()
    assert device.last.tuning == {"version": 2.0}


def test_a_tuning_file_that_is_not_there_is_a_fault(device: type[Picamera2]) -> None:
    with pytest.raises(CameraFault, match=r"tuning file imx447\.json cannot be used .*not found"):
        PiCamera(LORES, MAIN, tuning="imx447.json").start()


def test_packages_that_do_not_fit_each_other_are_a_fault(
    device: type[Picamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    def older(self: Picamera2) -> None:
        raise AttributeError("ExposureTimeMode")

    monkeypatch.setattr(device, "start", older)
    with pytest.raises(CameraFault, match=r"do not fit each other .*ExposureTimeMode"):
        started()


def test_gains_that_get_lost_are_applied_again(device: type[Picamera2]) -> None:
    camera = started(Controls(8000, 2.0, (1.9, 1.4)))
    for _ in range(20):
        camera.read(main=False)
    device.last.queue.clear()
    device.last.now["ColourGains"] = (1.7, 1.6)
    for _ in range(SETTLING_FRAMES + device.delay + 1):
        frame = camera.read(main=False)
    assert frame.controls.colour_gains == (1.9, 1.4)


def test_gains_that_never_hold_become_a_fault_that_names_them(device: type[Picamera2]) -> None:
    device.deaf = True
    camera = started(Controls(8000, 2.0, (1.9, 1.4)))

    def read_on() -> None:
        for _ in range(SETTLING_FRAMES * (CONTROL_TRIES + 1)):
            camera.read(main=False)

    with pytest.raises(CameraFault, match=r"ColourGains \(1.7, 1.6\) for \(1.9, 1.4\)"):
        read_on()
    assert device.last.sets == 1 + CONTROL_TRIES


def test_a_loose_cable_is_a_fault(device: type[Picamera2]) -> None:
    camera = started()
    device.loose = True
    with pytest.raises(CameraFault, match="gave no frame for 2 s: check its ribbon cable"):
        camera.read(main=False)


def test_a_camera_that_is_not_there_is_a_fault_with_a_way_out(device: type[Picamera2]) -> None:
    with pytest.raises(CameraFault, match=r"Pi camera 1 cannot be opened .* --list-cameras"):
        PiCamera(LORES, MAIN, index=1).start()


def test_the_reason_that_picamera2_hides_is_told(
    device: type[Picamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(self: Picamera2, camera_num: int, tuning: object) -> None:
        raise RuntimeError("Camera __init__ sequence did not complete.") from OSError("busy")

    monkeypatch.setattr(device, "__init__", busy)
    with pytest.raises(CameraFault, match=r"did not complete\.: busy\)"):
        started()


def test_a_size_that_libcamera_adjusts_is_a_fault(device: type[Picamera2]) -> None:
    with pytest.raises(CameraFault, match="makes 120×160 px of the main stream's 124×160 px"):
        PiCamera(LORES, (124, 160)).start()


def test_a_stopped_camera_is_closed_and_can_be_started_again(device: type[Picamera2]) -> None:
    camera = started()
    camera.stop()
    camera.stop()
    assert not device.last.open
    with pytest.raises(CameraFault, match="is not started"):
        camera.read(main=False)
    camera.start()
    assert camera.read(main=False).number == 1


def test_without_picamera2_the_fault_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libcamera", None)
    with pytest.raises(CameraFault, match="apt install python3-picamera2"):
        started()


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), RED, (20, 120, 250)])
def test_the_preview_keeps_colours_from_black_to_white(colour: tuple[int, int, int]) -> None:
    assert np.allclose(yuv420_to_rgb(full_range_planes(colour), LORES), colour, atol=2)
