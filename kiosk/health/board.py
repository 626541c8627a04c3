"""Checks of what hangs on the board beside the lamps: the service door's switch."""

from collections.abc import Iterator

from kiosk.health.finding import Finding, check
from kiosk.health.site import Site

SHUT_IT = "shut the service door; if it is shut, look at its switch and at the switch's wires"


@check("door")
def door(site: Site) -> Iterator[Finding]:
    """Whether the service door is shut, as its switch has it."""
    pin = site.config.switches.door
    if pin is None:
        yield Finding("door", "ok", "has no switch")
    elif site.may_try:
        yield _try_switch(site, pin)
    elif site.running is None:
        yield Finding("door", "unknown", "not known while the booth does not run")
    else:
        yield _tell(is_open="door" in site.running.faults)


def _try_switch(site: Site, pin: int) -> Finding:
    from kiosk.board.switches import STEADY, Switches

    twin = site.open_twin()
    switches = Switches(door=pin, pin_factory=None if twin is None else twin.pin_factory)
    try:
        if switches.reasons:
            return Finding(
                "door", "fail", f"its switch cannot be asked: {switches.reasons['door']}", SHUT_IT
            )
        switches.is_door_open(site.clock())
        site.sleep(2 * STEADY)
        return _tell(is_open=switches.is_door_open(site.clock()))
    finally:
        switches.close()


def _tell(*, is_open: bool) -> Finding:
    if is_open:
        return Finding("door", "fail", "stands open, so nobody is served", SHUT_IT, "switch")
    return Finding("door", "ok", "is shut")
