"""What speaks for this machine's clock besides the registrar: network time, a clock with a battery.

A Pi without either starts where it was switched off, or in any year: such a time is plausible, and
wrong.
"""

from pathlib import Path
from typing import Literal

from protocol.request import CLOCK_WINDOW

Witness = Literal["network time", "hardware clock", "nobody", "unknown"]
"""Who has vouched for the clock since the machine's start. unknown: nobody can be asked here."""

NETWORK_TIME = Path("/run/systemd/timesync/synchronized")
"""Is there once systemd-timesyncd has set the clock since the machine's start."""

HARDWARE_CLOCKS = Path("/sys/class/rtc")
"""Where the kernel tells of them; it has the folder also where there are none."""


def find_witness(
    wall: float, clocks: Path = HARDWARE_CLOCKS, network_time: Path = NETWORK_TIME
) -> Witness:
    """Find who vouches for a time, in seconds since 1970. Of who sets it by hand nobody knows.

    A hardware clock speaks for what it shows itself: one whose battery is flat begins in 1970.
    """
    if network_time.exists():
        return "network time"
    if any(abs(wall - shown) <= CLOCK_WINDOW for shown in _read(clocks)):
        return "hardware clock"
    return "nobody" if clocks.is_dir() else "unknown"


def _read(clocks: Path) -> list[float]:
    """What each hardware clock shows, in seconds since 1970."""
    found = []
    for path in sorted(clocks.glob("rtc*/since_epoch")):
        try:
            found.append(float(path.read_text()))
        except (OSError, ValueError):
            continue
    return found
