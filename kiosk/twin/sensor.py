"""From light to numbers: exposure, noise, gains, automatic exposure and white balance. All pure."""

from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Controls, Picture
from kiosk.pipeline.light import to_linear, to_srgb
from kiosk.twin.light_stage import Bytes, Light

Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
"""Three rows: what red, green and blue become of red, green and blue."""

SAME: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

IMPERFECT: Matrix = ((0.42, 0.12, 0.02), (0.09, 0.80, 0.11), (0.01, 0.16, 0.43))
"""A bare chip's colours: its filters overlap, and it answers to red and blue with about half of
what it has for green. Made up, in the proportions of what libcamera corrects on the Pi's cameras:
colour gains of 1.7 to 2.2, and a matrix of 1.6 to 2 on its diagonal (imx477.json, rpi.ccm)."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """How a pixel of the large picture counts light.

    A pixel of the picture is several of the chip's, added up: hence the large well.
    """

    full_well: float = 20_000.0
    """Electrons at which a pixel saturates."""
    read_noise: float = 6.0
    """Standard deviation of what reading adds, in electrons."""
    colours: Matrix = SAME
    """What its pixels answer to the light's red, green and blue; rows that do not sum to 1 are a
    cast, which colour gains take off."""

    def binned(self, pixels: int) -> "Sensor":
        """The sensor each of whose pixels is so many of this one's, added up."""
        return Sensor(self.full_well * pixels, self.read_noise * pixels**0.5, self.colours)

    def variance(self, light: Light, controls: Controls) -> NDArray[np.float32]:
        """The variance of what is read for a light, before colour gains; 1 is full scale."""
        gain = controls.analogue_gain
        collected = light * _relative_exposure(controls)
        read = (self.read_noise / self.full_well) ** 2
        return np.asarray((collected / self.full_well + read) * gain**2, np.float32)


SENSOR = Sensor()
"""A small camera module's, at the large picture's size."""


def _relative_exposure(controls: Controls) -> float:
    """Exposure against the reference, which the light is given for."""
    return controls.exposure_time / Controls().exposure_time


def expose(
    light: Light, controls: Controls, sensor: Sensor | None, rng: np.random.Generator
) -> Light:
    """Read the sensor under a light: exposed, noisy, amplified, clipped at 1.

    `sensor` None is one without noise.
    """
    if sensor is not None and sensor.colours != SAME:
        light = np.asarray(cv2.transform(light, np.array(sensor.colours, np.float32)), np.float32)
    gain = _relative_exposure(controls) * controls.analogue_gain
    read = light * np.float32(gain)
    if sensor is not None:
        deviation = cv2.sqrt(sensor.variance(light, controls))
        cv2.add(read, cv2.multiply(deviation, _draw_noise(light.shape, rng)), dst=read)
    np.clip(read, 0, 1, out=read)
    red, blue = controls.colour_gains
    if (red, blue) != (1.0, 1.0):
        read *= np.array([red, 1, blue], np.float32)
    return read


def _draw_noise(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw noise of variance 1: one of 256 equally likely values, which is normal enough to see
    no difference and ten times quicker to draw.
    """
    count = int(np.prod(shape))
    drawn = np.frombuffer(rng.bytes(count), np.uint8).reshape(shape)
    return np.asarray(cv2.LUT(drawn, _normal_quantiles()), np.float32)


@lru_cache(maxsize=1)
def _normal_quantiles() -> NDArray[np.float32]:
    normal = NormalDist()
    values = np.array([normal.inv_cdf((i + 0.5) / 256) for i in range(256)])
    return np.asarray(values / values.std(), np.float32)


def develop(read: Light) -> Picture:
    """Encode linear light as 8-bit sRGB, clipped."""
    codes = (np.clip(read, 0, 1) * np.float32(65535)).astype(np.uint16)
    return np.take(_srgb_table(), codes)


@lru_cache(maxsize=1)
def _srgb_table() -> Bytes:
    return to_srgb(np.linspace(0, 1, 65536, dtype=np.float32))


# ---- automatic control ----

MIDDLE_GREY = 0.18
"""Mean linear light that automatic exposure strives for: middle grey."""

DAMPING = 0.35
"""Share of the way, in stops, that automatic control goes in a frame."""

EXPOSURE_RANGE = (100, 33_000)
"""Shortest and longest automatic exposure, in microseconds: a frame at 30 a second."""

GAIN_RANGE = (1.0, 8.0)
"""Least and largest automatic gain, of the sensor's amplifier and of the colours."""


def adjust_controls(controls: Controls, seen: Picture) -> Controls:
    """Set the next frame's controls by what this one shows.

    Automatic exposure takes the longest exposure before it takes gain. White balance makes the
    mean of the picture grey. What is not automatic stays.
    """
    red, green, blue = to_linear(seen[::8, ::8]).reshape(-1, 3).mean(0) + 1e-4
    if controls.ae_enable:
        mean = float(0.2126 * red + 0.7152 * green + 0.0722 * blue)
        wanted = controls.exposure_time * controls.analogue_gain * (MIDDLE_GREY / mean) ** DAMPING
        exposure = min(max(round(wanted), EXPOSURE_RANGE[0]), EXPOSURE_RANGE[1])
        short = exposure == EXPOSURE_RANGE[1]
        gain = min(max(wanted / exposure, GAIN_RANGE[0]), GAIN_RANGE[1]) if short else GAIN_RANGE[0]
        controls = replace(controls, exposure_time=exposure, analogue_gain=gain)
    if controls.awb_enable:
        ratios = (green / red, green / blue)
        changed = (
            min(max(float(gain * ratio**DAMPING), 1 / GAIN_RANGE[1]), GAIN_RANGE[1])
            for gain, ratio in zip(controls.colour_gains, ratios, strict=True)
        )
        controls = replace(controls, colour_gains=(next(changed), next(changed)))
    return controls
