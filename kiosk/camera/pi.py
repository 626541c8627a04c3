"""The Raspberry Pi's camera, through picamera2."""

from types import ModuleType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.errors import CameraFault

Size = tuple[int, int]
"""Width, height in pixels."""

SETTLING_FRAMES = 12
"""Frames until new controls must show: 4 buffers, a few in the sensor, and some to spare."""

CONTROL_TRIES = 3
"""How often controls that do not hold are applied again before it is a fault."""

FRAME_DURATION = (33_333, 100_000)
"""Shortest and longest time of a frame in microseconds; an exposure cannot be longer."""

MAINS_PERIOD = 10_000
"""Microseconds of a period of what lamps on 50 Hz mains give: automatic exposure keeps to whole
ones."""

FLICKER_MANUAL, FOCUS_MANUAL = 1, 0
"""AeFlickerModeEnum.Manual and AfModeEnum.Manual, as libcamera's control_ids_core.yaml counts."""

FRAME_OVERDUE = 2.0
"""Seconds after which a frame will not come any more (libcamera itself gives up after 1)."""

CONTROL_TOLERANCE = {
    "ExposureTime": 0.02,
    "AnalogueGain": 0.05,
    "ColourGains": 0.01,
    "LensPosition": 0.05,
}
"""How far a control may be off, against what was asked: sensors count in lines and gain steps."""


class PiCamera:
    """Main and lores streams of one configuration that runs from start to stop.

    No mode is switched at the shutter, so locked gains cannot get lost there, and no buffers need
    be found. With automatic exposure off, as it is by default, AeFlickerPeriod, which only steers
    that, has no say: against the 100 Hz of lamps on the mains the exposure time itself should be a
    multiple of 10 ms, as the default is.

    A lens that can move (Camera Module 3) is held at `focus`, in dioptres: 1 / metres. `tuning` is
    a file for the camera's algorithms: a path, or the name of one of libcamera's; None is the one
    that libcamera has for the sensor.

    A frame's controls are those that the sensor reports for it, not those that were asked for.
    """

    def __init__(
        self,
        preview_size: Size,
        main_size: Size,
        index: int = 0,
        focus: float = 0.8,
        tuning: str | None = None,
    ) -> None:
        self._sizes = {"main": main_size, "lores": preview_size}
        self._index = index
        self._focus, self._tuning = focus, tuning
        self._wanted = Controls()
        self._device: Any = None
        self._number = 0
        self._off = 0
        self._tries = 0

    @property
    def name(self) -> str:
        """Which camera this is, for staff."""
        model = "" if self._device is None else self._device.camera_properties.get("Model", "")
        return f"Pi camera {self._index} {model}".rstrip()

    def start(self) -> None:
        """Open and configure; raises CameraFault."""
        picamera2, libcamera = _import_picamera2()
        self._number = self._off = self._tries = 0
        tuning = self._load_tuning(picamera2)
        try:
            self._device = picamera2.Picamera2(self._index, tuning=tuning)
            # The still configuration for its full-range colour space and its noise reduction.
            # Its one buffer would halve the frame rate. No queue: a queued frame may be older
            # than what it is wanted for.
            configuration = self._device.create_still_configuration(
                main={"size": self._sizes["main"], "format": "BGR888"},  # in memory: R, G, B
                lores={"size": self._sizes["lores"], "format": "YUV420"},  # all that a Pi 4 has
                raw=None,
                colour_space=libcamera.ColorSpace.Sycc(),
                buffer_count=4,
                queue=False,
                controls=self._as_libcamera_names(self._wanted),
            )
            self._device.configure(configuration)
            self._device.start()
        except AttributeError as error:
            raise CameraFault(
                f"picamera2 and libcamera's Python package do not fit each other ({error}): "
                "install both from the same place, as `sudo apt install python3-picamera2` does"
            ) from error
        except (RuntimeError, IndexError, OSError, ValueError) as error:
            raise CameraFault(
                f"Pi camera {self._index} cannot be opened ({_describe_causes(error)}): check its "
                "ribbon cable at both ends, that `rpicam-hello --list-cameras` shows it, and that "
                "no other program uses it"
            ) from error
        self._check_sizes()

    def read(self, *, main: bool) -> Frame:
        """Wait for the next frame; raises CameraFault: none comes, or its controls do not hold."""
        if self._device is None:
            raise CameraFault(f"{self.name} is not started")
        try:
            request = self._device.capture_request(wait=FRAME_OVERDUE)
        except TimeoutError:
            raise CameraFault(
                f"{self.name} gave no frame for {FRAME_OVERDUE:g} s: "
                "check its ribbon cable at both ends"
            ) from None
        try:
            metadata: dict[str, Any] = request.get_metadata()
            lores = request.make_array("lores")
            image: Picture | None = request.make_array("main") if main else None
        finally:
            request.release()
        self._check_controls(metadata)
        self._number += 1
        return Frame(
            number=self._number,
            time=metadata["SensorTimestamp"] / 1e9,
            preview=yuv420_to_rgb(lores, self._sizes["lores"]),
            image=image,
            controls=Controls(
                exposure_time=metadata["ExposureTime"],
                analogue_gain=metadata["AnalogueGain"],
                colour_gains=tuple(metadata["ColourGains"]),
                ae_enable=self._wanted.ae_enable,
                awb_enable=self._wanted.awb_enable,
            ),
        )

    def control(self, controls: Controls) -> None:
        """Apply controls from the next frames on."""
        self._wanted = controls
        self._off = self._tries = 0
        if self._device is not None:
            self._device.set_controls(self._as_libcamera_names(controls))

    def stop(self) -> None:
        """Let go of the device. May block for ever once a cable is loose."""
        if self._device is not None:
            self._device.close()
        self._device = None

    def _check_sizes(self) -> None:
        """libcamera may adjust a size without an error."""
        for stream, size in self._sizes.items():
            given = tuple(self._device.camera_configuration()[stream]["size"])
            if given != size:
                raise CameraFault(
                    f"{self.name} makes {given[0]}×{given[1]} px of the {stream} stream's "
                    f"{size[0]}×{size[1]} px: set a size that it can give"
                )

    def _check_controls(self, metadata: dict[str, Any]) -> None:
        """Apply controls again that do not hold; raises CameraFault after some tries."""
        wanted = self._as_libcamera_names(self._wanted)
        fixed = CONTROL_TOLERANCE.keys() & wanted.keys() & metadata.keys()
        off = sorted(name for name in fixed if not _holds(name, metadata[name], wanted[name]))
        if not off:
            self._off = self._tries = 0
            return
        self._off += 1
        if self._off < SETTLING_FRAMES:
            return
        if self._tries == CONTROL_TRIES:
            differences = ", ".join(f"{name} {metadata[name]} for {wanted[name]}" for name in off)
            raise CameraFault(
                f"{self.name} does not keep its controls ({differences}): "
                "set values that this sensor can give"
            )
        self._off = 0
        self._tries += 1
        self._device.set_controls(wanted)

    def _load_tuning(self, picamera2: ModuleType) -> dict[str, Any] | None:
        """Read the tuning file; raises CameraFault."""
        if self._tuning is None:
            return None
        folder, _, name = self._tuning.rpartition("/")
        try:
            tuning: dict[str, Any] = picamera2.Picamera2.load_tuning_file(name, folder or None)
        except (RuntimeError, OSError, ValueError) as error:
            raise CameraFault(
                f"the camera's tuning file {self._tuning} cannot be used ({error}): name one of "
                "/usr/share/libcamera/ipa/rpi/ or a path, or leave camera.tuning_file out"
            ) from error
        return tuning

    def _as_libcamera_names(self, controls: Controls) -> dict[str, Any]:
        """Name the controls that this camera has and that are to be set.

        A value that the camera finds itself must not be set, or it is fixed.
        """
        names: dict[str, Any] = {
            "AeEnable": controls.ae_enable,
            "AwbEnable": controls.awb_enable,
            "FrameDurationLimits": FRAME_DURATION,
        }
        offered = self._device.camera_controls
        if not controls.ae_enable:
            names["ExposureTime"] = controls.exposure_time
            names["AnalogueGain"] = controls.analogue_gain
        elif "AeFlickerPeriod" in offered:
            names["AeFlickerMode"] = FLICKER_MANUAL
            names["AeFlickerPeriod"] = MAINS_PERIOD
        if not controls.awb_enable:
            names["ColourGains"] = controls.colour_gains
        if "LensPosition" in offered:
            least, most, _ = offered["LensPosition"]
            names["AfMode"] = FOCUS_MANUAL
            names["LensPosition"] = min(max(self._focus, least), most)
        return names


def _holds(name: str, used: Any, wanted: Any) -> bool:
    # A lens at infinity is at 0 dioptres, of which no share can be off.
    atol = 0.05 if name == "LensPosition" else 0.0
    return bool(np.allclose(used, wanted, rtol=CONTROL_TOLERANCE[name], atol=atol))


def yuv420_to_rgb(planes: NDArray[np.uint8], size: Size) -> Picture:
    """Convert a full-range (sYCC) YUV420 array, as picamera2 lays it out, to R, G, B.

    `planes` has 1.5 × height rows of the stream's stride, of which `size` may be less. OpenCV's own
    conversion of YUV420 takes it for limited range, and would stretch the contrast by 16 %.
    """
    width, height = size
    luma = planes[:height, :width]
    chroma = planes[height:].reshape(2, height // 2, -1)[:, :, : width // 2]
    blue, red = (cv2.resize(np.ascontiguousarray(plane), size) for plane in chroma)
    return cv2.cvtColor(cv2.merge([luma, red, blue]), cv2.COLOR_YCrCb2RGB)  # type: ignore[return-value]


def _import_picamera2() -> tuple[ModuleType, ModuleType]:
    """Import at the start, so that this module imports on any machine."""
    try:
        import libcamera
        import picamera2
    except ImportError as error:
        raise CameraFault(
            f"the Python package picamera2 cannot be imported ({error}): on Raspberry Pi OS "
            "install it with `sudo apt install python3-picamera2` and run `make setup` again; "
            "elsewhere choose another kind of camera"
        ) from error
    return picamera2, libcamera


def _describe_causes(error: BaseException) -> str:
    """An error with its causes: picamera2 hides the reason behind a general error."""
    texts = [str(error) or type(error).__name__]
    while (cause := error.__cause__) is not None:
        texts.append(str(cause) or type(cause).__name__)
        error = cause
    return ": ".join(texts)
