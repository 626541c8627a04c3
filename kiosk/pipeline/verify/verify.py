"""Verifying a finished file against the specification, without trusting the code that made it."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, JpegImagePlugin, UnidentifiedImageError

from kiosk.camera.frame import Picture
from kiosk.pipeline.judge.judge import within
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Face
from kiosk.pipeline.picture import MOST_PIXELS, read_file
from kiosk.pipeline.specification import Bounds, Codes, FindingBounds, Profile, Specification
from kiosk.pipeline.verify.background import BackgroundFindings, inspect_background
from kiosk.pipeline.verify.edge import find_edge
from kiosk.pipeline.verify.outline import Outline, measure_outline
from kiosk.pipeline.verify.roughness import Teeth, find_teeth
from kiosk.pipeline.verify.silhouette import find_crown, find_silhouette
from kiosk.pipeline.verify.skin import FaceColour, measure_face_colour
from kiosk.pipeline.verify.specks import Speck, find_specks
from protocol.jpeg import find_foreign_part

MOST_PLACES = 5
"""Most places of specks that a reason tells; the annotated picture shows all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One property of a file: its value, and whether it lies in its bounds (None: not judged)."""

    id: str
    value: float | None
    ok: bool | None
    bounds: Bounds | None
    reason: str
    """What is wrong, in words; empty where nothing is."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured in a photo: the findings rest on it, and it can be drawn."""

    picture: Picture
    """As the file shows it."""
    faces: int | None
    """How many faces; None where no detector could look."""
    face: Face | None
    crown: float | None
    """y of the top of the hair, in pixels."""
    background: BackgroundFindings
    outline: Outline
    specks: tuple[Speck, ...]
    """Those that no true photo has."""
    teeth: Teeth
    """The clothes' outline."""
    colour: FaceColour | None
    """The face's."""


@dataclass(frozen=True, slots=True)
class Verification:
    """All findings on one file."""

    findings: tuple[Finding, ...]
    measured: Measured | None = None
    """None where the file holds no picture, or one too large for a photo."""

    @property
    def accepted(self) -> bool:
        """Whether every property was judged and lies in its bounds."""
        return all(finding.ok is True for finding in self.findings)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is wrong, or could not be judged."""
        return tuple(f.reason or f"{f.id}: not judged" for f in self.findings if f.ok is not True)


def verify_file(
    path: Path,
    looker: Looker,
    specification: Specification,
    background: str,
    profile: str,
) -> Verification:
    """Verify a finished file, see `verify`. Raises PictureError where it cannot be read."""
    return verify(read_file(path), looker, specification, background, profile)


def verify(
    data: bytes,
    looker: Looker,
    specification: Specification,
    background: str,
    profile: str,
) -> Verification:
    """Verify a finished photo's bytes: the file's form, then what the picture shows.

    `background` and `profile` are names of the specification's. A picture larger than any photo
    of the profile is judged by its form alone, before it is decoded. Raises UsageError for a name
    that the specification does not have.
    """
    expected = specification.profile(profile)
    colour = specification.colour(background)
    if not data:
        return Verification((_yes_no("format", False, "is empty"),))
    try:
        # Pillow's own bomb warning is louder and later than the bound below, its others as well.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = Image.open(io.BytesIO(data), formats=("JPEG",))
        with opened:
            if opened.width * opened.height > MOST_PIXELS:
                return Verification((_yes_no("format", False, "has too many pixels"),))
            form = tuple(_form(opened, data, expected))
            if opened.width > expected.width[1] or opened.height > expected.height[1]:
                return Verification(form)
            picture = np.asarray(opened.convert("RGB"), np.uint8)
    except Image.DecompressionBombError:
        return Verification((_yes_no("format", False, "has too many pixels"),))
    except UnidentifiedImageError:
        return Verification((_yes_no("format", False, "is not a JPEG"),))
    except Exception as error:
        # Pillow's parsers let anything through: TypeError, KeyError, struct.error and more.
        return Verification((_yes_no("format", False, f"is not a whole JPEG: {error}"),))
    measured = _measure(picture, looker, colour, specification.findings.background)
    return Verification((*form, *_shows(measured, specification.findings, expected)), measured)


def _form(opened: Image.Image, data: bytes, profile: Profile) -> list[Finding]:
    width, height = opened.size
    across, down = profile.aspect
    baseline = not opened.info.get("progressive") and opened.mode == "RGB"
    foreign = find_foreign_part(data)
    dots, wanted = opened.info.get("dpi", (0, 0)), profile.dots_per_inch
    return [
        _yes_no("format", baseline, "is not a baseline JPEG in colour"),
        _yes_no("metadata", foreign is None, f"the file holds what no photo may: {foreign}"),
        _between("width", width, profile.width, "px wide"),
        _between("height", height, profile.height, "px high"),
        _yes_no(
            "aspect", width * down == height * across, f"{width} × {height} is not {across}:{down}"
        ),
        _between("bytes", len(data), profile.bytes, "bytes"),
        _between("quality", _quality(opened), profile.quality, "JPEG quality"),
        _yes_no("resolution", dots == (wanted, wanted), f"says {dots}, not {wanted} dpi"),
    ]


def _quality(opened: Image.Image) -> float:
    """Estimate libjpeg's quality from the luminance table (ITU-T T.81, Annex K's scaled)."""
    if not isinstance(opened, JpegImagePlugin.JpegImageFile) or 0 not in opened.quantization:
        return 0.0
    # Sum of Annex K's luminance table, whose scale at quality 50 is 1.
    scale = 100 * sum(opened.quantization[0]) / 3688
    return round(min((200 - scale) / 2 if scale <= 100 else 5000 / scale, 100))


def _measure(picture: Picture, looker: Looker, colour: Codes, allowed: tuple[int, int]) -> Measured:
    height, width = picture.shape[:2]
    seen = looker.find_face(picture)
    face = seen.face
    parted = find_silhouette(picture, colour)
    # Without a face the background is judged as around one in the middle of all bounds.
    face_width, chin = (face.width, face.chin[1]) if face else (width / 2, height * 2 / 3)
    edge = find_edge(parted)
    background = inspect_background(parted, face_width, chin, allowed[1])
    return Measured(
        picture=picture,
        faces=seen.faces,
        face=face,
        crown=None if face is None else find_crown(parted, face),
        background=background,
        outline=measure_outline(picture, edge, colour),
        specks=tuple(
            speck
            for speck in find_specks(picture, colour).distinct
            if background.dressed or speck.y < chin
        ),
        teeth=find_teeth(picture, edge, colour, chin),
        colour=None if face is None else measure_face_colour(picture, face),
    )


def _shows(measured: Measured, bounds: FindingBounds, profile: Profile) -> list[Finding]:
    height, width = measured.picture.shape[:2]
    face, outline, geometry = measured.face, measured.outline, profile.geometry
    faces = None if measured.faces is None else float(measured.faces)
    crown = None if measured.crown is None else measured.crown / height
    eye_line = None if face is None else face.eye_line / height
    face_width = None if face is None else face.width / width
    midline = None if face is None else face.midline / width - 0.5
    tint = measured.background.tint
    skin = measured.colour
    hue, chroma, variety = (
        (None, None, None) if skin is None else (skin.hue, skin.chroma, skin.variety)
    )
    return [
        _background(measured.background, bounds.background),
        _between(
            "background_colour", tint, bounds.background_colour, "codes off (of 255) in the mean"
        ),
        _between(
            "fringe", outline.fringe, bounds.fringe, "ΔE off any mix of person and background"
        ),
        _between("hard_edge", outline.steps, bounds.hard_edge, "of the outline, cut like steps"),
        _specks(measured.specks, bounds.specks),
        # Where no clothes stand out of the background, none are jagged.
        _between(
            "roughness",
            measured.teeth.roughness or 0.0,
            bounds.roughness,
            "px off the clothes' own smooth course",
        ),
        _between("faces", faces, bounds.faces, "faces"),
        _between("head_top", crown, geometry.head_top, "of the height"),
        _between("eye_line", eye_line, geometry.eye_line, "of the height"),
        _between("face_width", face_width, geometry.face_width, "of the width"),
        _between("midline", midline, geometry.midline, "of the width"),
        _between("eye_roll", None if face is None else face.roll, geometry.eye_roll, "degrees"),
        _between("face_hue", hue, bounds.face_hue, "degrees of hue, as no skin has"),
        _between("face_chroma", chroma, bounds.face_chroma, "of chroma"),
        _between("face_variety", variety, bounds.face_variety, "ΔE off one tone"),
    ]


def _background(found: BackgroundFindings, bounds: tuple[int, int]) -> Finding:
    reason = ""
    if found.faults:
        worst, count = found.faults[0], len(found.faults)
        reason = (
            f"background has {count} {'faults, the worst' if count > 1 else 'fault,'}"
            f" {worst.off} codes off (of 255), {worst.area} px large, at {worst.x}, {worst.y}"
        )
    return Finding("background", float(found.off), not found.faults, bounds, reason)


def _specks(specks: Sequence[Speck], bounds: tuple[int, int]) -> Finding:
    """Too many specks are told with the places of the largest."""
    ok, reason = within(len(specks), bounds), ""
    if not ok:
        largest = sorted(specks, key=lambda speck: -speck.area)[:MOST_PLACES]
        reason = (
            f"there are {len(specks)} specks: bits that float off the person and pin-holes, the"
            f" largest at {'; '.join(f'{speck.x}, {speck.y}' for speck in largest)}"
        )
    return Finding("specks", float(len(specks)), ok, bounds, reason)


def _between(id: str, value: float | None, bounds: Bounds, unit: str) -> Finding:
    if value is None:
        return Finding(id, None, None, bounds, "")
    ok = within(value, bounds)
    said, least, most = (f"{n:,.0f}" if n >= 1000 else f"{n:.4g}" for n in (value, *bounds))
    reason = "" if ok else f"{id} is {said} {unit}, not {least} to {most}"
    return Finding(id, float(value), ok, bounds, reason)


def _yes_no(id: str, ok: bool, reason: str) -> Finding:
    return Finding(id, float(ok), ok, None, "" if ok else reason)
