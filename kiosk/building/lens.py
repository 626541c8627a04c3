"""Which camera and lens, from which distance: field, pixels, depth of field, perspective.

Lengths are in metres, but those of lens and sensor in millimetres. Formulas are those of the thin
lens (any textbook of optics), since the distance is a hundred focal lengths.
"""

import math
from dataclasses import dataclass

from kiosk.pipeline.specification import specification

FACE = 0.14
"""Metres from cheek to cheek: the mean of men (ISO 7250-3: 0.137 to 0.150 by country)."""

FACE_SHARE = 0.5
"""Of the photo's width: the middle of what the specification asks for."""

NOSE, EARS = 0.035, 0.095
"""Metres that the tip of the nose is before the eyes, and the ears behind them."""

GREEN = 0.55e-3
"""Millimetres: the wavelength that the eye sees best."""


UPRIGHT = 3 / 4
"""Width over height of what is seen: libcamera takes the largest such part from the sensor's middle
(RPi pipeline, `ScalerCrop`); the camera is mounted level, not turned on its side."""


@dataclass(frozen=True, slots=True)
class CameraWithLens:
    """A sensor, mounted level, and the lens before it."""

    name: str
    modes: tuple[tuple[int, float], ...]
    """The sensor's modes that see all its rows, from few rows to all: rows, and frames a second."""
    pitch: float
    """From row to row, in µm."""
    focal_length: float
    """In mm."""
    f_number: float

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of what is seen, in the sensor's pixels."""
        rows = self.modes[-1][0]
        return round(rows * UPRIGHT), rows

    def field(self, distance: float) -> tuple[float, float]:
        """Width and height that it sees at this distance."""
        seen = self.pitch * 1e-3 / self.focal_length * distance
        return self.pixels[0] * seen, self.pixels[1] * seen

    def face_share(self, distance: float) -> float:
        """How much of the frame's width the face takes: what the rule `face_size` judges."""
        return FACE / self.field(distance)[0]

    def crop_pixels(self, distance: float, main_width: int | None = None) -> int:
        """The crop's width in pixels: all that there is of a photo, for none is ever enlarged.

        `main_width` is `camera.main_size`'s; None for the sensor's own pixels.
        """
        shown = self.pixels[0] if main_width is None else min(main_width, self.pixels[0])
        return math.floor(shown * crop_width() / self.field(distance)[0])

    def main_width_for(self, photo_width: int, distance: float) -> int:
        """The least width of `camera.main_size` for photos so wide, in steps of 96 pixels.

        (Steps of 96 × 128 keep 3:4, and both sides are multiples of 32, as the ISP likes them.)
        """
        needed = photo_width * self.field(distance)[0] / crop_width()
        return 96 * math.ceil(needed / 96)

    def frames_a_second(self, main_width: int) -> float:
        """How many come at most: libcamera takes the smallest mode that has as many rows."""
        rows = main_width / UPRIGHT
        return next((rate for has, rate in self.modes if has >= rows), self.modes[-1][1])

    def depth_of_field(self, distance: float, photo_width: int) -> tuple[float, float]:
        """From which to which distance it is sharp, focused on the eyes.

        Sharp: a point's disc is no wider than a pixel of the photo. The far end may be infinite.
        """
        disc = self.pitch * 1e-3 * self.crop_pixels(distance) / photo_width
        hyperfocal = self.focal_length**2 / (self.f_number * disc) + self.focal_length
        at = distance * 1e3
        near = hyperfocal * at / (hyperfocal + at - self.focal_length)
        beyond = hyperfocal - at + self.focal_length
        far = math.inf if beyond <= 0 else hyperfocal * at / beyond
        return near / 1e3, far / 1e3

    def diffraction(self, distance: float, photo_width: int) -> float:
        """Radius of the Airy disc (1.22 λ N), in pixels of the photo: above 1 it is soft."""
        radius = 1.22 * GREEN * self.f_number
        return radius / (self.pitch * 1e-3 * self.crop_pixels(distance) / photo_width)


def crop_width() -> float:
    """How wide the part of the scene is that becomes the photo."""
    return FACE / FACE_SHARE


def perspective(distance: float) -> float:
    """How much larger the nose is drawn than the ears, both as large in truth; 0 from far away."""
    return (distance + EARS) / (distance - NOSE) - 1


def guided_to(rule: str) -> tuple[float, float]:
    """Between which values the booth guides; ValueError for a rule that is not measured."""
    if (goal := specification().rules[rule].goal) is None:
        raise ValueError(f"{rule} is not measured")
    return goal


def largest_photo(crop_pixels: int) -> tuple[int, int] | None:
    """The largest photo that so wide a crop serves; None where it serves none."""
    sizes = [size for size in specification().profile("booth").sizes() if size[0] <= crop_pixels]
    return max(sizes, default=None)


_IMX708 = ((1296, 56.0), (2592, 14.3))
_IMX477 = ((1520, 40.0), (3040, 10.0))
"""Modes as `rpicam-hello --list-cameras` tells them (Raspberry Pi documentation, camera)."""

MODULE_3 = CameraWithLens("Camera Module 3, 4.74 mm, f/1.8", _IMX708, 1.4, 4.74, 1.8)
HQ_8 = CameraWithLens("HQ Camera, 8 mm, f/2.8", _IMX477, 1.55, 8.0, 2.8)
HQ_10 = CameraWithLens("HQ Camera, 10 mm, f/2.8", _IMX477, 1.55, 10.0, 2.8)
HQ_12 = CameraWithLens("HQ Camera, 12 mm, f/2.8", _IMX477, 1.55, 12.0, 2.8)

CAMERAS = (MODULE_3, HQ_8, HQ_10, HQ_12)
"""Those that hardware.md compares: sensors of the makers' data sheets (IMX708, IMX477)."""
