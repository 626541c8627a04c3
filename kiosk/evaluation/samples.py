"""Samples: captures of the twin's people with all that the booth knows, and their ground truth.

Each person stands before the noisy twin, is taken with the backdrop's lamp on and, having swayed a
little, with it out; the plate is the empty booth, taken a lamp at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.booth.lit_captures import AVERAGED
from kiosk.camera.frame import Controls, Picture
from kiosk.evaluation.hung_backdrops import Hang
from kiosk.evaluation.twin_pictures import ROOM_LIGHT, WORKING_LIGHT
from kiosk.evaluation.worse_twins import AS_BUILT, WorseTwin
from kiosk.lighting import usual_levels
from kiosk.pipeline.cutout.plate import Plate, make_plate
from kiosk.pipeline.light import Linear, to_linear, to_srgb
from kiosk.pipeline.mask import Mask, SoftMask
from kiosk.pipeline.photo.resample import resample
from kiosk.pipeline.photo.standardise import Evidence, Part
from kiosk.pipeline.specification import Size, specification
from kiosk.twin import Posture, optics, sensor
from kiosk.twin.camera import SensorLight
from kiosk.twin.light_stage import EmptyBooth, Light, RenderedPerson
from kiosk.twin.wires import AWAY

PHOTO_SIZE = specification().profile().size

LIGHT_BLUE = specification().colour("light-blue")
"""The light-blue background of the specification, sRGB."""

STANDING, HAVING_SWAYED = Posture(dx=0.003), Posture(dx=0.0038, dy=0.0004)
"""Where somebody stands for the first picture, and for the second: 0.8 px aside and 0.5 px lower,
at 960 columns. Neither is a place in which they were rendered."""

OUTLINE_ALPHAS = (0.02, 0.98)
"""Between these alphas is the outline."""

BAND_REACH = 4
"""Pixels by which the outline's band reaches beyond it."""


TakePicture = Callable[[dict[str, float], Posture], Picture]
"""Takes a picture of somebody in a posture, under lamps at levels."""

SeeLight = Callable[[dict[str, float], Posture], Light]
"""The light behind the lens, of somebody in a posture, under lamps at levels."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One person at the twin, as the booth sees them, and what is true of the capture."""

    name: str
    capture: Picture
    evidence: Evidence
    alpha: SoftMask
    """The true one, of the capture's size."""
    own: Linear
    """What the capture has of the light that the person alone gives, times alpha, without noise."""


@dataclass(frozen=True, slots=True)
class GroundTruth:
    """What is true of the part that becomes the photo, at PHOTO_SIZE."""

    alpha: SoftMask
    photo: Picture
    """The person on LIGHT_BLUE."""
    outline: Mask
    """The outline's band: within BAND_REACH of it."""
    hair: Mask
    """The band above the chin."""


def take_sample(
    subject: RenderedPerson, pose: str, seed: int, twin: WorseTwin = AS_BUILT
) -> Sample:
    """Take somebody as the booth does, before the twin or a worse one, by chance from `seed`."""
    scene = SensorLight(subject, EmptyBooth(), large=True)
    stood, swayed = STANDING.but(pose=pose), HAVING_SWAYED.but(pose=pose)
    lit = dict(usual_levels.WORKING)
    unlit = lit | {"backdrop": 0.0}
    see = (
        scene.light if twin.hang is None else _hang_backdrop(subject, scene, stood, twin.hang, seed)
    )
    rng = np.random.default_rng(seed)

    def take(levels: dict[str, float], posture: Posture) -> Picture:
        return twin.take(see(levels | ROOM_LIGHT, posture), rng)

    plate = _take_plate(take) if twin.knows_backdrop else None
    capture = take(lit, stood)
    evidence = Evidence()
    if plate is not None:
        evidence = Evidence(plate.at(lit), take(unlit, swayed), plate.at(unlit))
    alpha = np.asarray(optics.blur(_cover(subject, stood, scene.size), optics.LENS_BLUR))
    light, empty = scene.light(lit | ROOM_LIGHT, stood), scene.light(lit | ROOM_LIGHT, AWAY)
    alone = np.maximum(light - (1 - alpha[..., None]) * empty, 0)
    own = sensor.expose(alone, Controls(), None, rng)
    return Sample(f"{subject.name}, {pose}", capture, evidence, alpha, own)


def _hang_backdrop(
    subject: RenderedPerson, scene: SensorLight, stood: Posture, hang: Hang, seed: int
) -> SeeLight:
    """Hang another backdrop into a scene; somebody in it stands, or has swayed a little."""
    booth = EmptyBooth().stage(large=True)
    # A generator of its own: the sensor's noise is that of the twin itself.
    rng = np.random.default_rng((seed, 1))
    hung = hang(optics.relight(booth, WORKING_LIGHT), _cover(subject, stood, scene.size), rng)

    def see(levels: dict[str, float], posture: Posture) -> Light:
        even = optics.relight(booth, levels)
        factor = hung.now if posture.present else hung.plate
        changed = even * (factor - 1)
        if posture.present:
            if hung.shadow is not None:
                key = optics.relight(booth, {"key_left": levels.get("key_left", 0.0)})
                changed -= hung.shadow[..., None] * factor * key
            changed *= 1 - _cover(subject, posture, scene.size)[..., None]
        through = optics.vignette(optics.blur(changed, optics.LENS_BLUR))
        return np.asarray(np.maximum(scene.light(levels, posture) + through, 0), np.float32)

    return see


def _take_plate(take: TakePicture) -> Plate:
    dark = [take({}, AWAY) for _ in range(AVERAGED)]
    lit = {
        lamp: (level, [take({lamp: level}, AWAY) for _ in range(AVERAGED)])
        for lamp, level in usual_levels.WORKING.items()
    }
    return make_plate(dark, lit, 0.0)


def _cover(subject: RenderedPerson, posture: Posture, size: Size) -> SoftMask:
    """How much of each pixel the person covers, before the lens."""
    cover = subject.stage(posture.pose, large=True).alpha.astype(np.float32) / np.float32(255)
    layer = optics.extend_layer(np.repeat(cover[..., None], 4, 2))
    return np.ascontiguousarray(optics.move_layer(layer, posture, size)[..., 3])


def enlarge_sample(sample: Sample, size: Size) -> Sample:
    """The sample as a camera with more pixels would give it, but for their detail."""

    def grow(values: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_CUBIC))

    known = sample.evidence
    return Sample(
        sample.name,
        grow(sample.capture),
        Evidence(
            *(None if v is None else grow(v) for v in (known.plate, known.unlit, known.unlit_plate))
        ),
        grow(sample.alpha),
        grow(sample.own),
    )


def ground_truth(sample: Sample, part: Part, chin: float) -> GroundTruth:
    """What is true of the part of a sample; `chin` is the chin's row in the capture."""
    crop = part.crop
    alpha = resample(np.repeat(sample.alpha[..., None], 3, 2), crop, PHOTO_SIZE)[..., 0].clip(0, 1)
    own = resample(sample.own, crop, PHOTO_SIZE)
    new: Linear = (1 - alpha[..., None]) * to_linear(np.array(LIGHT_BLUE, np.uint8))
    photo = to_srgb(np.asarray(own + new, np.float32))
    outline = outline_band(np.asarray(alpha, np.float32))
    rows = np.arange(PHOTO_SIZE[1])[:, None] < (chin - crop.top) * PHOTO_SIZE[1] / crop.height
    return GroundTruth(np.asarray(alpha, np.float32), photo, outline, outline & rows)


def outline_band(alpha: SoftMask) -> Mask:
    """The band around a true alpha's outline."""
    low, high = OUTLINE_ALPHAS
    edge = ((alpha > low) & (alpha < high)).astype(np.uint8)
    reach = np.ones((2 * BAND_REACH + 1, 2 * BAND_REACH + 1), np.uint8)
    return np.asarray(cv2.dilate(edge, reach) > 0)
