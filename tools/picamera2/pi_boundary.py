"""What a Raspberry Pi's camera has and libcamera's virtual one lacks, added to the Python binding.

It imports picamera2 itself, once all is in place. libcamera, its virtual pipeline handler, the
binding and picamera2 are real and go on as they are. This is added, each because picamera2 0.3.38
fails without it:

- `pykms`, which Debian does not have and picamera2 imports for a preview on a screen;
- raw streams and the sensor's colour filter: `Picamera2()` asks every camera for its raw modes;
- BGR888, RGB888, YUV420 and YVU420: the handler writes NV12 alone. A buffer holds them in the
  memory order that the kernel's drm_fourcc.h defines, rows padded to 64 bytes as a Pi 5's are;
- ExposureTimeMode and AnalogueGainMode, newer than libcamera 0.4.0, which picamera2 sets;
- a sensor and an algorithm for exposure and white balance that take controls, tell of each frame
  what it was taken with, some frames late and in whole lines, and take 33 ms for a frame;
- the frame's status, which libcamera 0.4.0's handler leaves unset.
"""

import mmap
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import cv2
import libcamera
import numpy as np
from numpy.typing import NDArray
from simulated_sensor import NEWER, OFFERED, SENSOR

sys.modules.setdefault("pykms", MagicMock())

ALIGNMENT = 64
PACKED = {"BGR888": cv2.COLOR_YCrCb2RGB, "RGB888": cv2.COLOR_YCrCb2BGR}
"""Bytes in memory: of BGR888 red, green, blue; of RGB888 blue, green, red (drm_fourcc.h)."""
PLANES = {"YUV420": (0, 1), "YVU420": (1, 0)}
"""Which plane is blue's difference, and which is red's."""
FORMATS = (*PACKED, *PLANES)

_wanted: dict[int, str] = {}
"""The format that was asked of a stream's configuration, by its identity."""
_kept: dict[int, Any] = {}
"""Those configurations, so that an identity stays theirs."""
_layouts: dict[int, tuple[str, int, int]] = {}
"""Format, width and height of the frames that have so many bytes."""
_given: dict[int, dict[Any, Any]] = {}
_told: dict[int, dict[Any, Any]] = {}
"""Each request's controls, and what was told of its frame."""


def _stride(name: str, width: int) -> int:
    row = width * 3 if name in PACKED else width
    return -(-row // ALIGNMENT) * ALIGNMENT


def _frame_size(name: str, width: int, height: int) -> int:
    rows = height if name in PACKED else height * 3 // 2
    return _stride(name, width) * rows


def _store(luma: NDArray[np.uint8], chroma: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
    """A full-range NV12 frame in another format, as rows of bytes with their padding."""
    height, width = luma.shape
    stride = _stride(name, width)
    blue, red = chroma[..., 0], chroma[..., 1]
    if name in PLANES:
        rows = np.zeros((height * 3 // 2, stride), np.uint8)
        rows[:height, :width] = luma
        planes = rows[height:].reshape(2, height // 2, stride // 2)
        for plane, values in zip(PLANES[name], (blue, red), strict=True):
            planes[plane, :, : width // 2] = values
        return rows
    large = [cv2.resize(np.ascontiguousarray(plane), (width, height)) for plane in (red, blue)]
    rows = np.zeros((height, stride), np.uint8)
    picture = cv2.cvtColor(cv2.merge([luma, *large]), PACKED[name])
    rows[:, : width * 3] = picture.reshape(height, -1)
    return rows


# ---- streams and their buffers ----

_Stream = libcamera.StreamConfiguration
_real_format, _real_stride, _real_size = _Stream.pixel_format, _Stream.stride, _Stream.frame_size


def _set_format(stream: Any, wanted: Any) -> None:
    if str(wanted) in FORMATS:
        _wanted[id(stream)] = str(wanted)
    else:
        _real_format.__set__(stream, wanted)


def _get_format(stream: Any) -> Any:
    name = _wanted.get(id(stream))
    return _real_format.__get__(stream) if name is None else libcamera.PixelFormat(name)


def _get_stride(stream: Any) -> int:
    name = _wanted.get(id(stream))
    if name is None:
        return int(_real_stride.__get__(stream))
    return _stride(name, stream.size.width)


def _get_frame_size(stream: Any) -> int:
    name = _wanted.get(id(stream))
    if name is None:
        return int(_real_size.__get__(stream))
    width, height = stream.size.width, stream.size.height
    size = _frame_size(name, width, height)
    _layouts[size] = (name, width, height)
    return size


_Stream.pixel_format = property(_get_format, _set_format)
_Stream.stride = property(_get_stride, lambda stream, value: _real_stride.__set__(stream, value))
_Stream.frame_size = property(_get_frame_size)

_Configuration = libcamera.CameraConfiguration
_real_at, _real_validate = _Configuration.at, _Configuration.validate


def _at(configuration: Any, index: int) -> Any:
    stream = _real_at(configuration, index)
    return _kept.setdefault(id(stream), stream)


def _iterate(configuration: Any) -> Iterator[Any]:
    return (configuration.at(index) for index in range(configuration.size))


_Configuration.at, _Configuration.__iter__ = _at, _iterate


_RealFrameBuffer = libcamera.FrameBuffer


class _FrameBuffer(_RealFrameBuffer):  # type: ignore[misc, valid-type]
    """A buffer into which the handler writes NV12, and from which another format is read."""

    def __init__(self, planes: list[Any]) -> None:
        self.layout = _layouts[planes[0].length]
        _, width, height = self.layout
        # NV12's two planes must share one file, as the planes of two equal buffers do.
        twins = [_RealFrameBuffer(planes) for _ in range(2)]
        (luma,), (chroma,) = (twin.planes for twin in twins)
        luma.length = width * height
        chroma.offset, chroma.length = width * height, width * height // 2
        super().__init__([luma, chroma])

    @property
    def metadata(self) -> SimpleNamespace:
        """That the frame is good; libcamera 0.4.0's handler does not set it."""
        return SimpleNamespace(status=libcamera.FrameMetadata.Status.Success)

    def convert(self) -> None:
        """Turn what the handler wrote into the format that was asked for."""
        name, width, height = self.layout
        size = _frame_size(name, width, height)
        with mmap.mmap(self.planes[0].fd, size) as memory:
            written = np.frombuffer(memory, np.uint8, width * height * 3 // 2).copy()
            luma = written[: width * height].reshape(height, width)
            chroma = written[width * height :].reshape(height // 2, width // 2, 2)
            if SENSOR.grey:
                chroma[:] = 128
            memory[:] = _store(luma, chroma, name).tobytes()


libcamera.FrameBuffer = _FrameBuffer

# ---- the camera and its requests ----

_Camera = libcamera.Camera
_real_generate, _real_start = _Camera.generate_configuration, _Camera.start
_real_controls, _real_properties = _Camera.controls, _Camera.properties

RAW_MODES = SimpleNamespace(
    pixel_formats=[libcamera.PixelFormat("SRGGB12")],
    sizes=lambda _: [libcamera.Size(2028, 1520), libcamera.Size(4056, 3040)],
)


def _generate_configuration(camera: Any, roles: list[Any]) -> Any:
    if roles == [libcamera.StreamRole.Raw]:
        return SimpleNamespace(at=lambda _: SimpleNamespace(formats=RAW_MODES))
    return _real_generate(camera, roles)


def _start(camera: Any, controls: dict[Any, Any]) -> None:
    SENSOR.asked = [(name.name, value) for name, value in controls.items()]
    SENSOR.forget()
    SENSOR.used |= {name: value for name, value in controls.items() if name in SENSOR.used}
    # The real binding turns each value into the control's own type, or says that it cannot.
    _real_start(camera, {k: v for k, v in controls.items() if k not in NEWER})


_Camera.generate_configuration, _Camera.start = _generate_configuration, _start
_Camera.controls = property(lambda camera: _real_controls.__get__(camera) | OFFERED)
COLOUR_FILTER = {libcamera.properties.draft.ColorFilterArrangement: 0}
_Camera.properties = property(lambda camera: _real_properties.__get__(camera) | COLOUR_FILTER)

_Request = libcamera.Request
_real_set, _real_reuse = _Request.set_control, _Request.reuse
_real_metadata = _Request.metadata


def _set_control(request: Any, control: Any, value: Any) -> None:
    SENSOR.asked.append((control.name, value))
    _given.setdefault(id(request), {})[control] = value
    if control not in NEWER:
        _real_set(request, control, value)


def _reuse(request: Any) -> None:
    _given.pop(id(request), None)
    _real_reuse(request)


_Request.set_control, _Request.reuse = _set_control, _reuse
_Request.metadata = property(
    lambda request: _real_metadata.__get__(request) | _told.get(id(request), {})
)

_real_ready = libcamera.CameraManager.get_ready_requests


def _get_ready_requests(manager: Any) -> list[Any]:
    ready = _real_ready(manager)
    for request in ready:
        if request.status == libcamera.Request.Status.Complete:
            _told[id(request)] = SENSOR.expose(_given.get(id(request), {}))
            for buffer in request.buffers.values():
                buffer.convert()
    return list(ready)


libcamera.CameraManager.get_ready_requests = _get_ready_requests


def own_controls() -> set[str]:
    """The controls that the virtual camera has by itself."""
    camera = libcamera.CameraManager.singleton().cameras[0]
    return {control.name for control in _real_controls.__get__(camera)}


def has_raw_streams() -> bool:
    """Whether the virtual camera has raw streams by itself."""
    camera = libcamera.CameraManager.singleton().cameras[0]
    return _real_generate(camera, [libcamera.StreamRole.Raw]) is not None


from picamera2 import Picamera2  # noqa: E402 - it needs what stands above

__all__ = ["SENSOR", "Picamera2", "has_raw_streams", "own_controls"]
