"""Lamps that grow hot give less: a thread reads their thermometer, and lowers their limits.

The kernel's files are in thousandths of a degree: w1_therm's `temperature` and hwmon's
`temp*_input` (in its Documentation: w1/slaves/w1_therm.rst, hwmon/sysfs-interface.rst).
"""

import logging
import threading
from pathlib import Path
from typing import Protocol

log = logging.getLogger(__name__)

DERATED_OVER = 20.0
"""°C above `hot` over which the limits sink to dark: between, lamps settle where they give as much
heat as their sink takes."""

SAFE_SHARE = 0.5
"""Share of their limits that lamps are driven to while nobody knows how hot they are."""

LOOK_EVERY = 5.0
"""Seconds: a heat sink changes no faster, and a sensor on one wire takes 0.75 to answer."""

COLDEST, HOTTEST = -40.0, 150.0
"""°C between which a sensor tells the truth."""

POWER_ON = 85.0
"""°C that a DS18B20 tells before it has measured anything (data sheet, "Operation: measuring
temperature"): its supply failed meanwhile."""

FAREWELL = 2.0
"""Seconds that a reading under way has to end in."""


class Deratable(Protocol):
    """The lamps."""

    def derate(self, share: float, why: str = "") -> None:
        """Lower every limit to a share of what is configured."""
        ...


def find_share(degrees: float, hot: float) -> float:
    """The share of their limits that lamps are driven to at a temperature, °C: 1 up to `hot`."""
    return min(max(1 - (degrees - hot) / DERATED_OVER, 0.0), 1.0)


def read_degrees(thermometer: Path) -> float:
    """The temperature, °C. Raises OSError, and ValueError where what it tells cannot be so."""
    told = thermometer.read_text().strip()
    try:
        degrees = int(told) / 1000
    except ValueError:
        raise ValueError(f'it tells "{told[:20]}", and no number') from None
    if not COLDEST < degrees < HOTTEST:
        raise ValueError(f"it tells {degrees:g} °C")
    if degrees == POWER_ON and "w1" in thermometer.parts:
        raise ValueError("it has measured nothing: look at its supply")
    return degrees


def judge_heat(thermometer: Path, hot: float) -> tuple[float, str]:
    """The share of their limits that lamps may be driven to, and why it is below 1, for staff."""
    try:
        degrees = read_degrees(thermometer)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        why = f"their thermometer {thermometer} does not tell ({reason})"
        return SAFE_SHARE, f"{why}: they are held at {SAFE_SHARE:.0%} of their limits"
    share = find_share(degrees, hot)
    if share == 1:
        return 1.0, ""
    why = f"they have {degrees:.0f} °C, and are hot from {hot:.0f}"
    return share, f"{why}: they are held at {share:.0%} of their limits"


class HeatWatch:
    """Reads the thermometer now and then, and lowers the lamps' limits by it."""

    def __init__(
        self, lamps: Deratable, thermometer: Path, hot: float, every: float = LOOK_EVERY
    ) -> None:
        """`hot` is the temperature in °C above which the limits sink."""
        self._lamps, self._thermometer, self._hot, self._every = lamps, thermometer, hot, every
        self._closing = threading.Event()
        self._told = False
        self._thread = threading.Thread(target=self._watch_on, name="heat", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the limits as they are."""
        self._closing.set()
        self._thread.join(FAREWELL)

    def look(self) -> None:
        """Read once; the log tells when lamps are held back, and when not any more."""
        share, why = judge_heat(self._thermometer, self._hot)
        self._lamps.derate(share, why)
        if bool(why) != self._told:
            log.warning("lamps: %s", why or "cool again, and back at their limits")
        self._told = bool(why)

    def _watch_on(self) -> None:
        while True:
            self.look()
            if self._closing.wait(self._every):
                return
