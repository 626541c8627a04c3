"""Counts the stock while the booth runs: its loop tells, and a thread of its own writes."""

import logging
import threading
from collections.abc import Mapping
from typing import Protocol

from kiosk.errors import KioskError
from kiosk.upkeep.stock import Stock

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at the lamps' levels."""

WRITE_EVERY = 600.0
"""Seconds after which lamp hours are written while nobody comes: a card is not worn by it."""

FAREWELL = 2.0
"""Seconds that a disk has for the last count as the booth ends."""


class LitLamps(Protocol):
    """What is asked of the lamps."""

    @property
    def levels(self) -> Mapping[str, float]:
        """The level of each lamp that is there, 0 to 1."""
        ...


class StockCounter:
    """What the booth's loop tells is added up, and written by a thread that may wait for a disk.

    What cannot be written is kept for the next time, and told in the log once.
    """

    def __init__(self, stock: Stock, *, write_every: float = WRITE_EVERY) -> None:
        self._stock, self._write_every = stock, write_every
        self._changed = threading.Condition()
        self._visits = 0
        self._seconds: dict[str, float] = {}
        self._due = self._closing = self._told = False
        self._looked: tuple[float, Mapping[str, float]] | None = None
        self._thread = threading.Thread(target=self._write_on, name="stock", daemon=True)
        self._thread.start()

    def visit_ended(self) -> None:
        """Count a visit; returns at once."""
        with self._changed:
            self._visits += 1
            self._due = True
            self._changed.notify()

    def follow(self, lamps: LitLamps, at: float) -> None:
        """Add up how long lamps burn; `at` is in seconds. Call it as often as you like."""
        if self._looked is not None and at - self._looked[0] < LOOK_EVERY:
            return
        if self._looked is not None:
            since, levels = self._looked
            with self._changed:
                for lamp, level in levels.items():
                    self._seconds[lamp] = self._seconds.get(lamp, 0.0) + level * (at - since)
        self._looked = at, dict(lamps.levels)

    def close(self) -> None:
        """Write what is left, if the disk lets it in time."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(FAREWELL)

    def _write_on(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._due or self._closing, self._write_every)
                closing, self._due = self._closing, False
                visits, self._visits = self._visits, 0
                seconds, self._seconds = self._seconds, {}
            if visits or seconds:
                self._write(visits, seconds)
            if closing:
                return

    def _write(self, visits: int, seconds: Mapping[str, float]) -> None:
        try:
            self._stock.count(visits, seconds)
        except KioskError as error:
            if not self._told:
                log.error("stock: %s", error)
            self._told = True
            with self._changed:
                self._visits += visits
                for lamp, burnt in seconds.items():
                    self._seconds[lamp] = self._seconds.get(lamp, 0.0) + burnt
        else:
            self._told = False
