"""Standardising (裁剪换背景): from a capture to the photo, with no pixel of the face altered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.errors import StandardiseError
from kiosk.pipeline.cutout.align import shift
from kiosk.pipeline.cutout.bayesian import Mask
from kiosk.pipeline.cutout.cutout import PERSON, Cutout, View, cut_out
from kiosk.pipeline.cutout.matting import Alpha, MattingModel
from kiosk.pipeline.judge.judge import within
from kiosk.pipeline.light import Linear, to_linear, to_srgb
from kiosk.pipeline.look.eye_cover import eye_covered
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Face, Observation
from kiosk.pipeline.photo.fidelity import Fidelity, face_inside, measure_fidelity
from kiosk.pipeline.photo.geometry import Crop, Head, solve
from kiosk.pipeline.photo.jpeg import Encoded, encode
from kiosk.pipeline.specification import Background, Profile, Size, Specification
from kiosk.pipeline.verify.verify import verify

HAIR = 0.2
"""Alpha from which a pixel counts as hair above the head: wisps, too, are its top."""

TOUCH = 0.02
"""The share of an edge that the person covers before the edge counts as cutting them."""

HEAD_ROWS = 384
"""Rows at which the head is looked for in the capture; the photo's own matte corrects it."""

MATTE_ROWS = 640
"""Rows at which the photo's matte is estimated: a photo's own 640, more bring MODNet no detail."""

ROOM = 0.1
"""Share of the bounds' distance that the hair's top keeps from either, when the finer matte shows
more hair than the crop was made for; beyond that the crop is made anew."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What photo to make."""

    size: Size
    background: Background
    profile: Profile


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that was done to a capture on its way to the photo, with its parameters."""

    name: str
    parameters: Mapping[str, float | int | str]


@dataclass(frozen=True, slots=True)
class Photo:
    """A finished photo."""

    picture: Picture
    """Before the JPEG's own loss."""
    encoded: Encoded
    size: Size
    crop: Crop
    fidelity: Fidelity
    """What became of the face."""
    operations: tuple[Operation, ...] = ()
    """All that was done, in order."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the booth knows beside the capture, of the capture's size."""

    plate: Linear | None = None
    """The empty booth under the capture's light."""
    unlit: Picture | None = None
    """The same person with the backdrop's lamp out."""
    unlit_plate: Linear | None = None
    """The empty booth under that light."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a capture that becomes the photo, at the photo's size."""

    crop: Crop
    picture: Picture
    inside: Mask
    """Where the face lies."""
    cutout: Cutout
    soft: Alpha
    """What MODNet alone says."""


class Standardiser:
    """Makes photos from captures, with the models it is given."""

    def __init__(self, looker: Looker, matter: MattingModel, specification: Specification) -> None:
        self._looker = looker
        self._matter = matter
        self._specification = specification

    def standardise(
        self, capture: Picture, wanted: Wanted, evidence: Evidence = Evidence()
    ) -> Photo:
        """Make the photo of the one person in the capture.

        The size asked for is the least: where a plain picture stays under the file's floor, the
        next larger one is taken. Raises StandardiseError with the reason.
        """
        face, head = self.measure(capture)
        plain = self._specification.background[wanted.background]
        budget = self._specification.file_bytes(wanted.profile)
        for size in (s for s in self._specification.sizes() if s >= wanted.size):
            part = self.cut_out(capture, evidence, face, head, size)
            picture = lay(part.picture, part.cutout, plain)
            file = self._specification.file
            encoded = encode(picture, budget, file.quality, file.dots_per_inch)
            if encoded is not None:
                fidelity = _true(part, picture, encoded)
                self._verify(encoded.data, wanted)
                done = _operations(part, plain, encoded)
                return Photo(picture, encoded, size, part.crop, fidelity, done)
        raise StandardiseError(
            f"no size from {wanted.size[0]} × {wanted.size[1]} up makes a file of"
            f" {budget[0]:,} to {budget[1]:,} bytes; choose another size or profile"
        )

    def _verify(self, data: bytes, wanted: Wanted) -> None:
        """A photo that the specification would refuse is not released."""
        found = verify(data, self._looker, self._specification, wanted.background, wanted.profile)
        if not found.accepted:
            raise StandardiseError(
                f"the photo would be refused: {'; '.join(found.reasons)};"
                " take the picture again before a plain backdrop"
            )

    def measure(self, capture: Picture) -> tuple[Face, Head]:
        """Find the one face and head of a capture; raises StandardiseError."""
        face = the_face(self._looker.face(capture), self._specification)
        mesh = self._looker.mesh(capture)
        if mesh is not None and eye_covered(capture, mesh.points):
            raise StandardiseError(
                "something lies over an eye: a hand, a sleeve, hair; take it away, and take the"
                " picture again"
            )
        return face, measure_head(self._matter.alpha(capture, long_side=HEAD_ROWS), face)

    def cut_out(
        self, capture: Picture, evidence: Evidence, face: Face, head: Head, size: Size
    ) -> Part:
        """Crop, and cut out what was cropped; where that shows much more hair, once again.

        Raises StandardiseError where no crop is inside the specification.
        """
        geometry = self._specification.geometry
        part = self.part(capture, evidence, solve(head, geometry, size), face, size)
        crop = part.crop
        pixel = crop.height / size[1]
        alpha = part.cutout.alpha
        rows = head_rows(alpha, (face.midline - crop.left) / pixel, face.width / pixel)
        low, high = geometry.head_top
        room = ROOM * (high - low)
        if rows.size and not within(rows[0] / size[1], (low + room, high - room)):
            higher = replace(head, top=float(rows[0] * pixel + crop.top))
            part = self.part(capture, evidence, solve(higher, geometry, size), face, size)
        return part

    def part(
        self, capture: Picture, evidence: Evidence, crop: Crop, face: Face, size: Size
    ) -> Part:
        """Cut the person out of one crop of a capture."""
        seen = resample(capture, crop, size)
        picture = to_srgb(seen)
        soft = self._matter.alpha(picture, long_side=MATTE_ROWS)
        inside = face_inside(face, crop, size)
        views = [View(seen, _plate(evidence.plate, crop, size))]
        unlit = _unlit(evidence, picture, soft, crop, size)
        if unlit is not None:
            views.append(unlit)
        found = cut_out(soft, inside, tuple(views))
        shown = replace(found, alpha=found.alpha * _inside(capture, crop, size))
        return Part(crop, picture, inside, shown, soft)


def _plate(plate: Linear | None, crop: Crop, size: Size) -> Linear | None:
    return None if plate is None else resample(plate, crop, size, Image.Resampling.BOX)


def _unlit(evidence: Evidence, lit: Picture, soft: Alpha, crop: Crop, size: Size) -> View | None:
    """The view with the backdrop's lamp out, laid where the person is in the lit one.

    None where there is none, or they moved more than the one can be laid on the other.
    """
    if evidence.unlit is None:
        return None
    there = to_srgb(resample(evidence.unlit, crop, size, Image.Resampling.BOX))
    moved = shift(lit, there, soft > PERSON)
    if moved is None:
        return None
    pixel = crop.height / size[1]
    followed = replace(crop, left=crop.left + moved[0] * pixel, top=crop.top + moved[1] * pixel)
    seen = resample(evidence.unlit, followed, size, Image.Resampling.HAMMING)
    return View(seen, _plate(evidence.unlit_plate, followed, size))


def _true(part: Part, picture: Picture, encoded: Encoded) -> Fidelity:
    """Show that the face is the capture's; a photo of which this cannot be shown stays here."""
    fidelity = measure_fidelity(part.picture, picture, encoded.data, part.inside)
    if not fidelity.holds:
        raise StandardiseError(
            f"the photo's face is not the capture's ({fidelity.psnr:.0f} dB before the JPEG,"
            f" {fidelity.structured:.0f} codes off at most after it): something lies over the face,"
            " or the backdrop shows through; take the picture again"
        )
    return fidelity


def _operations(part: Part, plain: tuple[int, int, int], encoded: Encoded) -> tuple[Operation, ...]:
    """Tell all that was done to the capture."""
    crop = part.crop
    box = {"left": crop.left, "top": crop.top, "width": crop.width, "height": crop.height}
    height, width = part.picture.shape[:2]
    return (
        Operation("crop", box),
        Operation("scale", {"width": width, "height": height, "filter": "Lanczos, linear light"}),
        Operation("cut out", {"by": ", ".join(part.cutout.by)}),
        Operation("background", dict(zip(("red", "green", "blue"), plain, strict=True))),
        Operation("jpeg", {"quality": encoded.quality, "chroma": encoded.chroma}),
    )


def lay(part: Picture, cutout: Cutout, plain: tuple[int, int, int]) -> Picture:
    """Lay the cut-out on its background; where alpha is 1 the capture's own pixels stay."""
    backdrop = to_linear(np.array(plain, np.uint8))
    cover = cutout.alpha[..., None]
    mixed = to_srgb(cutout.colour * cover + backdrop * (1 - cover))
    return np.where(cover == 1, part, mixed)


def the_face(seen: Observation, specification: Specification) -> Face:
    """Give the one face of a picture, or say why there is no photo in it."""
    if seen.faces == 0 or (seen.faces is None and seen.face is None):
        raise StandardiseError("there is no face in the picture")
    if seen.faces is not None and seen.faces > 1:
        raise StandardiseError(f"there are {seen.faces} faces in the picture; one is wanted")
    if seen.face is None:
        raise StandardiseError("the face cannot be made out: covered, turned away, or too small")
    roll = seen.face.roll
    if not within(roll, specification.geometry.eye_roll):
        raise StandardiseError(
            f"the eyes are tilted by {abs(roll):.1f}°, at most"
            f" {specification.geometry.eye_roll[1]:.0f}° may be, and a photo may not be turned"
        )
    return seen.face


def measure_head(alpha: Alpha, face: Face) -> Head:
    """Find the top of the hair above a face, and where the picture's sides cut the person.

    Raises StandardiseError where the upper edge cuts the head.
    """
    height, width = alpha.shape
    rows = head_rows(alpha, face.midline, face.width)
    if rows.size == 0 or rows[0] >= face.eye_line:
        raise StandardiseError("the head cannot be told from what is behind it")
    if rows[0] == 0:
        raise StandardiseError("the head is cut off by the picture's upper edge")
    return Head(
        width=width,
        height=height,
        top=float(rows[0]),
        eye_line=face.eye_line,
        face_width=face.width,
        midline=face.midline,
        cut_left=bool((alpha[:, 0] > 0.5).mean() > TOUCH),
        cut_right=bool((alpha[:, -1] > 0.5).mean() > TOUCH),
    )


def head_rows(alpha: Alpha, midline: float, face_width: float) -> NDArray[np.intp]:
    """Give the rows in which the person fills more, over the face, than a stray strand would."""
    left, right = int(midline - 0.6 * face_width), int(midline + 0.6 * face_width)
    person = alpha[:, max(left, 0) : max(right, 1)] > HAIR
    return np.flatnonzero(person.sum(1) > 0.06 * face_width)


def resample(
    source: Picture | Linear,
    crop: Crop,
    size: Size,
    filter: Image.Resampling = Image.Resampling.LANCZOS,
) -> Linear:
    """Cut and scale in linear light; past the edges the picture repeats.

    `source` is a picture, or light already.
    """
    height, width = source.shape[:2]
    # Only what the filter can see is turned into light: captures are large.
    reach = int(np.ceil(3 * crop.width / size[0])) + 1
    left, top = int(np.floor(crop.left)) - reach, int(np.floor(crop.top)) - reach
    right = int(np.ceil(crop.left + crop.width)) + reach
    bottom = int(np.ceil(crop.top + crop.height)) + reach
    seen = source[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    ways = max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)
    whole = cv2.copyMakeBorder(seen, *ways, cv2.BORDER_REPLICATE)
    x, y = crop.left - left, crop.top - top
    box = (x, y, x + crop.width, y + crop.height)
    planes = []
    for channel in range(3):
        plane = np.ascontiguousarray(whole[..., channel])
        light = to_linear(np.asarray(plane, np.uint8)) if plane.dtype == np.uint8 else plane
        # Pillow's resize is the one that filters properly when shrinking, and takes a box of
        # fractions.
        planes.append(np.asarray(Image.fromarray(light).resize(size, filter, box=box)))
    return np.stack(planes, -1)


def _inside(capture: Picture, crop: Crop, size: Size) -> Alpha:
    """1 where the photo shows the capture, 0 where the crop reaches past its edges."""
    height, width = capture.shape[:2]
    x = crop.left + (np.arange(size[0]) + 0.5) * crop.width / size[0]
    y = crop.top + (np.arange(size[1]) + 0.5) * crop.height / size[1]
    across = ((x >= 0) & (x <= width)).astype(np.float32)
    down = ((y >= 0) & (y <= height)).astype(np.float32)
    return np.outer(down, across)
