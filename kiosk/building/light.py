"""How much light: lux for an exposure, from lamps at a distance; evenness; safety of the eyes.

A lamp is a flat diffuser that looks equally bright from everywhere (Lambert's law): in its axis it
has its lumens over π in candela.
"""

import math
from dataclasses import dataclass
from typing import Literal

from kiosk.building.arrangement import FILL_ABOVE, KEY_LAMP, KEY_LAMP_ANGLE, WITH_LEDGE
from kiosk.building.supply import BACKDROP_WATTS, FILL_WATTS, KEY_WATTS

INCIDENT_CALIBRATION = 250.0
"""C of ISO 2720 for a flat receptor: f-number² / time = lux × ISO / C."""

GREY = 0.18
"""What a grey card reflects."""


@dataclass(frozen=True, slots=True)
class LuxReference:
    """What libcamera's tuning file says of a sensor under `rpi.lux`: the light it was shown, how it
    was set, and the answer, of 65536, of the grey in the picture."""

    exposure_time: float
    """In µs."""
    gain: float
    lux: float
    answer: float

    def lux_for(self, exposure_time: float, gain: float, answer: float = GREY) -> float:
        """Lux with which a grey card, so set, comes out as `answer` of white: `Lux::process`."""
        by_setting = self.exposure_time * self.gain / (exposure_time * gain)
        return self.lux * by_setting * answer * 65536 / self.answer

    def film_speed(self, f_number: float) -> float:
        """The ISO that the sensor has at gain 1, where the file was made with this f-number."""
        return INCIDENT_CALIBRATION * f_number**2 / (self.lux_for(1e6, 1.0))


IMX708 = LuxReference(10672, 1.12, 977, 8627)
IMX477 = LuxReference(27242, 1.0, 830, 17755)
"""libcamera, src/ipa/rpi/vc4/data/imx708.json and imx477.json, commit 10e4e5b. Module 3's lens is
f/1.8; with which lens the second was made is not said."""


def lux_needed(f_number: float, exposure_time: float, gain: float) -> float:
    """Lux at the face that expose a grey card rightly; `exposure_time` in µs.

    The speed is that of Module 3's sensor, f/1.8, and is taken for the HQ's too, whose file tells
    the same lux for an unknown lens. It is half of what a camera of ISO 100 would need less.
    """
    speed = IMX708.film_speed(1.8) * gain
    return INCIDENT_CALIBRATION * f_number**2 / (exposure_time * 1e-6 * speed)


@dataclass(frozen=True, slots=True)
class Lamp:
    """A diffused lamp, and where it stands before what it lights."""

    name: str
    watts: float
    """Of its LEDs."""
    area: float
    """Of its diffuser, in m²."""
    distance: float
    """Metres to the face."""
    angle: float
    """Degrees between its way to the face and the line from face to lens."""

    lumens_a_watt: float = 80.0
    """Behind the diffuser: LEDs of CRI 95 have 100 to 120, an opal sheet passes some 0.7 of it."""

    @property
    def lumens(self) -> float:
        """At full level."""
        return self.watts * self.lumens_a_watt

    @property
    def candela(self) -> float:
        """In its axis."""
        return self.lumens / math.pi

    @property
    def luminance(self) -> float:
        """Of the diffuser, in cd/m²."""
        return self.candela / self.area

    def lux(self, level: float = 1.0) -> float:
        """On a card at the face that faces the lens."""
        return level * self.candela * math.cos(math.radians(self.angle)) / self.distance**2

    @property
    def blue_radiance(self) -> float:
        """Radiance weighted for the blue-light hazard, in W/(m²·sr): an upper bound."""
        return self.luminance * BLUE_A_LUMEN


BLUE_A_LUMEN = 2e-3
"""W/lm weighted for the blue-light hazard, K_B,v (CIE S 017, 17-26-061). A black body of 5600 K has
0.88 mW/lm, of 6500 K 1.03 (integrated in the test), and LEDs about as much as other light of their
colour temperature (US DOE, Optical Safety of LEDs); here twice that is taken."""

EXEMPT, LOW_RISK = 100.0, 10_000.0
"""W/(m²·sr): the exempt group of IEC 62471 (10,000 s) and its group 1 (100 s)."""


def risk_group(blue_radiance: float) -> Literal["exempt", "1", "2 or more"]:
    """The group of IEC 62471 by the blue-light hazard alone: LEDs that are white have no other."""
    if blue_radiance <= EXEMPT:
        return "exempt"
    return "1" if blue_radiance <= LOW_RISK else "2 or more"


Flicker = Literal["no effect", "low risk", "not recommended"]


def flicker_risk(frequency: float, modulation: float) -> Flicker:
    """What IEEE 1789-2015 says of light that swings by `modulation` (0 to 1) at so many Hz.

    Modulation is (most - least) / (most + least): 1 for a lamp that its PWM switches off and on.
    """
    percent = 100 * modulation
    if frequency < 90:
        no_effect, low_risk = 0.01 * frequency, 0.025 * frequency
    else:
        no_effect = math.inf if frequency > 3000 else 0.0333 * frequency
        low_risk = math.inf if frequency > 1250 else 0.08 * frequency
    if percent <= no_effect:
        return "no effect"
    return "low risk" if percent <= low_risk else "not recommended"


@dataclass(frozen=True, slots=True)
class Bar:
    """A lamp before a wall: a level line of diffused light, aimed at a height of the wall."""

    length: float
    height: float
    """Above the floor, metres."""
    before: float
    """Metres from the wall."""
    aimed_at: float
    """Height on the wall."""

    def lux(self, across: float, height: float) -> float:
        """On the wall, `across` metres from the bar's middle, in parts of one candela a metre."""
        up = math.atan2(self.aimed_at - self.height, self.before)
        total, steps = 0.0, 40
        for step in range(steps):
            x = (step + 0.5) / steps * self.length - self.length / 2
            way = (across - x, height - self.height, self.before)
            far = math.hypot(*way)
            leaves = (way[1] * math.sin(up) + way[2] * math.cos(up)) / far
            total += max(leaves, 0.0) * (way[2] / far) / far**2
        return total * self.length / steps


def evenness(
    bars: tuple[Bar, ...], width: float, low: float, high: float, also: float = 0.0
) -> float:
    """Least over most light on a wall, `width` about its middle and between two heights.

    `also` is other light there, everywhere alike, in the bars' parts.
    """
    seen = [
        also + sum(bar.lux(across, low + (high - low) * step / 12) for bar in bars)
        for across in (-width / 2, -width / 4, 0.0, width / 4, width / 2)
        for step in range(13)
    ]
    return min(seen) / max(seen)


def luminance_factor(colour: tuple[int, int, int]) -> float:
    """Y of an sRGB colour, white being 100: what paint makers call LRV (IEC 61966-2-1)."""
    red, green, blue = (_linear(value / 255) for value in colour)
    return 100 * (0.2126 * red + 0.7152 * green + 0.0722 * blue)


def lightness_chroma_hue(colour: tuple[int, int, int]) -> tuple[float, float, float]:
    """L*, C* and h (degrees) of an sRGB colour in CIELAB, D65: what a paint shop measures."""
    red, green, blue = (_linear(value / 255) for value in colour)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (v ** (1 / 3) if v > (6 / 29) ** 3 else v * 841 / 108 + 4 / 29 for v in (x, y, z))
    a, b = 500 * (fx - fy), 200 * (fy - fz)
    return 116 * fy - 16, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


KEY = Lamp("key lamp", KEY_WATTS, 0.40 * 0.60, KEY_LAMP, KEY_LAMP_ANGLE)
FILL = Lamp(
    "fill lamp",
    FILL_WATTS,
    0.30 * 0.30,
    math.hypot(WITH_LEDGE.lens, FILL_ABOVE),
    math.degrees(math.atan2(FILL_ABOVE, WITH_LEDGE.lens)),
)
"""Those of the bill of materials, where `arrangement` has them."""


def face_lux(key: float, fill: float) -> float:
    """Lux at the face from both key lamps and the fill lamp at these levels."""
    return 2 * KEY.lux(key) + FILL.lux(fill)


LOW_BAR = Bar(1.0, 0.25, 0.40, 2.0)
HIGH_BAR = Bar(1.0, 2.50, 0.40, 1.0)
"""Backdrop lamps: low behind the stool, and a second one above the backdrop."""


def spill(key: float, fill: float, backdrop: float, away: float = 1.0) -> float:
    """What key and fill lamps add at the backdrop's middle, `away` metres behind the face, in parts
    of the candela that a metre of the backdrop's lamp has at its level."""
    beyond = KEY.distance * math.cos(math.radians(KEY.angle)) + away
    aside = KEY.distance * math.sin(math.radians(KEY.angle))
    far = math.hypot(beyond, aside)
    off = math.radians(KEY.angle) - math.atan2(aside, beyond)
    of_keys = 2 * key * KEY.candela * math.cos(off) * (beyond / far) / far**2
    of_fill = fill * FILL.candela / (FILL.distance + away) ** 2
    own = backdrop * BACKDROP_WATTS * KEY.lumens_a_watt / math.pi / LOW_BAR.length
    return (of_keys + of_fill) / own
