"""From lamps to pixels: light adds up, the person moves, lens and sensor do the rest. All pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Controls, Picture
from kiosk.pipeline.light import to_srgb
from kiosk.twin.stage import Bytes, Layer, Light, LightStage
from kiosk.twin.wires import Posture

AXIS = (0.5, 0.4)
"""Where the lens's axis meets the picture, in its widths and heights: the eyes at rest. Who comes
nearer grows away from here."""

MARGIN = (0.15, 0.5)
"""How far a layer is known beyond the picture's sides and lower edge, in widths and heights."""

SLEEVE = (0.1, 0.3)
"""How far beyond the picture's side an arm ends, and how far it falls there, in widths."""

Maps = tuple[NDArray[np.float32], NDArray[np.float32]]
"""From which column and row to take each pixel."""

FALL_OFF = 0.12
"""Share of the light that the lens loses in the corners."""

BLUR = 0.5
"""The lens's blur: the standard deviation of its spot, in px of the large picture."""


# ---- light ----


def relight(stage: LightStage, levels: Mapping[str, float]) -> Light:
    """Add up the lamps' pictures, each at its level; lamps that `levels` leaves out are dark."""
    first = next(iter(stage.pictures.values()))
    light = np.zeros(first.shape, np.float32)
    for lamp, picture in stage.pictures.items():
        level = levels.get(lamp, 0.0)
        if level > 0:
            cv2.add(light, cv2.LUT(picture, stage.table(lamp, level)), dst=light)
    return light


def layer(person: Light, alpha: Bytes, booth: Light | None) -> Layer:
    """Separate the person from the booth they stand in.

    `person` is the light of both together, `booth` that of the empty booth under the same lamps;
    None where there is none in the picture, and `person` is the person's own light everywhere.
    """
    cover = alpha.astype(np.float32) * np.float32(1 / 255)
    if booth is None:
        own = cv2.multiply(person, cv2.cvtColor(cover, cv2.COLOR_GRAY2RGB))
    else:
        own = cv2.subtract(person, cv2.multiply(booth, cv2.cvtColor(1 - cover, cv2.COLOR_GRAY2RGB)))
    both = cv2.cvtColor(own, cv2.COLOR_RGB2RGBA)
    both[..., 3] = cover
    return np.asarray(both, np.float32)


# ---- motion ----


def extend(known: Layer) -> Layer:
    """Continue a layer beyond the picture by MARGIN, so that the person can move.

    Below, the body goes on as it is at the edge; at the sides the arms round off and fall.
    """
    height, width = known.shape[:2]
    side, below = round(MARGIN[0] * width), round(MARGIN[1] * height)
    extended = np.empty((height + below, width + 2 * side, 4), np.float32)
    extended[:height, side:-side] = known
    extended[height:, side:-side] = known[-1]
    strips = extended[:, :side], extended[:, -side:]
    for strip, maps in zip(strips, _beside(width, height, side, below), strict=True):
        strip[:] = cv2.remap(known, *maps, cv2.INTER_LINEAR)
    return extended


@lru_cache(maxsize=4)
def _beside(width: int, height: int, side: int, below: int) -> tuple[Maps, Maps]:
    rows = np.arange(height + below, dtype=np.float32)
    out = np.arange(1, side + 1, dtype=np.float32)
    ends = 0, width - 1
    left = continue_sides(-out[::-1], rows, ends, height - 1)
    right = continue_sides(width - 1 + out, rows, ends, height - 1)
    return left, right


def continue_sides(
    x: NDArray[np.float32], y: NDArray[np.float32], sides: tuple[float, float], bottom: float
) -> Maps:
    """Say for columns `x` and rows `y` from where in a picture of a person to take each pixel.

    The picture is known between columns `sides` and down to row `bottom`. Gives the maps that
    cv2.remap takes; where there is nothing they point above the picture.
    """
    out = np.maximum(np.maximum(sides[0] - x, x - sides[1]), 0)
    reach, fall = (part * (sides[1] - sides[0]) for part in SLEEVE)
    arm = out <= reach
    drop = fall * (1 - np.sqrt(1 - np.minimum(out / reach, 1) ** 2))
    rows = np.minimum(y[:, None] - drop[None, :], bottom)
    rows = np.where(arm[None, :], rows, -10.0)
    columns = np.broadcast_to(np.clip(x, *sides), rows.shape)
    return np.ascontiguousarray(columns, np.float32), np.ascontiguousarray(rows, np.float32)


def move(extended: Layer, posture: Posture, size: tuple[int, int]) -> Layer:
    """Place an extended layer into the picture of `size` (width, height) as the person stands."""
    width, height = size
    side = round(MARGIN[0] * width)
    scale = posture.scale
    # Pixels' centres lie at halves: what scales about a point scales the halves too.
    half = 0.5 * scale - 0.5
    right = half + AXIS[0] * width * (1 - scale) + posture.dx * width - scale * side
    down = half + AXIS[1] * height * (1 - scale) + posture.dy * height
    motion = np.array([[scale, 0, right], [0, scale, down]], np.float64)
    return np.asarray(cv2.warpAffine(extended, motion, size, flags=cv2.INTER_LINEAR), np.float32)


def compose(booth: Light, person: Layer) -> Light:
    """Put the person into the empty booth, both under the same lamps."""
    left = cv2.cvtColor(1 - cv2.extractChannel(person, 3), cv2.COLOR_GRAY2RGB)
    light = cv2.multiply(booth, left)
    cv2.add(light, cv2.cvtColor(person, cv2.COLOR_RGBA2RGB), dst=light)
    return np.asarray(cv2.threshold(light, 0, 0, cv2.THRESH_TOZERO)[1], np.float32)


# ---- lens ----


def focus(light: Light, blur: float) -> Light:
    """Blur light as a lens does whose spot has a standard deviation of `blur` px."""
    return np.asarray(cv2.GaussianBlur(light, (0, 0), blur), np.float32)


def fall_off(light: Light) -> Light:
    """Take away the light that a lens loses towards the corners."""
    return np.asarray(cv2.multiply(light, _vignette(light.shape[1], light.shape[0])), np.float32)


@lru_cache(maxsize=4)
def _vignette(width: int, height: int) -> Light:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    aspect = height / width
    distance = (x**2 + (y * aspect) ** 2) / (1 + aspect**2)
    return np.repeat((1 - FALL_OFF * distance)[..., None], 3, axis=2).astype(np.float32)


# ---- sensor ----


@dataclass(frozen=True, slots=True)
class Sensor:
    """How a pixel of the large picture counts light.

    A pixel of the picture is several of the chip's, added up: hence the large well.
    """

    full_well: float = 20_000.0
    """Electrons at which a pixel saturates."""
    read_noise: float = 6.0
    """Standard deviation of what reading adds, in electrons."""

    def binned(self, pixels: int) -> "Sensor":
        """Give the sensor whose pixel is so many of this one's, added up."""
        return Sensor(self.full_well * pixels, self.read_noise * pixels**0.5)

    def variance(self, light: Light, controls: Controls) -> NDArray[np.float32]:
        """Give the variance of what is read for a light, before colour gains, as shares of 1."""
        gain = controls.analogue_gain
        collected = light * _exposure(controls)
        read = (self.read_noise / self.full_well) ** 2
        return np.asarray((collected / self.full_well + read) * gain**2, np.float32)


SENSOR = Sensor()
"""A small camera module's, at the large picture's size."""


def _exposure(controls: Controls) -> float:
    """Exposure against the reference, which the light is given for."""
    return controls.exposure_time / Controls().exposure_time


def expose(
    light: Light, controls: Controls, sensor: Sensor | None, rng: np.random.Generator
) -> Light:
    """Give what the sensor reads for a light: exposed, noisy, amplified, clipped at 1.

    `sensor` None is one without noise.
    """
    gain = _exposure(controls) * controls.analogue_gain
    read = light * np.float32(gain)
    if sensor is not None:
        deviation = cv2.sqrt(sensor.variance(light, controls))
        cv2.add(read, cv2.multiply(deviation, _noise(light.shape, rng)), dst=read)
    np.clip(read, 0, 1, out=read)
    red, blue = controls.colour_gains
    if (red, blue) != (1.0, 1.0):
        read *= np.array([red, 1, blue], np.float32)
    return read


def _noise(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw noise of variance 1: one of 256 equally likely values, which is normal enough to see
    no difference and ten times quicker to draw.
    """
    count = int(np.prod(shape))
    drawn = np.frombuffer(rng.bytes(count), np.uint8).reshape(shape)
    return np.asarray(cv2.LUT(drawn, _quantiles()), np.float32)


@lru_cache(maxsize=1)
def _quantiles() -> NDArray[np.float32]:
    normal = NormalDist()
    values = np.array([normal.inv_cdf((i + 0.5) / 256) for i in range(256)])
    return np.asarray(values / values.std(), np.float32)


def develop(read: Light) -> Picture:
    """Encode linear light as 8-bit sRGB, clipped."""
    codes = (np.clip(read, 0, 1) * np.float32(65535)).astype(np.uint16)
    return np.take(_srgb(), codes)


@lru_cache(maxsize=1)
def _srgb() -> Bytes:
    return to_srgb(np.linspace(0, 1, 65536, dtype=np.float32))
