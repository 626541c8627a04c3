"""Checks of reader, loudspeaker and screen: tried, or as the running booth tells."""

from collections.abc import Iterator
from dataclasses import replace

from kiosk.health.finding import Finding, check, find
from kiosk.health.site import Site
from kiosk.health.told import WAYS_OUT, untold

READER_PATIENCE = 2.0
"""Seconds that a reader has to be found."""


@check("reader")
def reader(site: Site) -> Iterator[Finding]:
    """Whether the code reader can be heard."""
    kind = site.config.reader.kind
    if not site.may_try:
        told = site.running
        if told is None:
            yield untold("reader")
        elif "reader" in told.faults:
            yield _describe_reader(told.reasons.get("reader"))
        else:
            yield Finding("reader", "ok", f"listens ({kind})")
        return
    from kiosk.reader import Heard, open_reader

    opened = open_reader(site.config.reader)
    try:
        until = site.clock() + READER_PATIENCE
        while True:
            opened.listen(Heard((), None, site.clock()))
            if opened.available or site.clock() >= until:
                break
            site.sleep(0.1)
        if opened.available:
            yield Finding("reader", "ok", f"listens ({kind}); to try a code: the staff's menu")
        else:
            yield _describe_reader(opened.fault)
    finally:
        opened.close()


def _describe_reader(fault: str | None) -> Finding:
    found = find("reader", "fail", fault or "is not there", spare="code reader")
    return found if found.next_step else replace(found, next_step=WAYS_OUT["reader"])


@check("loudspeaker")
def loudspeaker(site: Site) -> Iterator[Finding]:
    """Whether there is one that can be opened."""
    if site.at_work:
        yield Finding("loudspeaker", "unknown", "the running booth has it")
        return
    import pygame

    from kiosk.voice.loudspeaker import open_loudspeaker

    device = site.config.voice.device
    try:
        open_loudspeaker(device)
    except pygame.error as error:
        yield Finding(
            "loudspeaker",
            "warn",
            f"there is none{f' of the name {device}' * bool(device)} ({error}), so nothing is read"
            " aloud",
            "plug it in, or choose another by voice.device: aplay -L lists what there is, and the"
            " booth's user must be in group audio",
            "loudspeaker",
        )
    else:
        yield Finding("loudspeaker", "ok", f"{device or 'the usual one'} can be opened")


@check("screen")
def screen(site: Site) -> Iterator[Finding]:
    """Whether a screen of the configured size is plugged in."""
    width, height = site.config.display.size
    plugs = [path.parent for path in site.root.glob("sys/class/drm/card*-*/status")]
    if not plugs:
        yield Finding("screen", "unknown", "this machine does not tell of screens")
        return
    plugged = [plug for plug in plugs if (plug / "status").read_text().strip() == "connected"]
    if not plugged:
        yield Finding(
            "screen",
            "fail",
            "none is plugged in",
            "plug its cable in, at both ends, before the machine starts",
            "screen cable",
        )
        return
    modes = {mode for plug in plugged for mode in (plug / "modes").read_text().split()}
    if modes & {f"{width}x{height}", f"{height}x{width}"}:
        yield Finding("screen", "ok", f"{width} × {height}, on {plugged[0].name}")
    else:
        offered = ", ".join(sorted(modes)[:4])
        yield Finding(
            "screen",
            "fail",
            f"the one on {plugged[0].name} has no {width} × {height}, but {offered}",
            "correct display.size in the configuration, or take the screen that it was made for",
            "screen",
        )
