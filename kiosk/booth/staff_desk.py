"""The staff's menu at work: what it is told of the booth, and what the booth is to do for it."""

import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from kiosk import installed_version, staff
from kiosk import visit as v
from kiosk.booth import jobs
from kiosk.booth.parts import KeptPhotos, Parts
from kiosk.booth.worker import Job
from kiosk.display.staff_screens import StaffView
from kiosk.staff.pin import PinError, check_pin

log = logging.getLogger(__name__)

LIT = frozenset({v.Stage.GUIDE, v.Stage.SHUTTER})
"""The stages whose lamps are lit to work."""


VERSION = installed_version()

WELL, BROKEN = "✓", "✗"
"""What the status says of a thing."""


class Wanted(NamedTuple):
    """What comes of something that happened to the menu."""

    events: tuple[v.Event, ...] = ()
    """What the visit is to hear."""
    jobs: tuple[Job, ...] = ()
    """What the worker is to do: it alone sets the lamps."""
    code: str | None = None
    """What was typed, to be heard as if it had been scanned."""


@dataclass
class StaffDesk:
    """The menu, and a thread for PINs: to check one is slow by intent."""

    parts: Parts
    menu: staff.StaffMenu = field(default_factory=staff.StaffMenu)
    kept: KeptPhotos | None = None
    """How many photos were kept when that was counted last."""
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="pin")
    )
    _checks: list[Future[staff.PinChecked]] = field(default_factory=list)
    """Every PIN that was typed is checked to its end, or a wrong one would not count."""

    def view(self, visit: v.Visit) -> StaffView | None:
        """What the screen shows of the menu; None while it is closed."""
        return StaffView(self.menu, self._around(visit)) if self.menu.is_open else None

    def pass_time(self, at: float, visit: v.Visit) -> Wanted:
        """Take in what was checked; a menu that nobody touches closes."""
        if self._checks and self._checks[0].done():
            return self.hear(self._checks.pop(0).result(), at, visit)
        return self.hear(staff.TimePassed(), at, visit) if self.menu.is_open else Wanted()

    def hear(self, event: staff.Event, at: float, visit: v.Visit) -> Wanted:
        """Tell the menu what has happened."""
        was_open = self.menu.is_open
        self.menu, effects = staff.step(self.menu, event, at, self._around(visit))
        events: list[v.Event] = []
        to_do: list[Job] = []
        code: str | None = None
        for effect in effects:
            match effect:
                case staff.CheckPin():
                    check = self._thread.submit(_check, self.parts.pin_file, effect)
                    self._checks.append(check)
                case staff.SetLamp(lamp, level):
                    to_do.append(partial(jobs.set_lamps, self.parts, {lamp: level}))
                case staff.RestoreLamps():
                    to_do.append(partial(jobs.set_lamps, self.parts, self._levels(visit)))
                case staff.Grant(rule):
                    log.warning("staff: granted that rule %s need not hold", rule)
                    events.append(v.Granted(rule))
                case staff.EnterCode(code):
                    log.warning("staff: typed a code")
                case staff.SetMaintenance(on):
                    to_do.append(partial(jobs.set_maintenance, self.parts, on=on))
        if self.menu.is_open is not was_open:
            log.info("staff: menu %s", "opened" if self.menu.is_open else "closed")
            events.append(v.Interrupted())
        return Wanted(tuple(events), tuple(to_do), code)

    def close(self) -> None:
        """Wait for what is checked, and end the thread."""
        self._thread.shutdown()

    def _around(self, visit: v.Visit) -> staff.Around:
        return staff.Around(
            pin_set=self.parts.pin_file.exists(),
            student_at_hand=visit.student is not None,
            granted=visit.granted,
            maintenance="maintenance" in visit.faults,
            lamps=self.parts.lamps.levels,
            status=describe_booth(self.parts, visit.faults, self.kept),
        )

    def _levels(self, visit: v.Visit) -> Mapping[str, float]:
        """The lamps' levels as the visit wants them."""
        named = self.parts.working if visit.stage in LIT else self.parts.idle
        return self.parts.levels(named)


def describe_booth(
    parts: Parts, faults: frozenset[v.FaultName], kept: KeptPhotos | None
) -> Mapping[str, str]:
    """What the menu's status says: by a phrase's name what stands behind it."""

    def tell(name: v.FaultName, fault: str | None = None) -> str:
        return fault or (BROKEN if name in faults else WELL)

    unknown = "–"
    return {
        "staff.status.faults": ", ".join(sorted(faults)) or unknown,
        "staff.status.waiting": unknown if kept is None else str(kept.waiting),
        "staff.status.set_aside": unknown if kept is None else str(kept.set_aside),
        "staff.status.camera": tell("camera", parts.camera.fault),
        "staff.status.reader": tell("reader", parts.reader.fault),
        "staff.status.lamps": tell("lamps"),
        "staff.status.models": tell("models"),
        "staff.status.disk": tell("disk"),
        "staff.status.clock": tell("clock"),
        "staff.status.version": VERSION,
    }


def _check(path: Path, asked: staff.CheckPin) -> staff.PinChecked:
    try:
        ok = check_pin(path, asked.digits)
    except PinError as error:
        log.error("staff: %s", error)
        ok = False
    if not ok:
        log.warning("staff: a wrong PIN")
    return staff.PinChecked(asked.number, ok)
