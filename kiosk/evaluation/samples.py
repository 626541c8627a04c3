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
from kiosk.evaluation.twin_pictures import ROOM_LIGHT
from kiosk.lighting import control_law
from kiosk.pipeline.cutout.plate import Plate, make_plate
from kiosk.pipeline.light import Linear, to_linear, to_srgb
from kiosk.pipeline.mask import Mask, SoftMask
from kiosk.pipeline.photo.resample import resample
from kiosk.pipeline.photo.standardise import Evidence, Part
from kiosk.pipeline.specification import Size, specification
from kiosk.twin import Posture, optics, sensor
from kiosk.twin.camera import SensorLight
from kiosk.twin.light_stage import EmptyBooth, RenderedPerson
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


@dataclass(frozen=True, slots=True)
class Sample:
    """One person at the twin, as the booth sees them, and what is true of the capture."""

    name: str
    capture: Picture
    evidence: Evidence
    alpha: SoftMask
    """The true one, of the capture's size."""
    own: Linear
    """The light that the person alone gives, times alpha, without noise."""


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


def take_sample(subject: RenderedPerson, pose: str, seed: int) -> Sample:
    """Take somebody as the booth does, with noise from `seed`."""
    scene = SensorLight(subject, EmptyBooth(), large=True)
    rng = np.random.default_rng(seed)

    def take(levels: dict[str, float], posture: Posture) -> Picture:
        light = scene.light(levels | ROOM_LIGHT, posture)
        return sensor.develop(sensor.expose(light, Controls(), sensor.SENSOR, rng))

    lit = dict(control_law.WORKING)
    unlit = lit | {"backdrop": 0.0}
    plate = _take_plate(take)
    stood = STANDING.but(pose=pose)
    capture = take(lit, stood)
    evidence = Evidence(plate.at(lit), take(unlit, HAVING_SWAYED.but(pose=pose)), plate.at(unlit))
    alpha = _true_alpha(subject, stood, scene.size)
    light, empty = scene.light(lit | ROOM_LIGHT, stood), scene.light(lit | ROOM_LIGHT, AWAY)
    own = np.maximum(light - (1 - alpha[..., None]) * empty, 0)
    return Sample(f"{subject.name}, {pose}", capture, evidence, alpha, own)


def _take_plate(take: TakePicture) -> Plate:
    dark = [take({}, AWAY) for _ in range(AVERAGED)]
    lit = {
        lamp: (level, [take({lamp: level}, AWAY) for _ in range(AVERAGED)])
        for lamp, level in control_law.WORKING.items()
    }
    return make_plate(dark, lit, 0.0)


def _true_alpha(subject: RenderedPerson, posture: Posture, size: Size) -> SoftMask:
    cover = subject.stage(posture.pose, large=True).alpha.astype(np.float32) / np.float32(255)
    moved = optics.move_layer(optics.extend_layer(np.repeat(cover[..., None], 4, 2)), posture, size)
    return np.asarray(cv2.GaussianBlur(moved[..., 3], (0, 0), optics.LENS_BLUR), np.float32)


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
    low, high = OUTLINE_ALPHAS
    edge = ((alpha > low) & (alpha < high)).astype(np.uint8)
    reach = np.ones((2 * BAND_REACH + 1, 2 * BAND_REACH + 1), np.uint8)
    outline = np.asarray(cv2.dilate(edge, reach) > 0)
    rows = np.arange(PHOTO_SIZE[1])[:, None] < (chin - crop.top) * PHOTO_SIZE[1] / crop.height
    return GroundTruth(np.asarray(alpha, np.float32), photo, outline, outline & rows)
