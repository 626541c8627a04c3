"""The steps of `kiosk calibrate` that look at the lamps: which are dead or crossed, and what each
gives where."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from kiosk.booth.lamp_trial import Trial, try_lamps, wait_for_lamps
from kiosk.camera.frame import Picture
from kiosk.errors import CameraFault
from kiosk.health.calibrating import SHORTEST, Calibrating
from kiosk.health.finding import Finding
from kiosk.health.lamp_findings import CROSSED, describe_bands, describe_trial
from kiosk.health.sight import REHANG, find_wrong_colours
from kiosk.lighting.curve import LINEAR, Curve
from kiosk.upkeep import measures, response_measures
from kiosk.upkeep.response_measures import LampFit, Lights, StepSeen

DIMMED = (0.5, 0.2, 0.05)
"""Levels at which bands are looked for."""

DEEPEST_BAND = 0.02
"""Share of the light: shallower bands are not seen on an even wall (IEEE 1789 asks no more)."""

BRIGHT = 0.4
"""Linear light of a picture's bright part while bands are looked for: darker codes are coarse."""

BAND_FRAMES = 3
"""Frames at each level, since bands wander."""

DARKEST = 0.15
"""Of the backdrop's brightest part, below which a corner gives the cut-out too little to go by.
hardware.md's lamps have 0.18 at least; ±5 % would be even, and is not needed."""

CARD_REFLECTS = 0.18
"""Of the grey card; `Response` is told for a white one."""

LIGHT_FRAMES = 2
"""Frames that are averaged at each step of a lamp."""

LAG_PHASES, LAG_FRAMES, LAG_STEP = (0.0, 0.25, 0.5, 0.75), 3, (0.2, 0.6)
"""Where between two frames a lamp is stepped, in frames' intervals; frames that are looked at after
it; and from which level to which."""

OFF_SUM, NOISY, OFF_CURVE, ROOM_MOVED = 0.05, 0.02, 0.03, 0.03
"""Shares beyond which a calibration's quality is told: all lamps against the sum of each, from
frame to frame, steps off the curve, and the room's light meanwhile by that of a visit."""


def see_colours(calibrating: Calibrating) -> Iterator[Finding]:
    """Frames come, and the backdrop has its colour."""
    calibrating.light_for_visit()
    picture = calibrating.look_unclipped()
    if calibrating.site.config.booth.backdrop == "light-blue":
        wrong = find_wrong_colours(picture)
        if wrong is not None:
            # Before the first calibration gains are wrong; the card tells then what is true.
            yield replace(wrong, verdict="warn") if wrong.next_step == REHANG else wrong
            return
    height, width = picture.shape[:2]
    yield Finding("camera", "ok", f"gives pictures of {width} × {height}, in its colours")


def see_lamps(calibrating: Calibrating) -> Iterator[Finding]:
    """Each lamp's light, by that of the last calibration."""
    lamps = calibrating.lamps
    if not lamps.levels and not lamps.reasons:
        yield Finding("lamps", "unknown", "none is configured")
        return
    last = calibrating.last
    known = last is not None and last.is_set(calibrating.controls)
    trial = _try(calibrating)
    found = list(describe_trial(trial, last if known else None))
    yield from found
    for name, why in lamps.reasons.items():
        yield Finding("lamps", "fail", f"{name} is not there: {why}", "kiosk doctor")
    if not found and not lamps.reasons:
        yield Finding("lamps", "ok", f"the camera sees the light of {', '.join(trial.added)}")


def _try(calibrating: Calibrating) -> Trial:
    calibrating.look()
    site = calibrating.site
    return try_lamps(calibrating.camera, calibrating.lamps, site.clock, site.sleep)


def keep_lamps(calibrating: Calibrating) -> Iterator[Finding]:
    """Each lamp's light as the camera is set now: what `doctor` compares with from now on."""
    if not calibrating.lamps.levels:
        return
    trial = _try(calibrating)
    calibrating.found["effects"] = {name: round(one, 5) for name, one in trial.added.items()}
    calibrating.found["room"] = round(trial.room, 5)
    told = ", ".join(f"{name} {light:.3f}" for name, light in trial.added.items())
    yield Finding("light", "ok", f"at half level: {told}")


def see_backdrop(calibrating: Calibrating) -> Iterator[Finding]:
    """How even the backdrop is lit."""
    calibrating.light_for_visit()
    darkest = measures.darkest_corner(calibrating.look())
    calibrating.found["evenness"] = round(1 - darkest, 4)
    says = f"its darkest corner has {darkest:.0%} of its brightest part's light"
    if darkest < DARKEST:
        way_out = "turn or move the backdrop lamp, or hang a second one above: hardware.md"
        yield Finding("backdrop", "warn", says, way_out, "backdrop lamp")
    else:
        yield Finding("backdrop", "ok", says)


def measure_response(calibrating: Calibrating) -> Iterator[Finding]:
    """What each lamp gives on card and backdrop at each step, its curve, and its lag."""
    lamps = calibrating.lamps
    if not lamps.levels:
        return
    calibrating.light()
    dark, noise = calibrating.measure_lights(LIGHT_FRAMES)
    fits: dict[str, LampFit] = {}
    lags: list[float] = []
    for name, limit in lamps.limits.items():
        duties = [step for step in calibrating.steps if step <= limit] or [limit]
        added: list[Lights] = []
        for duty in duties:
            calibrating.light(**{name: duty})
            light, apart = calibrating.measure_lights(LIGHT_FRAMES)
            added.append(light - dark)
            noise = max(noise, apart)
        try:
            fits[name] = response_measures.fit_lamp(duties, added)
            lags.append(_measure_lag(calibrating, name, fits[name].curve))
        except ValueError as error:
            yield Finding("response", "fail", f"{name}: {error}", "kiosk doctor")
            return
    calibrating.light_for_visit()
    given = lamps.levels
    together, _ = calibrating.measure_lights(LIGHT_FRAMES)
    calibrating.light()
    later, _ = calibrating.measure_lights(LIGHT_FRAMES)
    total = dark + sum(
        (fit.curve.light_of(given[name]) * np.array(list(fit.full.values())))
        for name, fit in fits.items()
    )
    quality = {
        "additivity": round(float((np.abs(together - total) / together.max()).max()), 4),
        "noise": round(noise, 4),
        "room": round(float((np.abs(later - dark) / together.max()).max()), 4),
        "fit": round(max(fit.residual for fit in fits.values()), 4),
    }
    calibrating.found |= {
        "lamps": {
            name: _lamp_light(fit.full, fit.curve, fit.residual) for name, fit in fits.items()
        },
        "room_light": _lamp_light(
            dict(zip(response_measures.PLACES, dark.tolist(), strict=True)), LINEAR, 0.0
        ),
        "lag": round(float(np.median(lags)), 4),
        "quality": quality,
    }
    crossed = _find_crossed(fits)
    if crossed is not None:
        yield crossed
    yield from _describe_quality(quality)
    told = ", ".join(
        f"{name} {fit.full['card'] / CARD_REFLECTS:.2f}"
        + ("" if fit.curve == LINEAR else " (bent)")
        for name, fit in fits.items()
    )
    yield Finding(
        "response", "ok", f"on white, fully lit: {told}; seen after {np.median(lags) * 1000:.0f} ms"
    )


def _lamp_light(lights: Mapping[str, float], curve: Curve, residual: float) -> dict[str, object]:
    return {
        "face": round(lights["card"] / CARD_REFLECTS, 5),
        "backdrop": (round(lights["left"], 5), round(lights["right"], 5)),
        "curve": () if curve == LINEAR else curve.points[1:-1],
        "residual": round(residual, 5),
    }


def _measure_lag(calibrating: Calibrating, name: str, curve: Curve) -> float:
    """By how many seconds frames show a lamp's steps late. Raises ValueError and CameraFault."""
    lamps, site, controls = calibrating.lamps, calibrating.site, calibrating.controls
    low, high = (min(level, lamps.limits[name]) for level in LAG_STEP)
    calibrating.light(**{name: high})
    while response_measures.is_place_clipped(calibrating.look(controls)):
        if controls.exposure_time <= SHORTEST:
            raise CameraFault(f"{name} is too bright for any exposure; close the lens's iris")
        controls = measures.shorten(controls)
    before = calibrating.look_frame(controls)
    interval = calibrating.next_frame(before.time + 1e-3, controls).time - before.time
    seen: list[StepSeen] = []
    for number, phase in enumerate(LAG_PHASES):
        site.sleep(phase * interval)
        calibrating.light(**{name: low if number % 2 == 0 else high})
        since = site.clock()
        for _ in range(LAG_FRAMES):
            frame = calibrating.next_frame(since, controls)
            light = response_measures.place_lights(frame.preview)
            seen.append(StepSeen(frame.time, float(light.sum())))
            since = frame.time + 1e-3
        wait_for_lamps(lamps, site.clock, site.sleep)
    return response_measures.fit_lag(
        seen, lambda time: lamps.levels_at(time).get(name, 0.0), curve
    )[0]


def _find_crossed(fits: dict[str, LampFit]) -> Finding | None:
    if not {"key_left", "key_right"} <= fits.keys():
        return None
    left, right = (response_measures.side_of(fits[name].full) for name in ("key_left", "key_right"))
    return CROSSED if response_measures.are_keys_crossed(left, right) else None


def _describe_quality(quality: dict[str, float]) -> Iterator[Finding]:
    room = "draw the curtains, and calibrate when no clouds pass"
    alone = "see that nobody moves and no other light changes; then kiosk calibrate lamps"
    for name, most, says, way_out in (
        ("room", ROOM_MOVED, "the room's light changed meanwhile by {:.0%} of a visit's", room),
        ("additivity", OFF_SUM, "all lamps together are off their sum by {:.0%}", alone),
        ("noise", NOISY, "the light differs from frame to frame by {:.0%}", alone),
        ("fit", OFF_CURVE, "a lamp's steps are off a smooth curve by {:.0%}", alone),
    ):
        if quality[name] > most:
            yield Finding("quality", "warn", says.format(quality[name]), way_out)


def see_bands(calibrating: Calibrating) -> Iterator[Finding]:
    """Bands of each lamp, dimmed."""
    frequency, exposure = (
        calibrating.site.config.lamps.frequency,
        calibrating.controls.exposure_time,
    )
    deepest: dict[str, float] = {}
    for lamp in calibrating.lamps.levels:
        calibrating.light(**{lamp: 1.0})
        full = _look_bright(calibrating)[0]
        for level in DIMMED:
            calibrating.light(**{lamp: level})
            pictures = _look_bright(calibrating)
            found = [measures.banding(picture, full) for picture in pictures]
            seen = [depth for depth in found if depth is not None]
            deepest[lamp] = max([deepest.get(lamp, 0.0), *seen])
    calibrating.found["bands"] = {lamp: round(depth, 4) for lamp, depth in deepest.items()}
    banded = [lamp for lamp, depth in deepest.items() if depth > DEEPEST_BAND]
    worst = max(deepest.values(), default=0.0)
    if not banded:
        yield Finding("bands", "ok", f"none deeper than {worst:.1%} of the light")
        return
    frequencies = calibrating.site.config.lamps.frequencies
    yield describe_bands(
        {lamp: deepest[lamp] for lamp in banded},
        exposure,
        {lamp: frequencies.get(lamp, frequency) for lamp in banded},
    )
    calibrating.light_for_visit()


def _look_bright(calibrating: Calibrating) -> list[Picture]:
    """Some previews at a gain by which they are bright, and not clipped."""
    seen = replace(calibrating.controls, analogue_gain=1.0)
    gain = min(max(BRIGHT / measures.bright_part(calibrating.look(seen)), 1.0), 16.0)
    return [
        calibrating.look(replace(seen, analogue_gain=round(gain, 1))) for _ in range(BAND_FRAMES)
    ]
