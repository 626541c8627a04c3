"""The check of the last calibration: whether there is one, and whether it still holds."""

from collections.abc import Iterator

from kiosk.errors import KioskError
from kiosk.health.finding import Finding, check, find
from kiosk.health.site import Site

ANEW = "kiosk calibrate --help tells how"


@check("calibration")
def calibration(site: Site) -> Iterator[Finding]:
    """Whether the last calibration holds; to who only asks how the booth is, where it does not."""
    from kiosk.booth.calibrated import find_stale
    from kiosk.upkeep.calibration import calibration_path, read_calibration

    try:
        last = read_calibration(calibration_path(site.config.sync.outbox))
    except KioskError as error:
        yield find("calibration", "warn", str(error))
        return
    if last is None:
        if site.thorough:
            says = "none yet: the usual lamps are assumed"
            yield Finding("calibration", "unknown", says, ANEW)
        return
    says = f"of {last.at:%Y-%m-%d}"
    stale = find_stale(site.config, last)
    if stale:
        yield Finding("calibration", "warn", f"{says} is stale: {stale}", ANEW)
    elif last.response is None:
        yield Finding("calibration", "warn", f"{says} lacks the lamps", "kiosk calibrate lamps")
    elif site.thorough:
        yield Finding("calibration", "ok", says)
