"""Checks of the booth as it tells of itself: whether it serves, and whom it has served today."""

from collections.abc import Iterator
from datetime import date

from kiosk.health.finding import Finding, Verdict, check
from kiosk.health.site import Site
from kiosk.sync.clock import describe_span
from kiosk.upkeep.maintenance import maintenance_path, read_maintenance
from kiosk.upkeep.told_state import ToldState

WHY_IT_ENDED = "kiosk logs tells why"

WAYS_OUT = {
    "camera": "push both ends of the camera's cable in; sudo systemctl stop kiosk, kiosk doctor",
    "colour": "correct the camera's pixel format and colour gains: kiosk calibrate",
    "reader": "plug the code reader in, at both ends",
    "lamps": "look at plugs and driver of each lamp that is named; then kiosk doctor",
}
"""What staff do first about a fault that the booth feels, and that only it can, by its name."""

LINES = {"colour": "camera"}
"""Under which name more is told of a fault, where that is not its own."""


@check("booth")
def booth(site: Site) -> Iterator[Finding]:
    """Whether it runs, and serves."""
    told = site.told
    if told is None or site.life == "gone":
        yield _not_running(site)
    elif site.life == "stuck":
        silent = describe_span(site.now.since_boot - told.at)
        yield Finding(
            "booth",
            "fail",
            f"is stuck: process {told.pid} has told nothing for {silent}",
            f"sudo systemctl restart kiosk; {WHY_IT_ENDED}",
        )
    else:
        yield _at_work(site, told)


def _not_running(site: Site) -> Finding:
    gone = site.told is not None
    says = "is not running: its process has ended" if gone else "is not running"
    if site.thorough:
        return Finding("booth", "unknown", f"{says}, so its parts are tried")
    return Finding(
        "booth", "fail", says, f"sudo systemctl start kiosk; if it ends again: {WHY_IT_ENDED}"
    )


def _at_work(site: Site, told: ToldState) -> Finding:
    since = f"for {describe_span(site.now.since_boot - told.since)}"
    match told.doing:
        case "serves":
            return Finding("booth", "ok", f"in service, serves a student {since}")
        case "waits":
            return Finding("booth", "ok", f"in service, waits for a student {since}")
        case "maintenance":
            return _in_maintenance(site, since)
        case _:
            fault = told.stopped_by or ""
            says = f"out of service {since}: {fault}"
            return Finding("booth", "fail", says, f"see {LINES.get(fault, fault)}")


def _in_maintenance(site: Site, since: str) -> Finding:
    begun = read_maintenance(maintenance_path(site.config.sync.outbox))
    by = f", by {begun.by}" if begun and begun.by else ""
    why = f": {begun.why}" if begun and begun.why else ""
    return Finding("booth", "warn", f"in maintenance {since}{by}{why}", "kiosk maintenance off")


@check("today")
def today(site: Site) -> Iterator[Finding]:
    """Whom it has served today."""
    told = site.told
    if told is None or told.day != date.today().isoformat():
        yield Finding("today", "unknown", "nothing was counted")
    else:
        yield Finding("today", "ok", f"{told.visits_today} visits, {told.photos_today} photos")


MANY = 5
"""People who mirrored the same light on one day from which on it is worth a way to the booth."""

MIRRORED = {
    "room_left": (
        "the room, on the left",
        "draw the curtain on the left, as the lens sees it, or hang something before that window",
    ),
    "room_right": (
        "the room, on the right",
        "draw the curtain on the right, as the lens sees it, or hang something before that window",
    ),
    "room_above": (
        "the room, from above",
        "put out or shade the ceiling's light that hangs before the stool",
    ),
    "room_below": (
        "the room, from below",
        "look for what shines or mirrors below the screen: the ledge, a light floor",
    ),
}
"""What of the room is mirrored, in words, and what staff do about it."""


@check("reflections")
def reflections(site: Site) -> Iterator[Finding]:
    """What people's glasses and skin have mirrored today, and what can be done about it."""
    told = site.running
    if told is None or told.day != date.today().isoformat():
        return
    counted = sorted(told.reflections_today.items(), key=lambda one: (-one[1], one[0]))
    if not counted:
        return  # a terminal has few lines
    says = ", ".join(f"{_describe_mirrored(what)} {count} times" for what, count in counted)
    todo = [
        MIRRORED[source][1]
        for what, count in counted
        if count >= MANY and (source := what.partition(" ")[2]) in MIRRORED
    ]
    verdict: Verdict = "warn" if todo else "ok"
    yield Finding("reflections", verdict, f"{says} today", "; ".join(dict.fromkeys(todo)))


def _describe_mirrored(what: str) -> str:
    place, _, source = what.partition(" ")
    on = "glasses" if place == "lens" else "skin"
    return f"{on} mirrored {MIRRORED.get(source, (source,))[0]}"


LIGHT_NOTICES = {
    "swapped": (
        "the left and the right key lamp are exchanged",
        "exchange their wires, or their pins in lamps.pins; kiosk lamps show",
    ),
    "out of reach": (
        "the lamps cannot make the light of a face even, or bright enough",
        "draw the curtains; look for a lamp that is dirty, turned or dark: kiosk doctor",
    ),
}


LAMPS_DO = {
    "following": "the lamps follow a face",
    "calling": "the lamps swing, to be answered by a face",
    "asking": "the lamps find out which of them is mirrored",
    "relieving": "the lamps take a reflection off",
    "holding": "the lamps stand still for a photo",
    "plate": "the lamps light the empty booth, one by one",
}


@check("light")
def light(site: Site) -> Iterator[Finding]:
    """What following faces has shown of the lamps."""
    told = site.running
    if told is None:
        return
    if told.lamps_do != "rest":
        yield Finding("light", "ok", LAMPS_DO.get(told.lamps_do, told.lamps_do))
    for notice in told.light_notices:
        how, _, lamp = notice.partition(" ")
        usual = (f"lamp {lamp} is {how}", "clean it, look at its driver; kiosk calibrate lamps")
        says, todo = LIGHT_NOTICES.get(notice, usual)
        yield Finding("light", "warn", says, todo)


def untold(name: str) -> Finding:
    """What is said of a part that only a running booth knows."""
    return Finding(name, "unknown", "not known while the booth does not run")
