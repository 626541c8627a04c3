"""Touches: which of them are meant, and which are held. Times are monotonic seconds, passed in."""

from collections.abc import Hashable

QUIET = 0.8
"""Seconds for which a new screen does nothing, counted from its appearance and from the last touch
of any kind: a tap so soon was meant for what stood there before, and a storm of taps passes one
screen at most. A double tap takes 0.2 to 0.5 s; who has read a screen needs longer than this."""

DEBOUNCE = 0.25
"""Seconds in which a second tap on the same screen is the same finger's."""

LONG_PRESS = 2.0
"""Seconds for which a finger is held to open the staff's menu."""

STRAY_MM = 15.0
"""How far a held finger may move meanwhile."""

KEYPAD = frozenset({*(f"staff_{digit}" for digit in range(10)), "staff_erase"})
"""Keys that are typed one after the other: only the same one may bounce."""


class Taps:
    """Which taps count. A screen is told apart from the one before by any value that names it."""

    def __init__(self) -> None:
        self._screen: Hashable = None
        self._appeared = self._touched = self._tapped = float("-inf")
        self._last: str | None = None
        """The button that was tapped last."""
        self._awake = False
        """Whether this screen was left alone for long enough to be answered."""

    def show(self, screen: Hashable, at: float) -> bool:
        """A screen is shown; whether it is another than before, and begins anew."""
        if screen == self._screen:
            return False
        self._screen, self._appeared, self._awake = screen, at, False
        return True

    def touch(self, button: str | None, at: float) -> bool:
        """Whether a touch on a button, or beside all of them, is meant."""
        quiet = min(at - self._appeared, at - self._touched) >= QUIET
        bounces = at - self._tapped < DEBOUNCE and not (
            button in KEYPAD and self._last in KEYPAD and button != self._last
        )
        meant = quiet or (self._awake and not bounces)
        self._touched = self._tapped = at
        self._last, self._awake = button, self._awake or quiet
        return meant

    def release(self, at: float) -> None:
        """A finger was lifted."""
        self._touched = at


class Press:
    """A finger, or the mouse, that is held where it began."""

    def __init__(self) -> None:
        self._finger: Hashable = None
        self._began: tuple[tuple[float, float], float] | None = None

    def begin(self, finger: Hashable, where: tuple[float, float], at: float) -> None:
        """A finger came down; of several the last counts."""
        self._finger, self._began = finger, (where, at)

    def move(self, finger: Hashable, where: tuple[float, float], stray: float) -> None:
        """It moved; `stray` is how far it may, in the same pixels as places."""
        if self._began is None or finger != self._finger:
            return
        (x, y), _ = self._began
        if (where[0] - x) ** 2 + (where[1] - y) ** 2 > stray**2:
            self.end(finger)

    def end(self, finger: Hashable) -> None:
        """It was lifted."""
        if finger == self._finger:
            self._began = None

    def take_long(self, at: float) -> tuple[float, float] | None:
        """Where it is held, once it was held for LONG_PRESS; each press once."""
        if self._began is None or at - self._began[1] < LONG_PRESS:
            return None
        (where, _), self._began = self._began, None
        return where
