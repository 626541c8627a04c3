"""Whether the booth's clock is right: by the registrar's time, as last told, and by plausibility.

A Pi has no battery for its clock and may start in any year. A photo says when it was taken, and
the registrar serves nobody whose clock is minutes away: with a wrong clock no photo shall be taken.
What was heard last counts: the registrar or staff, since this start of the machine. Before, the
clock must be plausible, somebody must vouch for it, and it may not leap.
"""

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

import durable
from kiosk.sync.clock_witness import Witness, find_witness
from protocol.admission import EVER, Moment, surely
from protocol.request import CLOCK_WINDOW

log = logging.getLogger(__name__)

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""Seconds since 1970 at which this software did not exist: no right clock shows an earlier time."""

LONGEST_SILENCE = 400 * 86_400.0
"""Seconds after which a booth has heard its registrar again: for each year's students."""

NOT_AFTER = NOT_BEFORE + 5 * 365.25 * 86_400
"""Seconds since 1970 at which no booth that never heard its registrar runs this software."""

SAME, SAME_FOR = 10.0, 600.0
"""Seconds by which a told time may differ from the one before, and for how long, to be the same."""

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
    witness: Witness = "unknown"
    """Who else speaks for the first of them."""

    def wall_after(self, later: "Now") -> float | None:
        """What the wall clock must show later; None where the machine was started in between."""
        if later.boot != self.boot:
            return None
        return self.wall + later.since_boot - self.since_boot


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
    wall = time.time()
    return Now(wall, read_since_boot(), _read_boot(environ), find_witness(wall))


def read_since_boot() -> float:
    """Read how many seconds ago this machine was started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _read_boot(environ: Mapping[str, str]) -> str:
    try:
        boot = _BOOT_ID.read_text()
    except OSError:
        boot = environ.get(BOOT_VARIABLE, "")
    return boot.strip().replace("-", "")


def find_clock_fault(
    now: Now,
    told: ToldTime | None,
    issued_at: float | None,
    *,
    word: ToldTime | None = None,
    right: Now | None = None,
) -> str | None:
    """Why the booth's clock is wrong, with the way out; None where nothing speaks against it.

    `told` is the registrar's time from the last sync, `word` the time that staff have last said to
    be right; `issued_at`, of the roster here, is the earliest that it can be where neither was ever
    heard, in seconds since 1970. `right` is what the clocks showed when they were found right last.
    """
    heard = [one for one in (told, word) if one is not None and one.boot == now.boot]
    if heard:
        last = max(heard, key=lambda one: one.since_boot)
        whose = "the registrar's" if last is told else "what staff have said"
        return _differs(now, last.registrar_now(now), f"against {whose}")
    if now.wall < NOT_BEFORE - CLOCK_WINDOW:
        return _say(now, "is before this software was made")
    if now.witness == "nobody":
        return _say(
            now,
            "is vouched for by nobody since the machine's start: there is no network time, no clock"
            " with a battery, and no registrar",
        )
    by_network = now.witness == "network time"
    known = told or word
    earliest = known.registrar if known is not None else issued_at
    if not by_network and (wrong := _find_implausible(now, earliest)) is not None:
        return wrong
    stepped = by_network and right is not None and right.witness != now.witness
    expected = None if right is None or stepped else right.wall_after(now)
    return _differs(now, expected, "against itself: it leapt")


def _find_implausible(now: Now, earliest: float | None) -> str | None:
    """Why a time cannot be, by what was heard before the machine's start."""
    if earliest is None:
        return _say(now, "is years ahead") if now.wall > NOT_AFTER else None
    off = now.wall - earliest
    if -CLOCK_WINDOW <= off <= LONGEST_SILENCE:
        return None
    side = "before" if off < 0 else "after"
    return _say(now, f"is {describe_span(off)} {side} the time when the registrar was last heard")


def _differs(now: Now, expected: float | None, against: str) -> str | None:
    if expected is None or abs(offset := now.wall - expected) <= CLOCK_WINDOW:
        return None
    return _say(now, f"is {describe_span(offset)} {'fast' if offset > 0 else 'slow'} {against}")


def proven_moment(now: Now, told: ToldTime | None, issued_at: float | None) -> Moment:
    """When it is, as far as the registrar vouches for it: since this start of the machine surely.

    After another start it is no earlier than when it was last heard, or when the roster here was
    `issued_at`, in s since 1970. What this machine's clock shows opens no student's next day.
    """
    registrar = None if told is None else told.registrar_now(now)
    if registrar is not None:
        return surely(datetime.fromtimestamp(registrar, UTC))
    known = issued_at if told is None else told.registrar
    return Moment(datetime.fromtimestamp(known or 0.0, UTC), EVER)


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


def remember_told_time(
    roster: Path, registrar: float, since_boot: float, *, confirmed: bool
) -> None:
    """Remember the registrar's time as it was told so many seconds after the machine's start.

    What is known already is not written again each time: that would cost a memory card, and
    whoever waits. Who cannot keep it logs that.
    """
    boot, before = _read_boot(os.environ), read_told_time(roster)
    last = None if before is None else before.roster_confirmed
    told = ToldTime(
        registrar=registrar,
        since_boot=since_boot,
        boot=boot,
        roster_confirmed=registrar if confirmed else last,
    )
    if before is not None and not confirmed and (not boot or _says_the_same(before, told)):
        return  # nor where nobody says which start of the machine this is: that tells less
    try:
        keep_told_time(roster, told)
    except OSError as error:
        log.warning("%s: the registrar's time was not kept (%s)", roster, error.strerror)


def _says_the_same(before: ToldTime, told: ToldTime) -> bool:
    passed = told.since_boot - before.since_boot
    off = told.registrar - before.registrar - passed
    return told.boot == before.boot and 0 <= passed < SAME_FOR and abs(off) < SAME


def staffs_word_path(roster: Path) -> Path:
    """Where it is remembered when staff have said that the clock is right: beside the roster."""
    return roster.with_name(f"{roster.name}.clock-confirmed")


def read_staffs_word(roster: Path) -> ToldTime | None:
    """Read when staff have last said so; None where they never have, or it is damaged."""
    try:
        return ToldTime.model_validate_json(staffs_word_path(roster).read_bytes())
    except (OSError, ValidationError):
        return None


def keep_staffs_word(roster: Path, now: Now) -> ToldTime:
    """Remember that staff say now that the clock is right, and forget what contradicts them.

    That is a registrar's time still to come: its clock was ahead. Raises OSError.
    """
    word = ToldTime(registrar=now.wall, since_boot=now.since_boot, boot=now.boot)
    durable.make_private_folder(roster.parent)
    durable.write_whole(staffs_word_path(roster), word.model_dump_json().encode())
    told = read_told_time(roster)
    if told is not None and told.registrar > now.wall + CLOCK_WINDOW:
        told_time_path(roster).unlink(missing_ok=True)
    return word


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
        " the registrar's is right; without a network set it by a watch: sudo timedatectl set-time,"
        " then sudo kiosk clock confirm"
    )
