"""Checks of the booth as it tells of itself: whether it serves, and whom it has served today."""

from collections.abc import Iterator
from datetime import date

from kiosk.health.finding import Finding, check
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


def untold(name: str) -> Finding:
    """What is said of a part that only a running booth knows."""
    return Finding(name, "unknown", "not known while the booth does not run")
