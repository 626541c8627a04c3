"""A webcam, or a video file in its place, through OpenCV."""

import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.errors import CameraFault

Size = tuple[int, int]
"""Width, height in pixels."""


def crop_to(picture: Picture, size: Size) -> Picture:
    """Cut the largest centred part with the proportions of `size` out of a picture, as a view."""
    height, width = picture.shape[:2]
    across = min(width, round(height * size[0] / size[1]))
    down = min(height, round(width * size[1] / size[0]))
    left, top = (width - across) // 2, (height - down) // 2
    return picture[top : top + down, left : left + across]


class Webcam:
    """A camera that OpenCV can open.

    `source` is a V4L2 device's number or its path (/dev/video0), or a video file, which serves as
    a camera that is unplugged at its end. `capture_size` is what the device is asked to deliver;
    the pictures are cut from its middle, and never enlarged.

    Of the controls a webcam keeps the exposure time at most: its gains have no unit, and its white
    balance no gains. The first `control` that does not ask for the automatics locks both where
    these have taken them; frames tell gains of 1.
    """

    def __init__(
        self,
        source: int | str | Path,
        preview_size: Size,
        main_size: Size,
        capture_size: Size = (1920, 1080),
    ) -> None:
        self._device = source if isinstance(source, int) else str(source)
        self._preview_size = preview_size
        self._main_size = main_size
        self._capture_size = capture_size
        self._video: cv2.VideoCapture | None = None
        self._number = 0
        self._controls = Controls()

    @property
    def name(self) -> str:
        """Which camera this is, for staff."""
        return f"webcam {self._device}"

    def start(self) -> None:
        """Open and configure; raises CameraFault."""
        self._number = 0
        self._video = self._open()
        # MJPG first: the size is chosen among those of the format, and raw ones crawl over USB 2.
        self._video.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._video.set(cv2.CAP_PROP_FRAME_WIDTH, self._capture_size[0])
        self._video.set(cv2.CAP_PROP_FRAME_HEIGHT, self._capture_size[1])
        self._video.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # a longer queue would hand out old frames

    def read(self, *, main: bool) -> Frame:
        """Wait for the next frame; raises CameraFault once the device is gone."""
        if self._video is None:
            raise CameraFault(f"{self.name} is not started")
        there, picture = self._video.read()
        at = time.monotonic()
        if not there:
            raise CameraFault(
                f"{self.name} gives no more frames: plug it in again (a video file has ended)"
            )
        picture = crop_to(np.asarray(picture, np.uint8), self._main_size)
        height, width = picture.shape[:2]
        if width < self._main_size[0] or height < self._main_size[1]:
            raise CameraFault(
                f"{self.name} gives {width}×{height} px in the photo's proportions, less than the "
                f"{self._main_size[0]}×{self._main_size[1]} px wanted: set a smaller main size, "
                "or a larger capture size if the camera has one"
            )
        self._number += 1
        return Frame(
            number=self._number,
            time=at,
            preview=_scaled(picture, self._preview_size),
            image=_scaled(picture, self._main_size) if main else None,
            controls=self._controls,
        )

    def control(self, controls: Controls) -> None:
        """Lock exposure and white balance or leave them to the device, where it can."""
        if self._video is None:
            raise CameraFault(f"{self.name} is not started")
        self._video.set(cv2.CAP_PROP_AUTO_WB, float(controls.awb_enable))
        if controls.ae_enable:
            self._video.set(cv2.CAP_PROP_AUTO_EXPOSURE, 3)  # V4L2_EXPOSURE_APERTURE_PRIORITY
        else:
            self._video.set(cv2.CAP_PROP_AUTO_EXPOSURE, 1)  # V4L2_EXPOSURE_MANUAL
            # V4L2 counts in 100 µs.
            self._video.set(cv2.CAP_PROP_EXPOSURE, controls.exposure_time / 100)
        self._controls = replace(controls, analogue_gain=1.0, colour_gains=(1.0, 1.0))

    def stop(self) -> None:
        """Let go of the device."""
        if self._video is not None:
            self._video.release()
        self._video = None

    def _open(self) -> cv2.VideoCapture:
        device = self._device
        if isinstance(device, int) or device.startswith("/dev/"):
            video = cv2.VideoCapture(device, cv2.CAP_V4L2)
            way_out = "plug it in, or name another device (v4l2-ctl --list-devices shows them)"
        else:
            video = cv2.VideoCapture(device)
            way_out = "name a video file that can be played"
        if not video.isOpened():
            raise CameraFault(f"{self.name} cannot be opened: {way_out}")
        return video


def _scaled(picture: Picture, size: Size) -> Picture:
    """Shrink a picture in B, G, R to `size`, in R, G, B; averaging, so that nothing aliases."""
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2RGB)  # type: ignore[return-value]
