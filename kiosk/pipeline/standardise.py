"""Standardising (裁剪换背景): from a capture to the photo, with no pixel of the face altered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.errors import StandardiseError
from kiosk.pipeline.assessment import Face, Observation
from kiosk.pipeline.fidelity import Fidelity, face_inside, measure_fidelity
from kiosk.pipeline.geometry import Crop, Head, solve
from kiosk.pipeline.jpeg import Encoded, encode
from kiosk.pipeline.judge import within
from kiosk.pipeline.light import Linear, to_linear, to_srgb
from kiosk.pipeline.look import Looker
from kiosk.pipeline.matting import Alpha, Colour, Matter, composite, foreground, settle
from kiosk.pipeline.specification import Background, Profile, Size, Specification
from kiosk.pipeline.verify import verify

HAIR = 0.2
"""Alpha from which a pixel counts as hair above the head: wisps, too, are its top."""

TOUCH = 0.02
"""The share of an edge that the person covers before the edge counts as cutting them."""

MATTE_ROWS = 640
"""Rows at which the photo's matte is estimated: a photo's own 640, more bring MODNet no detail."""


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


class Standardiser:
    """Makes photos from captures, with the models it is given."""

    def __init__(self, looker: Looker, matter: Matter, specification: Specification) -> None:
        self._looker = looker
        self._matter = matter
        self._specification = specification

    def standardise(self, capture: Picture, wanted: Wanted) -> Photo:
        """Make the photo of the one person in the capture.

        The size asked for is the least: where a plain picture stays under the file's floor, the
        next larger one is taken. Raises StandardiseError with the reason.
        """
        face = the_face(self._looker.look(capture), self._specification)
        head = measure_head(self._matter.alpha(capture), face)
        plain = self._specification.background[wanted.background]
        budget = self._specification.file_bytes(wanted.profile)
        linear = to_linear(capture)
        for size in (s for s in self._specification.sizes() if s >= wanted.size):
            crop, part, alpha = self._cut_out(linear, head, face, size)
            picture = lay(part, alpha, foreground(part, alpha), plain)
            file = self._specification.file
            encoded = encode(picture, budget, file.quality, file.dots_per_inch)
            if encoded is not None:
                self._verify(encoded.data, wanted)
                fidelity = _true(capture, face, crop, picture, encoded)
                return Photo(picture, encoded, size, crop, fidelity)
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

    def _cut_out(
        self, linear: Linear, head: Head, face: Face, size: Size
    ) -> tuple[Crop, Picture, Alpha]:
        """Crop, and matte what was cropped; where the finer matte shows more hair, once again."""
        crop = solve(head, self._specification.geometry, size)
        part, alpha = self._matte(linear, crop, size)
        pixel = crop.height / size[1]
        rows = head_rows(alpha, (face.midline - crop.left) / pixel, face.width / pixel)
        if rows.size and abs(rows[0] * pixel + crop.top - head.top) > pixel:
            crop = solve(
                replace(head, top=float(rows[0] * pixel + crop.top)),
                self._specification.geometry,
                size,
            )
            part, alpha = self._matte(linear, crop, size)
        return crop, part, alpha

    def _matte(self, linear: Linear, crop: Crop, size: Size) -> tuple[Picture, Alpha]:
        part = to_srgb(resample(linear, crop, size))
        alpha = self._matter.alpha(part, long_side=MATTE_ROWS)
        return part, settle(alpha) * _inside(linear, crop, size)


def _true(capture: Picture, face: Face, crop: Crop, picture: Picture, encoded: Encoded) -> Fidelity:
    """Show that the face is the capture's; a photo of which this cannot be shown stays here."""
    size = picture.shape[1], picture.shape[0]
    wanted = to_srgb(resample(to_linear(capture), crop, size))
    inside = face_inside(face, crop, size)
    fidelity = measure_fidelity(wanted, picture, encoded.data, inside)
    if not fidelity.holds:
        raise StandardiseError(
            f"the photo's face is not the capture's ({fidelity.psnr:.0f} dB before the JPEG,"
            f" {fidelity.structured:.0f} codes off at most after it): something lies over the face,"
            " or the backdrop shows through; take the picture again"
        )
    return fidelity


def lay(part: Picture, alpha: Alpha, person: Colour, plain: tuple[int, int, int]) -> Picture:
    """Lay the cut-out on its background; where alpha is 1 the capture's own pixels stay."""
    solid = alpha >= 1 - 1 / 255
    return np.where(solid[..., None], part, composite(person, alpha, plain))


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


def resample(linear: Linear, crop: Crop, size: Size) -> Linear:
    """Cut and scale in linear light, with Lanczos's filter; past the edges the picture repeats."""
    height, width = linear.shape[:2]
    before_x, before_y = max(int(np.ceil(-crop.left)), 0), max(int(np.ceil(-crop.top)), 0)
    after_x = max(int(np.ceil(crop.left + crop.width - width)), 0)
    after_y = max(int(np.ceil(crop.top + crop.height - height)), 0)
    whole = cv2.copyMakeBorder(linear, before_y, after_y, before_x, after_x, cv2.BORDER_REPLICATE)
    left, top = crop.left + before_x, crop.top + before_y
    box = (
        left,
        top,
        min(left + crop.width, float(whole.shape[1])),
        min(top + crop.height, float(whole.shape[0])),
    )
    # Pillow's resize is the one that filters properly when shrinking, and takes a box of fractions.
    planes = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(whole[..., c])).resize(
                size, Image.Resampling.LANCZOS, box=box
            )
        )
        for c in range(3)
    ]
    return np.stack(planes, -1)


def _inside(linear: Linear, crop: Crop, size: Size) -> Alpha:
    """1 where the photo shows the capture, 0 where the crop reaches past its edges."""
    height, width = linear.shape[:2]
    x = crop.left + (np.arange(size[0]) + 0.5) * crop.width / size[0]
    y = crop.top + (np.arange(size[1]) + 0.5) * crop.height / size[1]
    across = ((x >= 0) & (x <= width)).astype(np.float32)
    down = ((y >= 0) & (y <= height)).astype(np.float32)
    return np.outer(down, across)
