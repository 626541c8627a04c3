"""The steps of `kiosk calibrate`: each sets and measures, on the booth's own camera and lamps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.booth.lamp_trial import RISE, find_worn, try_lamps
from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.errors import CameraFault, UsageError
from kiosk.health.finding import Finding
from kiosk.health.sight import REHANG, describe_worn, find_wrong_colours
from kiosk.health.site import Site
from kiosk.lighting.lamps import Lamps
from kiosk.pipeline.hue import LEAST_LIGHT, card_tint, is_light_blue
from kiosk.upkeep import measures
from kiosk.upkeep.calibration import Calibration

if TYPE_CHECKING:
    from kiosk.camera.process import CameraProcess

CARD_CODES = (110.0, 125.0)
"""Of 255, between which the card is to be: 18 % grey has 118."""

ALIKE_CODES = 2.0
"""Codes by which the card's R and B may differ from its G."""

LEAST_GAIN, MOST_GAIN = 0.25, 8.0
"""Colour gains beyond which it is not the lamps' white that is off, but the card or the camera."""

TRIES = 8
"""Rounds that a closed loop has: each goes the whole way, by what it measured."""

DIMMED = (0.5, 0.2, 0.05)
"""Levels at which bands are looked for."""

DEEPEST_BAND = 0.02
"""Share of the light: shallower bands are not seen on an even wall (IEEE 1789 asks no more)."""

BRIGHT = 0.4
"""Linear light of a picture's bright part while bands are looked for: darker codes are coarse."""

SHORTEST = 500
"""Microseconds below which no exposure is tried, to see a backdrop that is too bright."""

FRAMES = 3
"""Frames at each level, since bands wander."""

STRAY = 0.2
"""Share of the card's light that may come from the room: more changes the colours by the hour."""

DARKEST = 0.15
"""Of the backdrop's brightest part, below which a corner gives the cut-out too little to go by.
hardware.md's lamps have 0.18 at least; ±5 % would be even, and is not needed."""

TILTED, OFF = 1.5, 0.06
"""Degrees, and shares of the picture, by which the card may be off its place."""

UNSHARP = 0.6
"""Share of the last calibration's sharpness below which the lens is out of focus."""

PATIENCE = 8.0
"""Seconds that controls have to hold, and the first frame to come."""

STOPPED = "sudo kiosk maintenance on && sudo systemctl stop kiosk"


@dataclass
class Calibrating:
    """A calibration under way: what it works on, and what it has found."""

    site: Site
    camera: "CameraProcess"
    lamps: Lamps
    last: Calibration | None
    controls: Controls
    found: dict[str, object] = field(default_factory=dict)
    """Fields of the `Calibration` that were measured."""

    # ---- looking ----

    def light(self, **levels: float) -> None:
        """Set lamps; those that are not named go out."""
        self.lamps.set({name: levels.get(name, 0.0) for name in self.lamps.levels})

    def light_for_visit(self) -> None:
        """Set all lamps as a visit starts."""
        self.light(**dict(self.site.config.lamps.working))

    def look(self, controls: Controls | None = None) -> Picture:
        """The next preview in which controls and lamps hold; raises CameraFault."""
        wanted = controls or self.controls
        self.camera.control(wanted)
        site = self.site
        since, until = site.clock() + RISE, site.clock() + PATIENCE
        while site.clock() < until:
            frame = self.camera.newest()
            if frame is not None and frame.time >= since and _holds(frame, wanted):
                return frame.preview
            if self.camera.fault is not None:
                raise CameraFault(self.camera.fault)
            site.sleep(0.02)
        raise CameraFault(
            f"the camera does not take its controls in {PATIENCE:.0f} s; kiosk doctor tells more"
        )

    def _look_unclipped(self) -> Picture:
        """A preview in which the backdrop's hue can be told: darker, where it is too bright."""
        controls = self.controls
        for _ in range(TRIES):
            picture = self.look(controls)
            if not measures.is_clipped(picture) or controls.exposure_time <= SHORTEST:
                break
            controls = replace(
                controls, exposure_time=controls.exposure_time // 2, analogue_gain=1.0
            )
        return picture

    # ---- the empty booth ----

    def see_colours(self) -> Iterator[Finding]:
        """Frames come, and the backdrop has its colour."""
        self.light_for_visit()
        picture = self._look_unclipped()
        if self.site.config.booth.backdrop == "light-blue":
            wrong = find_wrong_colours(picture)
            if wrong is not None:
                # Before the first calibration gains are wrong; the card tells then what is true.
                yield replace(wrong, verdict="warn") if wrong.next_step == REHANG else wrong
                return
        height, width = picture.shape[:2]
        yield Finding("camera", "ok", f"gives pictures of {width} × {height}, in its colours")

    def see_lamps(self) -> Iterator[Finding]:
        """Each lamp's light, by that of the last calibration."""
        if not self.lamps.levels and not self.lamps.reasons:
            yield Finding("lamps", "unknown", "none is configured")
            return
        last = self.last
        before = last.effects if last is not None and last.is_set(self.controls) else {}
        self.look()
        added = try_lamps(self.camera, self.lamps, self.site.clock, self.site.sleep)
        yield from describe_worn(find_worn(added, before))
        for name, why in self.lamps.reasons.items():
            yield Finding("lamps", "fail", f"{name} is not there: {why}", "kiosk doctor")
        if not find_worn(added, before) and not self.lamps.reasons:
            yield Finding("lamps", "ok", f"the camera sees the light of {', '.join(added)}")

    def keep_lamps(self) -> Iterator[Finding]:
        """Each lamp's light as the camera is set now: what `doctor` compares with from now on."""
        if not self.lamps.levels:
            return
        self.look()
        added = try_lamps(self.camera, self.lamps, self.site.clock, self.site.sleep)
        self.found["effects"] = {name: round(light, 5) for name, light in added.items()}
        told = ", ".join(f"{name} {light:.3f}" for name, light in added.items())
        yield Finding("light", "ok", f"at half level: {told}")

    def see_backdrop(self) -> Iterator[Finding]:
        """How even the backdrop is lit."""
        self.light_for_visit()
        darkest = measures.darkest_corner(self.look())
        self.found["evenness"] = round(1 - darkest, 4)
        says = f"its darkest corner has {darkest:.0%} of its brightest part's light"
        if darkest < DARKEST:
            way_out = "turn or move the backdrop lamp, or hang a second one above: hardware.md"
            yield Finding("backdrop", "warn", says, way_out, "backdrop lamp")
        else:
            yield Finding("backdrop", "ok", says)

    # ---- the card ----

    def see_card(self) -> Iterator[Finding]:
        """That there is a card, and no backdrop in its stead."""
        self.light_for_visit()
        picture = self._look_unclipped()
        patch = measures.card_patch(picture)
        hold = "put the grey card on its stand, where the eyes will be, square to the lens"
        if not measures.is_even(patch):
            yield Finding("card", "fail", "where the eyes will be there is no even grey", hold)
        elif measures.linear(max(measures.codes(patch))) < LEAST_LIGHT:
            says = "where the eyes will be it is dark"
            yield Finding("card", "fail", says, "look whether the lamps are lit; kiosk doctor")
        elif self.site.config.booth.backdrop == "light-blue":
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

    def see_stray_light(self) -> Iterator[Finding]:
        """With all lamps out the card is dark: no daylight, and no light of the sensor's own."""
        if not self.lamps.levels:
            yield Finding("room", "unknown", "there are no lamps to compare the room's light with")
            return
        self.light_for_visit()
        lit = _green(self.look())
        self.light()
        picture = self.look()
        dark = _green(picture)
        self.found["dark"] = round(float(picture.mean()), 2)
        share = dark / max(lit, 1e-6)
        says = f"{share:.0%} of the card's light is the room's"
        if share > STRAY:
            yield Finding("room", "warn", says, "keep daylight and ceiling lamps off the student")
        else:
            yield Finding("room", "ok", says)

    def set_exposure(self) -> Iterator[Finding]:
        """Exposure, in whole half-periods of the mains, and gain, so that the card is well lit."""
        self.light_for_visit()
        wanted = measures.linear(sum(CARD_CODES) / 2)
        configured = self.site.config.camera.exposure_time
        code = 0.0
        for _ in range(TRIES):
            code = measures.codes(measures.card_patch(self.look()))[1]
            if CARD_CODES[0] <= code <= CARD_CODES[1] and self._is_whole():
                break
            light = max(measures.linear(code), LEAST_LIGHT) if code < 250 else 4.0
            product = self.controls.exposure_time * self.controls.analogue_gain * wanted / light
            split = measures.split_exposure(product, configured)
            if split is None:
                yield self._describe_extreme(dark=light < wanted)
                return
            exposure, gain = split
            self.controls = replace(
                self.controls, exposure_time=exposure, analogue_gain=round(gain, 2)
            )
        else:
            yield Finding(
                "exposure",
                "fail",
                f"the card stays at {code:.0f} of 255 whatever is set",
                "see that nobody moves before the camera; then kiosk doctor",
            )
            return
        self.found["card"] = measures.codes(measures.card_patch(self.look()))
        yield Finding(
            "exposure",
            "ok",
            f"{self.controls.exposure_time / 1000:g} ms at a gain of"
            f" {self.controls.analogue_gain:g}: the card is at {code:.0f} of 255",
        )

    def _is_whole(self) -> bool:
        """Whether the exposure is one that `split_exposure` gives."""
        exposure = self.controls.exposure_time
        split = measures.split_exposure(exposure * self.controls.analogue_gain, exposure)
        return split is not None and split[0] == exposure

    def _describe_extreme(self, *, dark: bool) -> Finding:
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

    def set_colours(self) -> Iterator[Finding]:
        """Colour gains for which the card is grey."""
        self.light_for_visit()
        for _ in range(TRIES):
            patch = measures.card_patch(self.look())
            red, green, blue = measures.codes(patch)
            if max(abs(red - green), abs(blue - green)) <= ALIKE_CODES:
                self.found["card"] = (red, green, blue)
                yield Finding(
                    "colours",
                    "ok",
                    f"with gains {self._gains()} the card is R {red:.0f}, G {green:.0f},"
                    f" B {blue:.0f}",
                )
                return
            try:
                tint = card_tint(patch)
            except ValueError:
                tint = (1.0 if red >= 250 else 0.0, 1.0 if blue >= 250 else 0.0)
            gains = tuple(
                gain / 2**off for gain, off in zip(self.controls.colour_gains, tint, strict=True)
            )
            if not all(LEAST_GAIN <= gain <= MOST_GAIN for gain in gains):
                break
            self.controls = replace(
                self.controls, colour_gains=(round(gains[0], 3), round(gains[1], 3))
            )
        yield Finding(
            "colours",
            "fail",
            f"no gains make the card grey: with {self._gains()} it is R {red:.0f}, G {green:.0f},"
            f" B {blue:.0f}",
            "see that it is a grey card, and that all lamps are of one white; then kiosk doctor",
            "camera",
        )

    def _gains(self) -> str:
        red, blue = self.controls.colour_gains
        return f"{red:.2f} and {blue:.2f}"

    def see_bands(self) -> Iterator[Finding]:
        """Bands of each lamp, dimmed."""
        frequency, exposure = self.site.config.lamps.frequency, self.controls.exposure_time
        deepest: dict[str, float] = {}
        for lamp in self.lamps.levels:
            self.light(**{lamp: 1.0})
            full = self._look_bright()[0]
            for level in DIMMED:
                self.light(**{lamp: level})
                pictures = self._look_bright()
                found = [measures.banding(picture, full) for picture in pictures]
                seen = [depth for depth in found if depth is not None]
                deepest[lamp] = max([deepest.get(lamp, 0.0), *seen])
        self.found["bands"] = {lamp: round(depth, 4) for lamp, depth in deepest.items()}
        banded = [lamp for lamp, depth in deepest.items() if depth > DEEPEST_BAND]
        worst = max(deepest.values(), default=0.0)
        if not banded:
            yield Finding("bands", "ok", f"none deeper than {worst:.1%} of the light")
            return
        step = 1e6 / exposure
        whole = max(round(frequency / step), 1) * step
        odd = measures.whole_exposure(exposure, frequency) > 0.02
        yield Finding(
            "bands",
            "fail",
            f"{', '.join(banded)}: bands of {worst:.1%} of the light, when dimmed",
            f"set lamps.frequency to {whole:.0f}: {exposure / 1000:g} ms hold whole periods of it"
            if odd
            else "take a driver that is dimmed by a voltage: hardware.md, Dimming without bands",
            "lamp driver",
        )
        self.light_for_visit()

    def _look_bright(self) -> list[Picture]:
        """Some previews at a gain by which they are bright, and not clipped."""
        seen = replace(self.controls, analogue_gain=1.0)
        gain = min(max(BRIGHT / measures.bright_part(self.look(seen)), 1.0), 16.0)
        return [self.look(replace(seen, analogue_gain=round(gain, 1))) for _ in range(FRAMES)]

    def see_place(self) -> Iterator[Finding]:
        """Whether the camera is level, and looks at the place."""
        self.light_for_visit()
        place = measures.find_card(self.look())
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

    # ---- the printed page ----

    def sharpness(self) -> float:
        """How sharp the picture's middle is now."""
        return measures.sharpness(self.look())

    def see_focus(self) -> Iterator[Finding]:
        """The focus, by that of the last calibration."""
        self.light_for_visit()
        sharp = self.sharpness()
        self.found["sharpness"] = round(sharp, 4)
        before = None if self.last is None else self.last.sharpness
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

    def result(self) -> Calibration:
        """What was set and measured."""
        controls = self.controls
        return Calibration.model_validate(
            {
                "at": datetime.now(UTC),
                "camera": self.site.config.camera.kind,
                "exposure_time": controls.exposure_time,
                "analogue_gain": controls.analogue_gain,
                "colour_gains": controls.colour_gains,
            }
            | self.found
        )


def _holds(frame: Frame, wanted: Controls) -> bool:
    """Whether a frame was taken with controls, as nearly as sensors can (`camera.pi`)."""
    had = frame.controls
    pairs = (
        (had.exposure_time, wanted.exposure_time, 0.02),
        (had.analogue_gain, wanted.analogue_gain, 0.05),
        *((h, w, 0.01) for h, w in zip(had.colour_gains, wanted.colour_gains, strict=True)),
    )
    return all(abs(have - want) <= off * want for have, want, off in pairs)


def _green(picture: Picture) -> float:
    """The card's linear light."""
    return measures.linear(measures.codes(measures.card_patch(picture))[1])


@contextmanager
def begin(site: Site, last: Calibration | None) -> Iterator[Calibrating]:
    """Open camera and lamps; raises UsageError while the booth has them."""
    if site.at_work:
        raise UsageError(
            f"the booth runs, and has camera and lamps to itself; first: {STOPPED}; afterwards:"
            " sudo systemctl start kiosk && sudo kiosk maintenance off"
        )
    twin = site.open_twin()
    factory = None if twin is None else twin.pin_factory
    camera = site.open_camera()
    camera.start()
    try:
        with Lamps.open(site.config.lamps, factory) as lamps:
            yield Calibrating(site, camera, lamps, last, site.camera_controls)
    finally:
        camera.stop()


Step = Callable[[Calibrating], Iterator[Finding]]

EMPTY: tuple[Step, ...] = (
    Calibrating.see_colours,
    Calibrating.see_lamps,
    Calibrating.see_backdrop,
)
"""Steps before the empty booth."""

WITH_CARD: tuple[Step, ...] = (
    Calibrating.see_card,
    Calibrating.see_stray_light,
    Calibrating.set_exposure,
    Calibrating.set_colours,
    Calibrating.see_bands,
    Calibrating.see_place,
    Calibrating.keep_lamps,
)
"""Steps before the grey card."""

WITH_PAGE: tuple[Step, ...] = (Calibrating.see_focus,)
"""Steps before the printed page."""
