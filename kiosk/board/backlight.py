"""The screen's backlight: dimmed while nobody is there for long, bright as soon as somebody is."""

import logging
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

SYSFS = Path("/sys/class/backlight")

DIM_AFTER = 600.0
"""Seconds without anybody after which the screen is dimmed."""

DIMMED = 0.1
"""Share of full brightness: it spares the panel, and can still be seen from the door."""


def find_backlight(setting: str, sysfs: Path = SYSFS) -> Path | None:
    """The folder of the backlight that is configured; None where there is none.

    An HDMI monitor has none: it dims by itself, or not at all.
    """
    if setting == "none":
        return None
    if setting == "auto":
        return next(iter(sorted(sysfs.glob("*"))), None)
    return Path(setting)


class Backlight:
    """A folder of /sys/class/backlight; without one nothing happens."""

    def __init__(
        self,
        folder: Path | None,
        write: Callable[[Path, str], object] = Path.write_text,
    ) -> None:
        """`folder` is as `find_backlight` says."""
        self._folder, self._write = folder, write
        self._seen_at: float | None = None
        self._level: float | None = None

    def follow(self, at: float, *, somebody: bool) -> None:
        """Dim or light the screen; `at` is a monotonic time in seconds."""
        if somebody or self._seen_at is None:
            self._seen_at = at
        self.set(DIMMED if at - self._seen_at >= DIM_AFTER else 1.0)

    def set(self, level: float) -> None:
        """Set the backlight, 0 to 1, where it is not so already; never quite dark."""
        if self._folder is None or level == self._level:
            return
        self._level = level
        try:
            most = int((self._folder / "max_brightness").read_text())
            self._write(self._folder / "brightness", str(max(round(level * most), 1)))
        except (OSError, ValueError) as error:
            log.warning(
                "screen: its backlight %s cannot be set (%s): let the booth's user into the group"
                " video, and install systemd/71-kiosk-devices.rules",
                self._folder,
                error,
            )
            self._folder = None

    def close(self) -> None:
        """Leave the screen bright, for whoever uses it next."""
        self.set(1.0)
