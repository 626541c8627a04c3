"""A frame, a camera's controls, and the protocol that every camera keeps."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Height × width × 3, 8-bit sRGB, colour order R, G, B."""


@dataclass(frozen=True, slots=True)
class Controls:
    """Camera controls, named and measured as picamera2 does."""

    exposure_time: int = 10_000
    """Microseconds."""
    analogue_gain: float = 1.46
    """The sensor's amplifier. With this a grey card in the twin has its 18 % under the lamps that a
    visit starts with: what `kiosk calibrate` finds there."""
    colour_gains: tuple[float, float] = (1.0, 1.0)
    """Gains of red and blue against green."""
    ae_enable: bool = False
    """The camera sets exposure time and analogue gain itself; those above only start it."""
    awb_enable: bool = False
    """The camera sets the colour gains itself."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One exposure: the small picture for looking, and the large one where it was asked for."""

    number: int
    """Counts up from 1 since the camera started."""
    time: float
    """Seconds of the monotonic clock at the exposure."""
    preview: Picture
    """The lores stream."""
    image: Picture | None
    """The main stream of the same exposure, or None where only the preview was wanted."""
    controls: Controls


class Camera(Protocol):
    """A camera inside the camera process. Not safe for use by two threads."""

    @property
    def name(self) -> str:
        """Which camera this is, for staff."""
        ...

    def start(self) -> None:
        """Open and configure; raises CameraFault."""
        ...

    def read(self, *, main: bool) -> Frame:
        """Wait for the next frame, with the main stream where `main`; raises CameraFault."""
        ...

    def control(self, controls: Controls) -> None:
        """Apply controls from the next frames on."""
        ...

    def stop(self) -> None:
        """Let go of the device; may be called twice."""
        ...
