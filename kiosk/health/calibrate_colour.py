"""The steps of `kiosk calibrate` before a card: exposure, colours, chart, place and focus."""

from collections.abc import Iterator
from dataclasses import replace

from kiosk.camera.frame import Picture
from kiosk.health.calibrating import TRIES, Calibrating
from kiosk.health.finding import Finding
from kiosk.pipeline.hue import LEAST_LIGHT, card_tint, is_light_blue
from kiosk.upkeep import measures

CARD_CODES = (115.0, 122.0)
"""Of 255, between which the card is to be: 18 % grey has 118, and L* 50 ± 1.5 is meant."""

ALIKE_CODES = 2.0
"""Codes by which the card's R and B may differ from its G."""

LEAST_GAIN, MOST_GAIN = 0.25, 8.0
"""Colour gains beyond which it is not the lamps' white that is off, but the card or the camera."""

STRAY = 0.2
"""Share of the card's light that may come from the room: more changes the colours by the hour."""

TILTED, OFF = 1.5, 0.06
"""Degrees, and shares of the picture, by which the card may be off its place."""

UNSHARP = 0.6
"""Share of the last calibration's sharpness below which the lens is out of focus."""

MOST_ERROR = 3.0
"""Mean of a chart's CIEDE2000 up to which its colours are right."""


def see_card(calibrating: Calibrating) -> Iterator[Finding]:
    """That there is a card, and no backdrop in its stead."""
    calibrating.light_for_visit()
    picture = calibrating.look_unclipped()
    patch = measures.card_patch(picture)
    hold = "put the grey card on its stand, where the eyes will be, square to the lens"
    if not measures.is_even(patch):
        yield Finding("card", "fail", "where the eyes will be there is no even grey", hold)
    elif measures.linear(max(measures.codes(patch))) < LEAST_LIGHT:
        says = "where the eyes will be it is dark"
        yield Finding("card", "fail", says, "look whether the lamps are lit; kiosk doctor")
    elif calibrating.site.config.booth.backdrop == "light-blue":
        hue = measures.backdrop_by_card(picture)
        if is_light_blue(hue):
            yield Finding("card", "ok", "is there, and grey")
        elif is_light_blue(hue[::-1]):
            yield Finding(
                "card",
                "fail",
                "by the card the backdrop is orange: red and blue are exchanged",
                "correct the driver's pixel format: the release that is installed may be wrong",
                "camera",
            )
        else:
            says = "what is there has the backdrop's colour, or another than grey"
            yield Finding("card", "fail", says, hold)
    else:
        yield Finding("card", "ok", "something even is there")


def see_stray_light(calibrating: Calibrating) -> Iterator[Finding]:
    """With all lamps out the card is dark: no daylight, and no light of the sensor's own."""
    if not calibrating.lamps.levels:
        yield Finding("room", "unknown", "there are no lamps to compare the room's light with")
        return
    calibrating.light_for_visit()
    lit = _green(calibrating.look())
    calibrating.light()
    picture = calibrating.look()
    dark = _green(picture)
    calibrating.found["dark"] = round(float(picture.mean()), 2)
    share = dark / max(lit, 1e-6)
    says = f"{share:.0%} of the card's light is the room's"
    if share > STRAY:
        yield Finding("room", "warn", says, "keep daylight and ceiling lamps off the student")
    else:
        yield Finding("room", "ok", says)


def set_exposure(calibrating: Calibrating) -> Iterator[Finding]:
    """Exposure, in whole half-periods of the mains, and gain, so that the card is well lit."""
    calibrating.light_for_visit()
    wanted = measures.linear(sum(CARD_CODES) / 2)
    configured = calibrating.site.config.camera.exposure_time
    code = 0.0
    for _ in range(TRIES):
        code = measures.codes(measures.card_patch(calibrating.look()))[1]
        if CARD_CODES[0] <= code <= CARD_CODES[1] and _is_whole(calibrating):
            break
        light = max(measures.linear(code), LEAST_LIGHT) if code < 250 else 4.0
        product = (
            calibrating.controls.exposure_time * calibrating.controls.analogue_gain * wanted / light
        )
        split = measures.split_exposure(product, configured)
        if split is None:
            yield _describe_extreme(dark=light < wanted)
            return
        exposure, gain = split
        calibrating.controls = replace(
            calibrating.controls, exposure_time=exposure, analogue_gain=round(gain, 2)
        )
    else:
        yield Finding(
            "exposure",
            "fail",
            f"the card stays at {code:.0f} of 255 whatever is set",
            "see that nobody moves before the camera; then kiosk doctor",
        )
        return
    calibrating.found["card"] = measures.codes(measures.card_patch(calibrating.look()))
    yield Finding(
        "exposure",
        "ok",
        f"{calibrating.controls.exposure_time / 1000:g} ms at a gain of"
        f" {calibrating.controls.analogue_gain:g}: the card is at {code:.0f} of 255",
    )


def _is_whole(calibrating: Calibrating) -> bool:
    """Whether the exposure is one that `split_exposure` gives."""
    exposure = calibrating.controls.exposure_time
    split = measures.split_exposure(exposure * calibrating.controls.analogue_gain, exposure)
    return split is not None and split[0] == exposure


def _describe_extreme(*, dark: bool) -> Finding:
    if dark:
        return Finding(
            "exposure",
            "fail",
            "the card is too dark, even at 30 ms and a gain of 16",
            "open the lens's iris, take its cap off, or set [lamps.working] higher",
        )
    return Finding(
        "exposure",
        "fail",
        "the card is too bright, even at the shortest whole exposure and no gain",
        "close the lens's iris by a step, or set [lamps.working] lower",
    )


def set_colours(calibrating: Calibrating) -> Iterator[Finding]:
    """Colour gains for which the card is grey."""
    calibrating.light_for_visit()
    for _ in range(TRIES):
        patch = measures.card_patch(calibrating.look())
        red, green, blue = measures.codes(patch)
        if max(abs(red - green), abs(blue - green)) <= ALIKE_CODES:
            calibrating.found["card"] = (red, green, blue)
            yield Finding(
                "colours",
                "ok",
                f"with gains {_gains(calibrating)} the card is R {red:.0f}, G {green:.0f},"
                f" B {blue:.0f}",
            )
            return
        try:
            tint = card_tint(patch)
        except ValueError:
            tint = (1.0 if red >= 250 else 0.0, 1.0 if blue >= 250 else 0.0)
        gains = tuple(
            gain / 2**off for gain, off in zip(calibrating.controls.colour_gains, tint, strict=True)
        )
        if not all(LEAST_GAIN <= gain <= MOST_GAIN for gain in gains):
            break
        calibrating.controls = replace(
            calibrating.controls, colour_gains=(round(gains[0], 3), round(gains[1], 3))
        )
    yield Finding(
        "colours",
        "fail",
        f"no gains make the card grey: with {_gains(calibrating)} it is R {red:.0f}, G {green:.0f},"
        f" B {blue:.0f}",
        "see that it is a grey card, and that all lamps are of one white; then kiosk doctor",
        "camera",
    )


def _gains(calibrating: Calibrating) -> str:
    red, blue = calibrating.controls.colour_gains
    return f"{red:.2f} and {blue:.2f}"


def see_place(calibrating: Calibrating) -> Iterator[Finding]:
    """Whether the camera is level, and looks at the place."""
    calibrating.light_for_visit()
    place = measures.find_card(calibrating.look())
    if place is None:
        yield Finding("place", "unknown", "the card's outline is not seen")
        return
    across, down = place.across - 0.5, place.down - measures.EYE_LINE
    says = (
        f"the card's middle is off by {abs(across):.0%} of the picture's width and"
        f" {abs(down):.0%} of its height, and tilted by {abs(place.tilt):.1f}°"
    )
    if abs(place.tilt) > TILTED:
        way_out = "turn the camera until the card's upper edge is level: hardware.md"
        yield Finding("place", "warn", says, way_out)
    elif max(abs(across), abs(down)) > OFF:
        way_out = "aim the camera, or move the stool's mark, so that eyes are where they belong"
        yield Finding("place", "warn", says, way_out)
    else:
        yield Finding("place", "ok", says)


def _green(picture: Picture) -> float:
    """The card's linear light."""
    return measures.linear(measures.codes(measures.card_patch(picture))[1])


def see_chart(calibrating: Calibrating) -> Iterator[Finding]:
    """The colour error of a chart of 24 patches."""
    from kiosk.upkeep import colour_chart

    calibrating.light_for_visit()
    picture = calibrating.look()
    place = colour_chart.find_chart(picture)
    if place is None:
        yield Finding(
            "chart",
            "fail",
            "where the eyes will be no chart of 24 patches is seen",
            "hold it upright, dark skin at the upper left, square to the lens",
        )
        return
    reading = colour_chart.read_chart(picture, place)
    errors = colour_chart.chart_errors(reading)
    calibrating.found["chart"] = {name: round(error, 2) for name, error in errors.each.items()}
    says = (
        f"its colours are off by {errors.mean:.1f} on average (CIEDE2000), most {errors.worst}, by"
        f" {errors.each[errors.worst]:.1f}"
    )
    if errors.mean <= MOST_ERROR:
        yield Finding("chart", "ok", says)
        return
    yield Finding(
        "chart",
        "warn",
        says,
        "kiosk calibrate colour with the grey card first; if that does not help, lamps of a better"
        " colour rendering (Ra), or another camera.tuning_file",
    )


def sharpness(calibrating: Calibrating) -> float:
    """How sharp the picture's middle is now."""
    return measures.sharpness(calibrating.look())


def see_focus(calibrating: Calibrating) -> Iterator[Finding]:
    """The focus, by that of the last calibration."""
    calibrating.light_for_visit()
    sharp = sharpness(calibrating)
    calibrating.found["sharpness"] = round(sharp, 4)
    before = None if calibrating.last is None else calibrating.last.sharpness
    says = f"sharpness {sharp:.3f}"
    if before and sharp < UNSHARP * before:
        yield Finding(
            "focus",
            "warn",
            f"{says}; it was {before:.3f} at the last calibration",
            "wipe the lens, focus on a printed page, and lock its ring (Camera Module 3: try"
            " camera.focus)",
            "lens",
        )
    else:
        yield Finding("focus", "ok", says)
