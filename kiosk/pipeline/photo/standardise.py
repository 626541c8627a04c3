"""Standardising (裁剪换背景): from a capture to the photo, with no pixel of the face altered."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.errors import StandardiseError
from kiosk.pipeline.cutout.align import find_shift
from kiosk.pipeline.cutout.belief import MODNET, Belief
from kiosk.pipeline.cutout.cutout import SURE_PERSON, Cutout, cut_out
from kiosk.pipeline.cutout.matting import MattingModel
from kiosk.pipeline.cutout.settle import settle
from kiosk.pipeline.cutout.views import View
from kiosk.pipeline.judge.judge import within
from kiosk.pipeline.light import Linear, to_linear, to_srgb
from kiosk.pipeline.look.eye_cover import eye_covered
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.mask import Mask, SoftMask
from kiosk.pipeline.observation import Face
from kiosk.pipeline.photo.fidelity import Fidelity, face_area, measure_fidelity
from kiosk.pipeline.photo.geometry import Crop, Head, find_crop
from kiosk.pipeline.photo.head import head_rows, measure_head, require_one_face
from kiosk.pipeline.photo.jpeg import Encoded, decode, encode
from kiosk.pipeline.photo.resample import capture_area, resample
from kiosk.pipeline.specification import (
    Codes,
    Geometry,
    Profile,
    Size,
    Specification,
    Wanted,
)
from kiosk.pipeline.verify.verify import Verification, verify

HEAD_ROWS = 384
"""Rows at which the head is looked for in the capture; the photo's own matte corrects it."""

MATTE_ROWS = 640
"""Rows at which the photo's matte is estimated: a photo's own 640, more bring MODNet no detail."""

SETTLING_ROUNDS = 4
"""Times that the file is made at most: its own noise may show specks that were below sight."""

HEAD_TOP_PLAY = 0.1
"""Share of the bounds' distance that the hair's top keeps from either, when the finer matte shows
more hair than the crop was made for; beyond that the crop is made anew."""


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
class MeasuredCapture:
    """A capture of one person, measured."""

    picture: Picture
    evidence: Evidence
    face: Face
    head: Head


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a capture that becomes the photo, at the photo's size."""

    crop: Crop
    picture: Picture
    face: Mask
    """Where the face lies."""
    cutout: Cutout
    estimate: SoftMask
    """Alpha as MODNet alone estimates it."""


class Standardiser:
    """Makes photos from captures, with the models it is given."""

    def __init__(self, looker: Looker, matter: MattingModel, specification: Specification) -> None:
        self._looker = looker
        self._matter = matter
        self._specification = specification

    def standardise(
        self,
        capture: Picture,
        wanted: Wanted,
        evidence: Evidence = Evidence(),
        excused: Set[str] = frozenset(),
    ) -> Photo:
        """Make the photo of the one person in the capture; `excused` are rules that need not hold.

        The size asked for is the least: where a plain picture stays under the file's floor, the
        next larger one is taken. Raises StandardiseError with the reason, and UsageError where
        the specification has no such profile or background.
        """
        profile = self._specification.profile(wanted.profile)
        colour = self._specification.colour(wanted.background)
        measured = self.measure(capture, profile.geometry, evidence, excused)
        for size in (s for s in profile.sizes() if s >= wanted.size):
            part = self.cut_out(measured, profile.geometry, size)
            picture, encoded = _finish(part, colour, profile)
            if encoded is not None:
                fidelity = self._check_face(part, picture, encoded)
                found = self._check_photo(encoded.data, wanted)
                done = _operations(part, colour, encoded, found)
                return Photo(picture, encoded, size, part.crop, fidelity, done)
        raise StandardiseError(
            f"no size from {wanted.size[0]} × {wanted.size[1]} up makes a file of"
            f" {profile.bytes[0]:,} to {profile.bytes[1]:,} bytes; choose another size or profile"
        )

    def _check_face(self, part: Part, picture: Picture, encoded: Encoded) -> Fidelity:
        """Show that the face is the capture's; without that no photo is released."""
        fidelity = measure_fidelity(part.picture, picture, encoded.data, part.face)
        if not fidelity.keeps(self._specification.fidelity):
            raise StandardiseError(
                f"the photo's face is not the capture's ({fidelity.psnr:.0f} dB before the JPEG,"
                f" {fidelity.structured:.0f} codes off at most after it): something lies over the"
                " face, or the backdrop shows through; take the picture again"
            )
        return fidelity

    def _check_photo(self, data: bytes, wanted: Wanted) -> Verification:
        """Verify the file; one that the specification would refuse is not released."""
        found = verify(data, self._looker, self._specification, wanted.background, wanted.profile)
        if not found.accepted:
            raise StandardiseError(
                f"the photo would be refused: {'; '.join(found.reasons)};"
                " take the picture again before a plain backdrop"
            )
        return found

    def measure(
        self,
        capture: Picture,
        geometry: Geometry,
        evidence: Evidence = Evidence(),
        excused: Set[str] = frozenset(),
    ) -> MeasuredCapture:
        """Find the one face and head of a capture; raises StandardiseError."""
        seen, points = self._looker.find_face_and_mesh(capture)
        face = require_one_face(seen, geometry)
        asked = "eye_covered" not in excused
        if asked and points is not None and eye_covered(capture, points):
            raise StandardiseError(
                "something lies over an eye: a hand, a sleeve, hair; take it away, and take the"
                " picture again",
                "eye_covered",
                "high",
            )
        head = measure_head(self._matter.alpha(capture, long_side=HEAD_ROWS), face)
        return MeasuredCapture(capture, evidence, face, head)

    def cut_out(self, measured: MeasuredCapture, geometry: Geometry, size: Size) -> Part:
        """Crop, and cut out what was cropped; where that shows much more hair, once again.

        Raises StandardiseError where no crop is inside the geometry.
        """
        face, head = measured.face, measured.head
        part = self.cut_out_crop(measured, find_crop(head, geometry, size), size)
        crop = part.crop
        pixel = crop.height / size[1]
        rows = head_rows(part.cutout.alpha, (face.midline - crop.left) / pixel, face.width / pixel)
        low, high = geometry.head_top
        play = HEAD_TOP_PLAY * (high - low)
        if rows.size and not within(rows[0] / size[1], (low + play, high - play)):
            higher = replace(head, top=float(rows[0] * pixel + crop.top))
            part = self.cut_out_crop(measured, find_crop(higher, geometry, size), size)
        return part

    def cut_out_crop(
        self, measured: MeasuredCapture, crop: Crop, size: Size, belief: Belief = MODNET
    ) -> Part:
        """Cut the person out of one crop of a capture, with as much belief in the network."""
        capture, evidence = measured.picture, measured.evidence
        seen = resample(capture, crop, size)
        picture = to_srgb(seen)
        estimate = self._matter.alpha(picture, long_side=MATTE_ROWS)
        face = face_area(measured.face, crop, size)

        def views() -> Iterator[View]:
            yield View(seen, _plate_view(evidence.plate, crop, size))
            unlit = _unlit_view(evidence, picture, estimate, crop, size)
            if unlit is not None:
                yield unlit

        found = cut_out(estimate, face, views(), belief)
        shown = replace(found, alpha=found.alpha * capture_area(capture, crop, size))
        return Part(crop, picture, face, shown, estimate)


def _plate_view(plate: Linear | None, crop: Crop, size: Size) -> Linear | None:
    return None if plate is None else resample(plate, crop, size, Image.Resampling.BOX)


def _unlit_view(
    evidence: Evidence, lit: Picture, estimate: SoftMask, crop: Crop, size: Size
) -> View | None:
    """The view with the backdrop's lamp out, laid where the person is in the lit one.

    None where there is none, or they moved more than the one can be laid on the other.
    """
    if evidence.unlit is None:
        return None
    there = to_srgb(resample(evidence.unlit, crop, size, Image.Resampling.BOX))
    moved = find_shift(lit, there, estimate > SURE_PERSON)
    if moved is None:
        return None
    pixel = crop.height / size[1]
    followed = replace(crop, left=crop.left + moved[0] * pixel, top=crop.top + moved[1] * pixel)
    seen = resample(evidence.unlit, followed, size, Image.Resampling.HAMMING)
    return View(seen, _plate_view(evidence.unlit_plate, followed, size))


PLACES = ("head_top", "eye_line", "face_width", "midline")
"""The findings that say where the head lies, which the registrar draws over the photo."""


def _operations(
    part: Part, colour: Codes, encoded: Encoded, found: Verification
) -> tuple[Operation, ...]:
    """All that was done to the capture, in order."""
    crop = part.crop
    box = {"left": crop.left, "top": crop.top, "width": crop.width, "height": crop.height}
    height, width = part.picture.shape[:2]
    return (
        Operation("crop", box),
        Operation("scale", {"width": width, "height": height, "filter": "Lanczos, linear light"}),
        Operation("cut out", {"by": ", ".join(part.cutout.by)}),
        Operation("background", dict(zip(("red", "green", "blue"), colour, strict=True))),
        Operation("jpeg", {"quality": encoded.quality, "chroma": encoded.chroma}),
        Operation("verify", _places(found)),
    )


def _places(found: Verification) -> dict[str, float]:
    """Where the head lies in the file, as it was verified, and where it may."""
    said = {}
    for finding in found.findings:
        if finding.id in PLACES and finding.value is not None and finding.bounds is not None:
            least, most = finding.bounds
            said[finding.id] = float(finding.value)
            said |= {f"{finding.id} least": float(least), f"{finding.id} most": float(most)}
    return said


def _finish(part: Part, colour: Codes, profile: Profile) -> tuple[Picture, Encoded | None]:
    """Lay the part on its background and encode it, so that the file shows no speck."""
    laid = lay_on_background(part.picture, part.cutout, colour)
    cutout = settle(part.cutout, laid, colour)
    for left in reversed(range(SETTLING_ROUNDS)):
        laid = lay_on_background(part.picture, cutout, colour)
        encoded = encode(laid, profile.bytes, profile.quality, profile.dots_per_inch)
        if encoded is None or not left:
            break
        settled = settle(cutout, decode(encoded.data), colour)
        if settled is cutout:
            break
        cutout = settled
    return laid, encoded


def lay_on_background(part: Picture, cutout: Cutout, colour: Codes) -> Picture:
    """Lay a cut-out on a plain background; where alpha is 1 the capture's own pixels stay."""
    whole = cutout.alpha == 1
    made = np.where(whole[..., None], part, np.array(colour, np.uint8))
    mixed = (cutout.alpha > 0) & ~whole
    cover = cutout.alpha[mixed, None]
    plain = to_linear(np.array(colour, np.uint8))
    made[mixed] = to_srgb(cutout.colour[mixed] * cover + plain * (1 - cover))
    return made
