"""Whether the booth's clock is right: by the registrar's time, as last told, and by plausibility.

A Pi has no battery for its clock and may start in any year. A photo says when it was taken, and
the registrar serves nobody whose clock is minutes away: with a wrong clock no photo shall be taken.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

import durable
from protocol.request import CLOCK_WINDOW

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""Seconds since 1970 at which this software did not exist: no right clock shows an earlier time."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

BOOT_VARIABLE = "KIOSK_BOOT"
"""In which systemd tells this start of the machine to units that see processes alone in /proc."""


@dataclass(frozen=True, slots=True)
class Now:
    """What this machine's clocks show at one moment."""

    wall: float
    """Seconds since 1970, right or wrong."""
    since_boot: float
    """Seconds since the machine was started; nobody sets this clock."""
    boot: str
    """Tells this start of the machine from every other."""


class ToldTime(BaseModel):
    """The registrar's time, as it was told at one moment of this machine's."""

    model_config = ConfigDict(frozen=True)

    registrar: FiniteFloat
    """Seconds since 1970 by the registrar's clock."""
    since_boot: FiniteFloat
    boot: str
    roster_confirmed: FiniteFloat | None = None
    """When, by the registrar's clock, it last said which roster is in force."""

    def registrar_now(self, now: Now) -> float | None:
        """What the registrar's clock shows now; None where the machine was started since."""
        if now.boot != self.boot:
            return None
        return self.registrar + now.since_boot - self.since_boot


def read_clocks(environ: Mapping[str, str] = os.environ) -> Now:
    """Read this machine's clocks."""
    return Now(time.time(), time.clock_gettime(time.CLOCK_BOOTTIME), _read_boot(environ))


def _read_boot(environ: Mapping[str, str]) -> str:
    try:
        boot = _BOOT_ID.read_text()
    except OSError:
        boot = environ.get(BOOT_VARIABLE, "")
    return boot.strip().replace("-", "")


def find_clock_fault(now: Now, told: ToldTime | None, issued_at: float | None) -> str | None:
    """Why the booth's clock is wrong, with the way out; None where nothing speaks against it.

    `told` is the registrar's time from the last sync; without one `issued_at`, of the roster
    here, is the earliest that it can be, all in seconds since 1970.
    """
    if told is not None and (registrar := told.registrar_now(now)) is not None:
        offset = now.wall - registrar
        if abs(offset) > CLOCK_WINDOW:
            way = "fast" if offset > 0 else "slow"
            return _say(now, f"is {describe_span(offset)} {way} against the registrar's")
        return None
    known = told.registrar if told is not None else issued_at
    earliest = NOT_BEFORE if known is None else max(known, NOT_BEFORE)
    if now.wall < earliest - CLOCK_WINDOW:
        what = (
            "this software was made" if earliest == NOT_BEFORE else "the registrar was last heard"
        )
        return _say(now, f"is {describe_span(earliest - now.wall)} before the time when {what}")
    return None


def read_http_date(text: str | None) -> float | None:
    """The time in an answer's header `Date`, in seconds since 1970; None where it holds none."""
    try:
        return None if text is None else parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def told_time_path(roster: Path) -> Path:
    """Where the registrar's time is remembered: beside the roster."""
    return roster.with_name(f"{roster.name}.clock")


def read_told_time(roster: Path) -> ToldTime | None:
    """Read what is remembered of the registrar's time; None where nothing is, or it is damaged."""
    try:
        return ToldTime.model_validate_json(told_time_path(roster).read_bytes())
    except (OSError, ValidationError):
        return None


def keep_told_time(roster: Path, told: ToldTime) -> None:
    """Remember the registrar's time; raises OSError."""
    durable.make_private_folder(roster.parent)
    durable.write_whole(told_time_path(roster), told.model_dump_json().encode())


def describe_span(seconds: float) -> str:
    """A span of time in words, as long as it is."""
    for unit, least in (("years", 365.25 * 86_400), ("days", 86_400), ("hours", 3600)):
        if abs(seconds) >= 2 * least:
            return f"{abs(seconds) / least:.0f} {unit}"
    return f"{abs(seconds):.0f} s" if abs(seconds) < 120 else f"{abs(seconds) / 60:.0f} minutes"


def _say(now: Now, what: str) -> str:
    try:
        shown = datetime.fromtimestamp(now.wall, UTC).isoformat(" ", "minutes")
    except (ValueError, OverflowError, OSError):
        shown = f"{now.wall:.0f} s since 1970"
    return (
        f"the booth's clock ({shown}) {what}; set it by network time (timedatectl), and look that"
        " the registrar's is right"
    )
