"""A sensor, and an algorithm for its exposure and white balance, that take a Pi camera's controls.

They tell of each frame what it was taken with: some frames late, as from a real sensor, in whole
lines.
"""

import time
from collections import deque
from types import SimpleNamespace
from typing import Any, NamedTuple

import libcamera

CONTROLS = libcamera.controls

FRAME_TIME = 1 / 30
LATENCY = 3
"""Frames until a control shows, as with an IMX477."""
LINE_US = 18.75
"""A line's time in microseconds: exposures are whole lines."""


def _info(least: float, most: float, usual: float) -> SimpleNamespace:
    return SimpleNamespace(min=least, max=most, default=usual)


OFFERED = {
    CONTROLS.AeEnable: _info(False, True, True),
    CONTROLS.AwbEnable: _info(False, True, True),
    CONTROLS.ExposureTime: _info(31, 667_234, 20_000),
    CONTROLS.AnalogueGain: _info(1.0, 22.26, 1.0),
    CONTROLS.ColourGains: _info(0.0, 32.0, 1.0),
    CONTROLS.FrameDurationLimits: _info(8333, 120_000_000, 33_333),
    CONTROLS.AeFlickerMode: _info(0, 1, 0),
    CONTROLS.AeFlickerPeriod: _info(100, 1_000_000, 100),
    CONTROLS.AfMode: _info(0, 2, 0),
    CONTROLS.LensPosition: _info(0.0, 15.0, 1.0),
}
"""The controls, by their identities in the real binding, that a Camera Module 3 offers."""


class _NewerControl(NamedTuple):
    name: str


NEWER = frozenset(map(_NewerControl, ("ExposureTimeMode", "AnalogueGainMode")))
"""Controls that picamera2 sets and libcamera 0.4.0 does not have yet."""
for _control in NEWER:
    if not hasattr(CONTROLS, _control.name):
        setattr(CONTROLS, _control.name, _control)


class Sensor:
    """What the frames are taken with, and what was asked since it started, in order."""

    def __init__(self) -> None:
        self.deaf = False
        """Whether it has lost its controls, and takes no more."""
        self.grey = False
        """Whether it gives no colour."""
        self.asked: list[tuple[str, Any]] = []
        self.used: dict[Any, Any] = {}
        self._due: deque[dict[Any, Any]] = deque()
        self._next = 0.0
        self.forget()

    def forget(self) -> None:
        """Go back to what it starts with: its own exposure and white balance."""
        self.used = {
            CONTROLS.ExposureTime: 20_000,
            CONTROLS.AnalogueGain: 2.0,
            CONTROLS.ColourGains: (1.7, 1.6),
            CONTROLS.LensPosition: 1.0,
        }

    def expose(self, given: dict[Any, Any]) -> dict[Any, Any]:
        """Take a frame for a request with these controls; returns what is told of it."""
        self._next = max(self._next, time.monotonic() - FRAME_TIME) + FRAME_TIME
        time.sleep(max(self._next - time.monotonic(), 0.0))
        self._due.append(given)
        while len(self._due) > LATENCY:
            late = self._due.popleft()
            if not self.deaf:
                self.used |= {name: value for name, value in late.items() if name in self.used}
        lines = int(self.used[CONTROLS.ExposureTime] / LINE_US)
        return self.used | {CONTROLS.ExposureTime: int(lines * LINE_US)}


SENSOR = Sensor()
