"""The check of camera and lamps: frames, their colours, and in them each lamp's light.

Tried, or as the running booth tells.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kiosk.errors import CameraFault
from kiosk.health.finding import Finding, check, find
from kiosk.health.site import Site
from kiosk.health.told import WAYS_OUT, untold
from kiosk.upkeep.told_state import ToldState

if TYPE_CHECKING:
    from kiosk.camera.frame import Picture
    from kiosk.camera.process import CameraProcess
    from kiosk.lighting.lamps import Lamps
    from kiosk.upkeep.calibration import Calibration

TO_TRY = "to try it for real: kiosk maintenance on, sudo systemctl stop kiosk, kiosk doctor"
"""The booth has its devices to itself while it runs."""

FIRST_FRAME_PATIENCE = 15.0
"""Seconds that the camera has for its first frame."""

MAIN_PATIENCE = 5.0
"""Seconds that it has for a main picture."""

CABLE = "with the machine off, push both ends of the camera's cable in; then kiosk doctor"

REHANG = "hang the backdrop as it was; then kiosk calibrate, for camera.colour_gains"

DARK = (
    "look whether the lamps are lit: all dark is their supply or its fuse; if lit, the lens's cap"
)

COOL = (
    "look at the lamps' heat sinks and vents, and whether the fan turns; of a thermometer that does"
    " not tell, at its wires and at lamps.thermometer"
)

UNSEEN = Finding("lamps", "unknown", "are set; nobody sees their light")


@check("camera")
def camera(site: Site) -> Iterator[Finding]:
    """Frames of the right size, in the right colours; and in them, lamp by lamp, its light."""
    if not site.may_try:
        yield from _told_camera(site)
        yield from _told_lamps(site)
        return
    opened = site.open_camera()
    opened.control(site.camera_controls)
    opened.start()
    try:
        yield from _try_camera(site, opened)
    finally:
        opened.stop()


# ---- told ----


def _told_camera(site: Site) -> Iterator[Finding]:
    told = site.running
    if told is None:
        yield untold("camera")
    elif "camera" in told.faults:
        why = told.reasons.get("camera", "gives no frames").partition(";")[0]
        yield Finding("camera", "fail", why, WAYS_OUT["camera"], "camera cable")
    elif "colour" in told.faults:
        says = "gives frames, in which the backdrop has another colour than it is configured"
        yield Finding("camera", "fail", says, WAYS_OUT["colour"], "camera")
    else:
        yield Finding("camera", "ok", "gives frames", TO_TRY if site.thorough else "")


def _told_lamps(site: Site) -> Iterator[Finding]:
    told = site.running
    if told is None:
        yield untold("lamps")
    elif told.lamps_missing:
        says = f"not there: {told.reasons.get('lamps') or ', '.join(told.lamps_missing)}"
        yield Finding("lamps", "fail", says, WAYS_OUT["lamps"], "lamp driver")
    elif told.lamps_held_back:
        yield Finding("lamps", "warn", told.lamps_held_back, COOL)
    else:
        yield Finding("lamps", "ok", _levels(told))


def _levels(told: ToldState) -> str:
    levels = ", ".join(f"{name} {level:.0%}" for name, level in told.lamps.items())
    return f"all {len(told.lamps)} there: {levels}" if levels else "none is configured"


# ---- tried ----


def _try_camera(site: Site, opened: "CameraProcess") -> Iterator[Finding]:
    with site.open_lamps(curves={}) as lamps:
        for name, why in lamps.reasons.items():
            spare = "lamp driver"
            yield Finding("lamps", "fail", f"{name} is not there: {why}", WAYS_OUT["lamps"], spare)
        lamps.set({name: site.config.lamps.working.get(name, 0.0) for name in lamps.levels})
        try:
            _first_frame(site, opened)
            size, colours = _look_at_main(site, opened)
        except CameraFault as fault:
            says = str(fault).partition(";")[0]
            yield Finding("camera", "fail", says, CABLE, "camera cable")
            yield UNSEEN
            return
        yield colours or size
        if colours is not None and colours.next_step in (CABLE, DARK):
            yield UNSEEN
        elif lamps.levels:
            yield from _try_light(site, opened, lamps)
        elif not lamps.reasons:
            yield Finding("lamps", "ok", "none is configured")


def _first_frame(site: Site, opened: "CameraProcess") -> None:
    until = site.clock() + FIRST_FRAME_PATIENCE
    while opened.newest() is None:
        if opened.fault is not None:
            raise CameraFault(opened.fault)
        if site.clock() >= until:
            raise CameraFault(
                f"the camera gave no frame in {FIRST_FRAME_PATIENCE:.0f} s; check its cable"
            )
        site.sleep(0.05)


def _look_at_main(site: Site, opened: "CameraProcess") -> tuple[Finding, Finding | None]:
    """What is to be said of the main picture's size, and of its colours where they are wrong."""
    from kiosk.booth.lamp_trial import RISE, next_preview

    settings = site.config.camera
    next_preview(opened, site.clock() + RISE, site.clock, site.sleep)  # the lamps are lit
    picture = opened.capture(1, MAIN_PATIENCE)[0].image
    assert picture is not None
    height, width = picture.shape[:2]
    size = Finding("camera", "ok", f"{settings.kind}: {width} × {height}, colours as they should")
    if site.config.booth.backdrop != "light-blue":
        return Finding("camera", "ok", f"{settings.kind}: {width} × {height}"), None
    return size, find_wrong_colours(picture)


def find_wrong_colours(picture: "Picture") -> Finding | None:
    """What is wrong with a picture of the empty booth's light blue backdrop; None where nothing."""
    from kiosk.pipeline.hue import shows_wrong_colours

    wrong = shows_wrong_colours(picture)
    if wrong is None:
        return Finding("camera", "fail", "its pictures are black", DARK, "camera")
    return _describe_colours(picture) if wrong else None


def _describe_colours(picture: "Picture") -> Finding:
    import numpy as np

    from kiosk.pipeline.hue import shows_wrong_colours

    red, green, blue = np.median(picture[: len(picture) // 4].reshape(-1, 3), axis=0)
    if shows_wrong_colours(np.ascontiguousarray(picture[..., ::-1])) is False:
        says = "red and blue are exchanged: the light blue backdrop is orange in its pictures"
        way_out = "correct the driver's pixel format: the release that is installed may be wrong"
    elif max(red, blue) < green / 8:
        says = "its pictures are green: its buffers are never filled"
        way_out = CABLE
    elif max(red, green, blue) - min(red, green, blue) < 8:
        says = "its pictures have no colour"
        way_out = "correct the driver's pixel format, and camera.colour_gains: kiosk calibrate"
    else:
        says = (
            f"the light blue backdrop is RGB ({red:.0f}, {green:.0f}, {blue:.0f}) in its pictures"
        )
        way_out = REHANG
    return Finding("camera", "fail", says, way_out, "camera")


def _try_light(site: Site, opened: "CameraProcess", lamps: "Lamps") -> Iterator[Finding]:
    from kiosk.booth.lamp_trial import BANDED, try_lamps
    from kiosk.health.lamp_findings import describe_bands, describe_trial

    try:
        trial = try_lamps(opened, lamps, site.clock, site.sleep, bands=True)
    except CameraFault as fault:
        yield find("lamps", "unknown", f"their light was not seen: {fault}")
        return
    if lamps.held_back:
        yield Finding("lamps", "warn", lamps.held_back, COOL)
        return  # what they give now does not tell what they can
    found = list(describe_trial(trial, last_calibration(site)))
    yield from found
    banded = {name: depth for name, depth in trial.bands.items() if depth > BANDED}
    if banded:
        exposure = site.config.camera.exposure_time
        yield describe_bands(banded, exposure, lamps.frequencies)
    if not any(one.check == "lamps" for one in found):
        made = "" if lamps.frequency is None else f"; {lamps.frequency:.0f} Hz"
        yield Finding("lamps", "ok", f"the camera sees the light of {', '.join(trial.added)}{made}")


def last_calibration(site: Site) -> "Calibration | None":
    """The last calibration, if camera and lamps are set as they were then."""
    from kiosk.booth.calibrated import find_misfit
    from kiosk.errors import KioskError
    from kiosk.upkeep.calibration import calibration_path, read_calibration

    try:
        last = read_calibration(calibration_path(site.config.sync.outbox))
    except KioskError:
        return None  # it is told where a calibration is asked for
    return None if last is None or find_misfit(site.config, last) else last
