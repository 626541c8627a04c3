"""Mattes held against the truth of the twin's people: ours, and other ways of cutting them out.

Each person stands before the noisy twin, is taken with the backdrop's lamp on and, having swayed a
little, with it out; the plate is the empty booth, taken a lamp at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.booth.lit_captures import AVERAGED
from kiosk.camera.frame import Controls, Picture
from kiosk.lighting import control_law
from kiosk.pipeline.cutout.bayesian import Mask
from kiosk.pipeline.cutout.matting import Alpha, Colour, MattingModel, composite
from kiosk.pipeline.cutout.plate import Plate, develop
from kiosk.pipeline.light import Linear, to_linear, to_srgb
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.geometry import Crop
from kiosk.pipeline.photo.standardise import Evidence, Part, lay, resample
from kiosk.pipeline.specification import Size
from kiosk.twin import Posture, find, optics, sensor
from kiosk.twin.camera import SensorLight
from kiosk.twin.stage import EmptyBooth, Rendered
from kiosk.twin.wires import AWAY

SIZE: Size = (480, 640)

BLUE = (100, 197, 255)
"""The light-blue background of the specification."""

STOOD, SWAYED = Posture(dx=0.003), Posture(dx=0.0038, dy=0.0004)
"""Where somebody stands for the first picture, and for the second: 0.8 px aside and 0.5 px lower,
at 960 columns. Neither is a place in which they were rendered."""

ROOM = {"room": 1.0}
"""The light that no lamp of the booth's gives."""

OUTLINE = (0.02, 0.98)
"""Between these alphas is the outline."""

AROUND = 4
"""Pixels by which the outline's band reaches beyond it."""


Take = Callable[[dict[str, float], Posture], Picture]
"""Takes a picture under lamps at levels."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One person at the twin, as the booth sees them, and what is true of it."""

    name: str
    capture: Picture
    evidence: Evidence
    alpha: Alpha
    own: Linear
    """The light that the person alone gives, times alpha, without noise."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of the part that becomes the photo."""

    alpha: Alpha
    photo: Picture
    """The person on the new background."""
    outline: Mask
    hair: Mask
    """The outline above the chin."""


def people(names: tuple[str, ...], poses: int) -> Iterator[tuple[Rendered, str]]:
    """Give the rendered people, each in the first of their poses."""
    for name in names:
        subject = Rendered(find(name))
        for pose in subject.poses[:poses]:
            yield subject, pose


def shoot(subject: Rendered, pose: str, seed: int) -> Shot:
    """Take somebody as the booth does."""
    scene = SensorLight(subject, EmptyBooth(), large=True)
    rng = np.random.default_rng(seed)

    def take(levels: dict[str, float], posture: Posture) -> Picture:
        light = scene.light(levels | ROOM, posture)
        return sensor.develop(sensor.expose(light, Controls(), sensor.SENSOR, rng))

    lit = dict(control_law.WORKING)
    unlit = lit | {"backdrop": 0.0}
    plate = _plate(take)
    stood = STOOD.but(pose=pose)
    capture = take(lit, stood)
    evidence = Evidence(plate.at(lit), take(unlit, SWAYED.but(pose=pose)), plate.at(unlit))
    alpha = _true_alpha(subject, stood, scene.size)
    light, empty = scene.light(lit | ROOM, stood), scene.light(lit | ROOM, AWAY)
    own = np.maximum(light - (1 - alpha[..., None]) * empty, 0)
    return Shot(f"{subject.name}, {pose}", capture, evidence, alpha, own)


def enlarged(shot: Shot, size: Size) -> Shot:
    """Give a shot as a camera with more pixels would, but for their detail."""

    def grow(values: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_CUBIC))

    known = shot.evidence
    return Shot(
        shot.name,
        grow(shot.capture),
        Evidence(
            *(None if v is None else grow(v) for v in (known.plate, known.unlit, known.unlit_plate))
        ),
        grow(shot.alpha),
        grow(shot.own),
    )


def _plate(take: Take) -> Plate:
    dark = [take({}, AWAY) for _ in range(AVERAGED)]
    lit = {
        lamp: (level, [take({lamp: level}, AWAY) for _ in range(AVERAGED)])
        for lamp, level in control_law.WORKING.items()
    }
    return develop(dark, lit, 0.0)


def _true_alpha(subject: Rendered, posture: Posture, size: Size) -> Alpha:
    cover = subject.stage(posture.pose, large=True).alpha.astype(np.float32) / np.float32(255)
    moved = optics.move(optics.extend(np.repeat(cover[..., None], 4, 2)), posture, size)
    return np.asarray(cv2.GaussianBlur(moved[..., 3], (0, 0), optics.BLUR), np.float32)


def truth(shot: Shot, part: Part, chin: float) -> Truth:
    """Give what is true of a part; `chin` is the chin's row in the capture."""
    crop = part.crop
    alpha = resample(np.repeat(shot.alpha[..., None], 3, 2), crop, SIZE)[..., 0].clip(0, 1)
    own = resample(shot.own, crop, SIZE)
    new: Linear = (1 - alpha[..., None]) * to_linear(np.array(BLUE, np.uint8))
    photo = to_srgb(np.asarray(own + new, np.float32))
    low, high = OUTLINE
    edge = ((alpha > low) & (alpha < high)).astype(np.uint8)
    reach = np.ones((2 * AROUND + 1, 2 * AROUND + 1), np.uint8)
    outline = np.asarray(cv2.dilate(edge, reach) > 0)
    rows = np.arange(SIZE[1])[:, None] < (chin - crop.top) * SIZE[1] / crop.height
    return Truth(np.asarray(alpha, np.float32), photo, outline, outline & rows)


# ---- ways of cutting out ----


def ours(eyes: LoadedModels, shot: Shot, evidence: Evidence) -> tuple[Part, float]:
    """Cut out as the booth does; gives the part, and the chin's row in the capture."""
    face, head = eyes.standardiser.measure(shot.capture)
    part = eyes.standardiser.cut_out(shot.capture, evidence, face, head, SIZE)
    return part, face.chin[1]


def again(eyes: LoadedModels, shot: Shot, evidence: Evidence, crop: Crop) -> Part:
    """Cut the same crop out with other evidence."""
    face, _ = eyes.standardiser.measure(shot.capture)
    return eyes.standardiser.part(shot.capture, evidence, crop, face, SIZE)


def plain(part: Part) -> Picture:
    """Lay a picture on the new background with MODNet's alpha, and the colours as they are."""
    return composite(_colour(part.picture), part.soft.clip(0, 1), BLUE)


def _colour(picture: Picture) -> Colour:
    return picture.astype(np.float32) / np.float32(255)


def hivision(matter: MattingModel, capture: Picture, crop: Crop) -> tuple[Alpha, Picture]:
    """Follow the steps of HivisionIDPhotos 1.3 with the MODNet we have, up to the crop, for which
    ours is taken: the whole picture is squeezed to 512 × 512 for MODNet, holes in the largest
    outline are filled, colours stay as they are, and both are blended in sRGB, then scaled.
    """
    height, width = capture.shape[:2]
    square = np.asarray(cv2.resize(capture, (512, 512), interpolation=cv2.INTER_AREA), np.uint8)
    soft = np.asarray(cv2.resize(matter.alpha(square, 512), (width, height)), np.float32)
    filled = np.maximum(soft, _without_holes(soft)).clip(0, 1)
    laid = composite(_colour(capture), filled, BLUE)
    box = [round(v) for v in (crop.left, crop.top, crop.left + crop.width, crop.top + crop.height)]
    alpha = _cut(filled, box, (0,))
    return np.asarray(alpha, np.float32), np.asarray(_cut(laid, box, BLUE), np.uint8)


def _without_holes(soft: Alpha) -> Alpha:
    solid = cv2.erode((soft > 0.5).astype(np.uint8), np.ones((13, 13), np.uint8))
    outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(soft.shape, np.float32)
    if outlines:
        cv2.drawContours(filled, [max(outlines, key=cv2.contourArea)], -1, 1.0, cv2.FILLED)
    return filled


def _cut(
    values: NDArray[np.float32] | Picture, box: list[int], outside: tuple[int, ...]
) -> cv2.typing.MatLike:
    left, top, right, bottom = box
    height, width = values.shape[:2]
    ways = max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)
    whole = cv2.copyMakeBorder(values, *ways, cv2.BORDER_CONSTANT, value=outside)
    top, left = top + ways[0], left + ways[2]
    part = whole[top : bottom + ways[0], left : right + ways[2]]
    return cv2.resize(part, SIZE, interpolation=cv2.INTER_AREA)


def photo(part: Part) -> Picture:
    """Lay a cut-out on the new background."""
    return lay(part.picture, part.cutout, BLUE)


# ---- how far off ----


@dataclass(frozen=True, slots=True)
class Errors:
    """How far a matte and its photo are from the truth."""

    sad: float
    """Sum of alpha's absolute differences, in thousands."""
    mse: float
    """Mean of alpha's squared differences over the outline's band, in thousandths."""
    gradient: float
    """Sum of squared differences of alpha's gradients."""
    connectivity: float
    """Sum of differences in how alpha hangs together with the person, in thousands."""
    hair: float
    """As sad, of the outline above the chin only."""
    fringe: float
    """Mean difference of the photo's colours along the outline, CIE 1976 ΔE."""


def errors(alpha: Alpha, made: Picture, true: Truth) -> Errors:
    """Measure a matte and the photo that was made with it.

    Gradient and connectivity as Rhemann et al., "A perceptually motivated online benchmark for
    image matting", CVPR 2009, define them.
    """
    off = np.abs(alpha - true.alpha)
    return Errors(
        sad=float(off.sum()) / 1000,
        mse=float(np.square(off[true.outline]).mean()) * 1000,
        gradient=float(np.square(_slope(alpha) - _slope(true.alpha)).sum()),
        connectivity=float(np.abs(_loose(alpha, true.alpha)).sum()) / 1000,
        hair=float(off[true.hair].sum()) / 1000,
        fringe=float(_apart(made, true.photo)[true.outline].mean()),
    )


def _slope(alpha: Alpha) -> NDArray[np.float32]:
    smooth = cv2.GaussianBlur(alpha, (0, 0), 1.4)
    return np.hypot(
        cv2.Sobel(smooth, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(smooth, cv2.CV_32F, 0, 1) / 8
    )


def _loose(alpha: Alpha, true: Alpha) -> NDArray[np.float64]:
    """Difference of both mattes' degrees of connectivity to what is whole in both."""
    joined = np.zeros(alpha.shape)
    for level in np.arange(0.1, 1.01, 0.1):
        both = ((alpha >= level - 1e-6) & (true >= level - 1e-6)).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(both, connectivity=4)
        if count < 2:
            break
        joined[labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())] = level

    def degree(matte: Alpha) -> NDArray[np.float64]:
        beyond = matte - joined
        return 1 - beyond * (beyond >= 0.15)

    return np.asarray(degree(alpha) - degree(true), np.float64)


def _apart(one: Picture, other: Picture) -> NDArray[np.float32]:
    lab = [cv2.cvtColor(p.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for p in (one, other)]
    return np.asarray(np.linalg.norm(lab[0] - lab[1], axis=2), np.float32)
