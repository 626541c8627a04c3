"""Checks of what goes to the registrar and comes from it: keys, outbox, sync, roster and clock."""

import shlex
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.health.finding import Finding, Verdict, check, find
from kiosk.health.site import Site
from kiosk.sync.clock import (
    Now,
    ToldTime,
    describe_span,
    find_clock_fault,
    read_staffs_word,
    read_told_time,
)
from kiosk.sync.last_sync import read_last_sync
from protocol.request import CLOCK_WINDOW
from protocol.timetable import Timetable

if TYPE_CHECKING:
    from kiosk.sync.roster import Roster

OLD_ROSTER = 7 * 86_400.0
"""Seconds after which a roster that nobody confirmed is told as old: a booth that has not reached
the registrar for a week does not know who was enrolled or photographed meanwhile."""

OLD_SYNC = 86_400.0
"""Seconds without a sync that came to its end after which that is a fault: a booth may be without
network for an afternoon, and serves from its roster meanwhile."""

NO_SYNC = 900.0
"""Seconds after which the unit's timer, which runs it every minute, is held to be off."""

UNENROLLED = "kiosk enrol URL CODE, by a code from the registrar's page of booths"


@check("keys")
def keys(site: Site) -> Iterator[Finding]:
    """Whether the booth's own key and the registrar's can be read."""
    from kiosk.sync.enrolment import read_enrolment

    sync = site.config.sync
    if sync.registrar_public_key is None or sync.registrar_verify_key is None:
        yield Finding("keys", "unknown", "no registrar is configured", UNENROLLED)
        return
    read_enrolment(sync)
    yield Finding("keys", "ok", f"this is {sync.booth_id}, with its key")


# ---- photos on their way ----


@check("outbox")
def outbox(site: Site) -> Iterator[Finding]:
    """How many photos wait, and whether any is lost or damaged."""
    from kiosk.sync.peek import peek

    path = site.config.sync.outbox
    seen = peek(path)
    counts = f"{seen.waiting} waiting{_oldest(site, seen.waiting)}, {seen.sent} sent"
    counts += f", {seen.refused} refused" if seen.refused else ""
    if seen.damage is not None and not site.thorough:
        yield Finding(
            "outbox",
            "fail",
            f"is damaged ({seen.damage})",
            "kiosk doctor puts what is whole in it into a new one, and keeps the damaged one",
            "storage",
        )
        return
    if site.thorough and path.exists():
        yield from _look_through(site)
    if seen.missing:
        yield Finding(
            "outbox",
            "fail",
            f"{seen.missing} photos that it has kept are not in it any more",
            f"stop the booth and put the right {path.name} back; where that cannot be:"
            " kiosk sync --accept-loss, and have them photographed again",
        )
    if seen.set_aside:
        yield Finding(
            "outbox",
            "fail",
            f"{seen.set_aside} set aside, which cannot go as they are",
            "kiosk sync --retry-set-aside, which tells why",
        )
    if seen.refused:
        yield Finding(
            "outbox",
            "fail",
            f"the registrar refused {seen.refused} photos",
            "kiosk sync tells why, and what to do about each",
        )
    if seen.kept_damaged:
        yield Finding(
            "outbox",
            "fail",
            f"a damaged one is kept as {path.name}.damaged-{seen.kept_damaged}",
            "give it to the registrar's staff, who recover photos from it; then move it away",
            "storage",
        )
    if not (seen.missing or seen.set_aside or seen.refused or seen.kept_damaged):
        yield Finding("outbox", "ok", counts)


def _oldest(site: Site, waiting: int) -> str:
    last = read_last_sync(site.config.sync.roster)
    if not waiting or last is None or last.oldest_since is None:
        return ""
    return f" (the oldest for {describe_span(site.now.wall - last.oldest_since)})"


def _look_through(site: Site) -> Iterator[Finding]:
    """Open the outbox as who works with it, which finds what is damaged and sets it aside."""
    from kiosk.sync.errors import OutboxCorrupt, OutboxLost
    from kiosk.sync.outbox import Outbox

    opened: Outbox | None = None
    try:
        opened = Outbox(site.config.sync.outbox)
    except OutboxCorrupt as error:
        yield find("outbox", "fail", str(error), spare="storage")
    except OutboxLost:
        return  # told by its number
    if opened is None:
        return
    for number, why in opened.set_aside_reasons().items():
        yield find("outbox", "fail", f"photo {number}: {why}")
    for reason, count in opened.refusals().items():
        from kiosk.sync.run import REFUSAL_WORDS

        yield find("outbox", "fail", f"{count} refused: {REFUSAL_WORDS[reason]}")


@check("sync")
def sync(site: Site) -> Iterator[Finding]:
    """When photos and roster were last exchanged, and what came of it."""
    if site.config.sync.registrar_verify_key is None:
        yield Finding("sync", "unknown", "no registrar is configured", UNENROLLED)
        return
    last = read_last_sync(site.config.sync.roster)
    if last is None:
        yield Finding("sync", "warn", "was never run", "sudo kiosk sync")
        return
    now = site.now.wall
    ago = describe_span(now - last.at)
    if last.fault is not None:
        never = last.succeeded is None
        good = "never" if last.succeeded is None else f"{describe_span(now - last.succeeded)} ago"
        long = never or now - (last.succeeded or 0.0) > OLD_SYNC
        why = find("sync", "fail" if long else "warn", last.fault)
        says = f"failed {ago} ago: {why.says}; the last good one {good}"
        if left := last.seconds_left(site.now):
            says += f"; the next by itself in {describe_span(left)}"
        yield Finding("sync", why.verdict, says, why.next_step or "sudo kiosk sync")
    elif now - last.at > NO_SYNC:
        way_out = "sudo systemctl enable --now kiosk-sync.timer; kiosk logs"
        verdict: Verdict = "fail" if now - last.at > OLD_SYNC else "warn"
        yield Finding("sync", verdict, f"was last run {ago} ago, and is due each minute", way_out)
    else:
        yield Finding("sync", "ok", f"{ago} ago, {last.sent} sent")


@check("registrar")
def registrar(site: Site) -> Iterator[Finding]:
    """Whether the registrar answers, and knows this booth."""
    from kiosk.sync.enrolment import open_client

    settings = site.config.sync
    if settings.registrar_public_key is None:
        yield Finding("registrar", "unknown", "none is configured", UNENROLLED)
        return
    with open_client(settings) as client:
        client.roster(site.config.booth.institution_code, None)
    yield Finding("registrar", "ok", f"{settings.registrar} answers, and knows this booth")


# ---- what comes from there ----


@check("roster")
def roster(site: Site) -> Iterator[Finding]:
    """How old the roster is that the booth serves from without network, and whether it is whole."""
    from kiosk.sync.roster_index import RosterIndex

    if site.config.sync.registrar_verify_key is None:
        yield Finding("roster", "unknown", "no registrar is configured", UNENROLLED)
        return
    roster = _read_roster(site.config)
    if roster is None:
        says = "none yet: codes cannot be resolved offline"
        yield Finding("roster", "fail", says, "sudo kiosk sync")
        return
    if site.thorough and isinstance(roster, RosterIndex):
        roster.check()
    now, told = site.now.wall, read_told_time(site.config.sync.roster)
    issued = roster.issued_at.timestamp()
    if issued > now + CLOCK_WINDOW:
        yield Finding(
            "roster",
            "fail",
            f"{len(roster)} entries, made {describe_span(issued - now)} after this clock's time:"
            " the registrar's clock was ahead, or this one is slow",
            "set both by network time, then sudo kiosk sync",
        )
        return
    confirmed = told.roster_confirmed if told is not None else None
    age = max(now - (issued if confirmed is None else max(confirmed, issued)), 0.0)
    says = f"{len(roster)} entries, as the registrar had them {describe_span(age)} ago"
    if age > OLD_ROSTER:
        says += "; who was enrolled or photographed since is not known"
        yield Finding("roster", "fail", says, "look at sync and network, then sudo kiosk sync")
    else:
        yield Finding("roster", "ok", says)


@check("configuration")
def configuration(site: Site) -> Iterator[Finding]:
    """Which version of the registrar's configuration the booth holds, and what it takes of it."""
    from kiosk.sync.configuration import read_configuration, settings_said
    from kiosk.sync.keys import parse_registrar_verify_key

    sync = site.config.sync
    if sync.registrar_verify_key is None:
        yield Finding("configuration", "unknown", "no registrar is configured", UNENROLLED)
        return
    key = parse_registrar_verify_key(sync.registrar_verify_key)
    held = read_configuration(sync.roster, key, site.config.booth.institution_code)
    if held is None:
        yield Finding("configuration", "ok", "the registrar says nothing of it")
        return
    says = f"version {held.version}, of {held.issued_at.astimezone():%Y-%m-%d %H:%M}"
    said = ", ".join(settings_said(held))
    says += f"; it says {said}" if said else ""
    says += f"; schedule of {len(held.schedule)}" if held.schedule else ""
    booth = site.config.booth
    place = booth.place or booth.name
    if held.schedule and not Timetable(held.schedule, place).knows_place:
        says += f"; it names no place {place}, so all slots count as here"
        yield Finding("configuration", "warn", says, "set booth.place as the schedule has it")
        return
    yield Finding("configuration", "ok", says)


def _read_roster(config: Config) -> "Roster | None":
    from kiosk.sync.keys import parse_registrar_verify_key
    from kiosk.sync.roster import read_roster

    key = parse_registrar_verify_key(config.sync.registrar_verify_key or "")
    return read_roster(config.sync.roster, key, config.booth.institution_code)


@check("clock")
def clock(site: Site) -> Iterator[Finding]:
    """Whether nothing speaks against the machine's clock: a photo says when it was taken."""
    told, issued_at = read_told_time(site.config.sync.roster), None
    if told is None and site.config.sync.registrar_verify_key is not None:
        with suppress(KioskError):  # the roster's own check tells
            roster = _read_roster(site.config)
            issued_at = None if roster is None else roster.issued_at.timestamp()
    word = read_staffs_word(site.config.sync.roster)
    if (wrong := find_clock_fault(site.now, told, issued_at, word=word)) is not None:
        yield find("clock", "fail", wrong, spare="clock battery")
    elif told is None or told.registrar_now(site.now) is None:
        yield Finding("clock", "ok", _say_who_vouches(site.now, word))
    else:
        yield Finding("clock", "ok", "as the registrar's")


def _say_who_vouches(now: Now, word: ToldTime | None) -> str:
    since = "the registrar was not asked since the machine's start"
    if word is not None and word.boot == now.boot:
        return f"as staff have said; {since}"
    if now.witness in ("network time", "hardware clock"):
        return f"as {now.witness} says; {since}"
    return f"plausible; {since}"


@check("owners")
def owners(site: Site) -> Iterator[Finding]:
    """Whether all that the booth keeps is its own."""
    sync = site.config.sync
    folder = site.state_folder
    if not folder.exists():
        yield Finding("owners", "unknown", "nothing was written yet")
        return
    owner = folder.stat()
    beside = [
        *folder.glob("*"),
        *sync.roster.parent.glob(f"{sync.roster.name}*"),
    ]
    foreign = [
        path
        for path in sorted({*beside, sync.signing_key_file})
        if path.exists() and path.stat().st_uid != owner.st_uid
    ]
    if not foreign:
        yield Finding("owners", "ok", f"all is the booth's own in {folder}")
        return
    names = " ".join(shlex.quote(str(path)) for path in foreign)
    yield Finding(
        "owners",
        "fail",
        f"not the booth's own, which may not read or write them: {', '.join(map(str, foreign))}",
        f"sudo chown -R {owner.st_uid}:{owner.st_gid} {names}",
    )
