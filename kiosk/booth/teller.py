"""Tells the booth's state to who asks over SSH: at changes, and every few seconds."""

import logging
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from kiosk import installed_version
from kiosk import visit as v
from kiosk.booth.lamp_phases import Phase
from kiosk.booth.parts import Parts
from kiosk.booth.reflections import Found
from kiosk.upkeep.told_state import TELL_EVERY, ToldState, read_told_state, since_boot, tell_state

log = logging.getLogger(__name__)


class ToldBooth(Protocol):
    """What is told of a booth."""

    @property
    def visit(self) -> v.Visit:
        """The visit under way."""
        ...

    @property
    def parts(self) -> Parts:
        """What the booth is made of."""
        ...

    @property
    def at_rest(self) -> bool:
        """Whether nobody is served, and nothing is left to be done for whoever was."""
        ...

    @property
    def lamps_do(self) -> Phase:
        """Who has the lamps."""
        ...

    @property
    def light_notices(self) -> frozenset[str]:
        """What the control law has noticed of the lamps."""
        ...


@dataclass
class Teller:
    """Counts the day's visits and photos, and writes the state to its file. For the loop alone."""

    path: Path | None
    """None: nobody asks."""
    clock: Callable[[], float] = since_boot
    today: Callable[[], date] = date.today
    _told: ToldState | None = None
    _changes: object = None
    """What is told at once when it changes; lamps swing, and wait for their turn."""
    _due: float = -math.inf
    _failed: bool = False
    _day: str = ""
    _visits: int = 0
    _photos: int = 0
    _reflections: Counter[str] = field(default_factory=Counter)
    _started: float = field(init=False)
    _version: str = field(init=False)

    def __post_init__(self) -> None:
        self._version = installed_version()
        self._started = self.clock()
        before = None if self.path is None else read_told_state(self.path)
        if before is not None:  # what was counted before a restart on the same day
            self._day, self._visits = before.day, before.visits_today
            self._photos = before.photos_today
            self._reflections = Counter(before.reflections_today)

    def count(self, *, began: bool, handed_in: bool) -> None:
        """Count a visit whose student is known from now on, and a photo that lies sealed."""
        self._begin_day()
        self._visits += began
        self._photos += handed_in

    def count_found(self, found: Iterable[Found]) -> None:
        """Count what was found to be mirrored: by whom, is told nowhere."""
        self._begin_day()
        self._reflections.update(f"{place} {source}" for place, source in found)

    def tell(self, booth: ToldBooth) -> None:
        """Tell the state, if it has changed or was not told for a while."""
        if self.path is None:
            return
        now = self.clock()
        changes = booth.visit.stage, booth.visit.faults, booth.at_rest
        if changes == self._changes and now < self._due:
            return
        self._changes, self._due = changes, now + TELL_EVERY
        self._told = self._describe(booth, now)
        try:
            tell_state(self.path, self._told)
        except OSError as error:
            if not self._failed:
                log.warning("%s: the state cannot be told (%s)", self.path, error.strerror)
            self._failed = True
        else:
            self._failed = False

    def _begin_day(self) -> None:
        if (day := self.today().isoformat()) != self._day:
            self._day, self._visits, self._photos = day, 0, 0
            self._reflections.clear()

    def _describe(self, booth: ToldBooth, now: float) -> ToldState:
        self._begin_day()
        visit, parts = booth.visit, booth.parts
        dark = parts.lamps.reasons
        lamps = "; ".join(f"{name}: {why}" for name, why in dark.items())
        reasons = {"camera": parts.camera.fault, "reader": parts.reader.fault, "lamps": lamps}
        state = ToldState(
            version=self._version,
            pid=os.getpid(),
            started=self._started,
            at=now,
            since=now,
            stage=visit.stage.value,
            stopped_by=visit.fault,
            at_rest=booth.at_rest,
            maintenance="maintenance" in visit.faults,
            faults=tuple(sorted(visit.faults - {"maintenance"})),
            reasons={name: why for name, why in reasons.items() if why and name in visit.faults},
            lamps=parts.lamps.levels,
            lamps_missing=tuple(sorted(dark)),
            lamps_held_back=parts.lamps.held_back,
            lamps_do=booth.lamps_do,
            light_notices=tuple(sorted(booth.light_notices)),
            day=self._day,
            visits_today=self._visits,
            photos_today=self._photos,
            reflections_today=dict(self._reflections),
        )
        if self._told is not None and self._told.doing == state.doing:
            return replace(state, since=self._told.since)
        return state
