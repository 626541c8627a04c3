"""The booths in which people stand for the lamps' bench: their lamps, their daylight, their
calibration."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from kiosk.booth.booth_light import BoothLight
from kiosk.camera.frame import Controls
from kiosk.config import Config
from kiosk.evaluation.lit_face import Lit
from kiosk.evaluation.lit_person import LitPerson
from kiosk.lighting.response import ROOM, USUAL, Levels, Response
from kiosk.pipeline.light import LUMINANCE
from kiosk.pipeline.look.backdrop_light import measure_backdrop
from kiosk.twin import find_subject, grey_card, optics, sensor
from kiosk.twin.lamp_rig import LAMPS, Rig, RiggedBooth, RiggedPerson
from kiosk.twin.light_stage import EmptyBooth, RenderedPerson

FACE_LAMPS = ("key_left", "key_right", "fill")
"""The lamps that light a face."""

WORN = (0.85, 1.0)
"""Share of its light that a lamp still gives since it was calibrated: drawn between these."""

ROOM_LIGHT = (0.5, 1.5)
"""The room's light against that at the calibration."""

OPEN = 0.5
"""Share of booths beside which a curtain is open, or a lamp on the ceiling lit."""


@dataclass(frozen=True)
class LitBooth:
    """One booth, and who stands in it."""

    subject: Lit
    booth: EmptyBooth | RiggedBooth
    pins: Mapping[str, int]
    working: Levels
    """The levels from which a visit starts."""
    ambient: Levels
    """What no pin drives."""
    outputs: Levels
    """Share of its light that each lamp still gives."""
    card: Levels
    """Each source's light on a white card where the face is, before the sensor."""
    response: Response
    """As it was calibrated."""
    controls: Controls
    """As they were calibrated."""
    wanted: float
    """The card's light at the calibration, before the sensor."""
    wired: Mapping[str, int] = field(default_factory=dict)
    """On which pins lamps truly hang, where it is not `pins`."""
    frequency: int = 1_000
    """The PWM's, Hz."""

    def place_person(self, seed: int) -> LitPerson:
        """Somebody who stands there, under the lamps as a visit starts."""
        person = LitPerson(
            self.subject,
            self.booth,
            self.pins,
            seed,
            self.ambient,
            controls=self.controls,
            frequency=self.frequency,
            wired=self.wired or self.pins,
        )
        for lamp, share in self.outputs.items():
            person.wires.set_output(lamp, share)
        person.settle_at(self.working)
        return person

    def light_of(self, person: LitPerson) -> BoothLight:
        """Lamps and screen of a person whom it placed, in one hand."""
        return BoothLight(person.lamps, self.working, self.response, person.screen)


def draw_booth(name: str, seed: int, config: Config) -> LitBooth:
    """Draw a booth at random; the same for everybody with this seed. Raises SubjectError.

    Its curtain was drawn when it was calibrated; now it may be open, and the lamps are older.
    """
    rng = np.random.default_rng((seed, 5))
    rig = Rig.drawn(rng)
    ambient = {
        ROOM: float(rng.uniform(*ROOM_LIGHT)),
        "window": float(rng.uniform(0, 1)) if rng.random() < OPEN else 0.0,
        "screen": 1.0,
    }
    pins, working = config.lamps.pins, config.lamps.working
    outputs = {lamp: float(rng.uniform(*WORN)) for lamp in pins if lamp in LAMPS}
    subject, booth = RiggedPerson(name, rig), RiggedBooth(rig)
    return fit_out(subject, booth, pins, working, ambient, outputs, rig.card)


def usual_booth(name: str, config: Config) -> LitBooth:
    """The booth as it is built, new and without daylight; raises SubjectError."""
    subject, booth = RenderedPerson(find_subject(name)), EmptyBooth()
    return fit_out(subject, booth, config.lamps.pins, config.lamps.working, {ROOM: 1.0}, {})


def fit_out(
    subject: Lit,
    booth: EmptyBooth | RiggedBooth,
    pins: Mapping[str, int],
    working: Levels,
    ambient: Levels,
    outputs: Levels,
    white: Mapping[str, grey_card.Colour] = grey_card.WHITE,
) -> LitBooth:
    """A booth calibrated as it stood when it was new, in the room's usual light alone."""
    card = {lamp: float(np.dot(LUMINANCE, colour)) for lamp, colour in white.items()}
    usual = {**working, ROOM: 1.0, "screen": 1.0}
    gain = 1 / sum(light * usual.get(lamp, 0.0) for lamp, light in card.items())
    controls = Controls(analogue_gain=round(gain, 2))
    face = {lamp: card.get(lamp, 0.0) * gain for lamp in (*pins, ROOM)}
    cheeks = {lamp: _cheeks(lamp, face) for lamp in face}
    backdrop = {lamp: _backdrop(booth, lamp, controls) for lamp in face}
    response = Response(face, cheeks, backdrop, USUAL.room_to_face)
    return LitBooth(
        subject, booth, pins, working, ambient, outputs, card, response, controls, 1 / gain
    )


def _cheeks(lamp: str, face: Levels) -> tuple[float, float]:
    """What a flat card cannot tell of a lamp: as in the usual booth, in proportion to the face."""
    if lamp not in USUAL.cheeks:
        return 0.0, 0.0
    usual = USUAL.face[lamp]
    share = face[lamp] / usual if usual > 0 else 1.0
    left, right = USUAL.cheeks[lamp]
    return left * share, right * share


def _backdrop(
    booth: EmptyBooth | RiggedBooth, lamp: str, controls: Controls
) -> tuple[float, float]:
    if lamp not in booth.lamps:
        return 0.0, 0.0
    light = optics.vignette(optics.relight(booth.stage(large=False), {lamp: 1.0}))
    rng = np.random.default_rng(0)
    half = Controls(controls.exposure_time, controls.analogue_gain / 2)
    left, right = measure_backdrop(sensor.develop(sensor.expose(light, half, None, rng)))
    return 2 * left, 2 * right
