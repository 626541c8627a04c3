"""Worse twins: what real pictures show and the twin hides, one thing each.

In the order in which light goes: what hangs behind, the lens, the sensor, the file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kiosk.camera.frame import Controls, Picture
from kiosk.evaluation import hung_backdrops
from kiosk.evaluation.hung_backdrops import Hang
from kiosk.twin import sensor
from kiosk.twin.light_stage import Light
from kiosk.twin.sensor import SENSOR, Sensor

NOISIER = 3.0
"""By how many times the noise's standard deviation is larger: a ninth of the electrons."""

NOISY_CHIP = Sensor(SENSOR.full_well / NOISIER**2, SENSOR.read_noise / NOISIER)

# Measured on 10 pictures of the Face Research Lab London Set (DeBruine & Jones 2017) on their grey
# walls: a standard deviation of 1.0 % at a linear light of 0.5 (0.7 to 1.5 %), as SENSOR has it;
# but neighbours' noise is alike (0.79 one px away, 0.61 two, 0.28 four, 0.02 eight), and that of
# the three colours too (0.9).
GRAIN, GRAIN_SHARE = 1.9, 0.85
"""Grain: the standard deviation of its spots, px, and their share of the noise's variance; the rest
differs from each px to the next."""

Expose = Callable[[Light, np.random.Generator], Light]
"""Reads the sensor under a light, with noise from a generator."""


@dataclass(frozen=True, slots=True)
class WorseTwin:
    """A twin that is worse than the one it was built on, in what is set."""

    name: str
    expose: Expose
    hang: Hang | None = None
    """What hangs behind; None is the even backdrop."""
    quality: int | None = None
    """Of the JPEG (4:2:0) that each picture goes through; None is no JPEG."""
    knows_backdrop: bool = True
    """Whether there is a plate, and a picture with the backdrop's lamp out."""

    def take(self, light: Light, rng: np.random.Generator) -> Picture:
        """Take a picture of the light behind the lens."""
        picture = sensor.develop(self.expose(light, rng))
        return picture if self.quality is None else compress(picture, self.quality)


def expose_as_ever(light: Light, rng: np.random.Generator) -> Light:
    """The twin's own sensor."""
    return sensor.expose(light, Controls(), SENSOR, rng)


def expose_noisily(light: Light, rng: np.random.Generator) -> Light:
    """A sensor with NOISIER times the noise."""
    return sensor.expose(light, Controls(), NOISY_CHIP, rng)


def expose_grainily(light: Light, rng: np.random.Generator) -> Light:
    """As much noise as ever, but laid over neighbours and alike in all colours."""
    deviation = cv2.sqrt(SENSOR.variance(light, Controls()))
    exposed = sensor.expose(light, Controls(), None, rng)
    noisy = exposed + deviation * _draw_grain(light.shape[:2], rng)[..., None]
    return np.asarray(noisy, np.float32).clip(0, 1)


def _draw_grain(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Grain of variance 1, height × width."""
    fine, coarse = (rng.standard_normal(shape, np.float32) for _ in range(2))
    # What blurring leaves of the variance of white noise.
    left = 1 / (2 * np.sqrt(np.pi) * GRAIN)
    spots = cv2.GaussianBlur(coarse, (0, 0), GRAIN) / np.float32(left)
    return np.asarray(
        np.sqrt(np.float32(GRAIN_SHARE)) * spots + np.sqrt(np.float32(1 - GRAIN_SHARE)) * fine,
        np.float32,
    )


def compress(picture: Picture, quality: int) -> Picture:
    """What a JPEG with halved colours (4:2:0) leaves of a picture."""
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return np.asarray(Image.open(file).convert("RGB"))


AS_BUILT = WorseTwin("as built", expose_as_ever)
"""The twin itself."""

WORSE_TWINS = (
    WorseTwin("three times the noise", expose_noisily),
    WorseTwin("a painted wall", expose_as_ever, hung_backdrops.hang_plaster),
    WorseTwin("a plate from another day", expose_as_ever, hung_backdrops.hang_on_another_day),
    WorseTwin("JPEG in between", expose_as_ever, quality=85),
    WorseTwin("wrinkles and a shadow", expose_as_ever, hung_backdrops.hang_wrinkled_cloth),
    WorseTwin(
        "a grey wall, no plate",
        expose_grainily,
        hung_backdrops.hang_grey_wall,
        quality=90,
        knows_backdrop=False,
    ),
)
