"""Verifying a finished file against the specification, without trusting the code that made it."""

import io
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, JpegImagePlugin, UnidentifiedImageError

from kiosk.camera.frame import Picture
from kiosk.errors import PictureError
from kiosk.pipeline.judge.judge import within
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Face
from kiosk.pipeline.picture import MOST_PIXELS
from kiosk.pipeline.specification import Background, Bounds, Profile, Specification
from kiosk.pipeline.verify.background import TINT, UNEVEN, Plain, find_faults
from kiosk.pipeline.verify.outline import FRINGE, STEPS, Outline, measure_outline
from kiosk.pipeline.verify.silhouette import crown, silhouette


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
    """What the findings rest on, for who draws them."""

    picture: Picture
    """As the file shows it."""
    face: Face | None
    crown: float | None
    """y of the top of the hair, in pixels."""
    plain: Plain
    outline: Outline


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
    background: Background,
    profile: Profile,
) -> Verification:
    """Verify a finished file. Raises PictureError where there is no such file to verify."""
    if path.is_dir():
        raise PictureError(f"{path}: is a folder; name the photos in it")
    if not path.is_file():
        raise PictureError(f"{path}: there is no such file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(f"{path}: may not be read ({error.strerror})") from None
    return verify(data, looker, specification, background, profile)


def verify(
    data: bytes,
    looker: Looker,
    specification: Specification,
    background: Background,
    profile: Profile,
) -> Verification:
    """Verify a finished photo's bytes: the file's form, then what the picture shows.

    A picture larger than any photo is judged by its form alone, before it is decoded.
    """
    if not data:
        return Verification((_yes_no("format", False, "is empty"),))
    try:
        # Pillow's own bomb warning is louder and later than the bound below.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data), formats=("JPEG",))
        with opened:
            if opened.width * opened.height > MOST_PIXELS:
                return Verification((_yes_no("format", False, "has too many pixels"),))
            form = tuple(_form(opened, len(data), specification, profile))
            file = specification.file
            if opened.width > file.width[1] or opened.height > file.height[1]:
                return Verification(form)
            picture = np.asarray(opened.convert("RGB"), np.uint8)
    except Image.DecompressionBombError:
        return Verification((_yes_no("format", False, "has too many pixels"),))
    except UnidentifiedImageError:
        return Verification((_yes_no("format", False, "is not a JPEG"),))
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        return Verification((_yes_no("format", False, f"is not a whole JPEG: {error}"),))
    shown, measured = _shows(picture, looker, specification, background)
    return Verification((*form, *shown), measured)


def _form(
    opened: Image.Image, size: int, specification: Specification, profile: Profile
) -> list[Finding]:
    file = specification.file
    width, height = opened.size
    baseline = not opened.info.get("progressive") and opened.mode == "RGB"
    quiet = not opened.getexif() and "comment" not in opened.info and "xmp" not in opened.info
    dots = opened.info.get("dpi", (0, 0))
    quality = _quality(opened)
    return [
        _yes_no("format", baseline, "is not a baseline JPEG in colour"),
        _yes_no("metadata", quiet, "carries metadata"),
        _between("width", width, file.width, "px wide"),
        _between("height", height, file.height, "px high"),
        _yes_no("aspect", width * 4 == height * 3, f"{width} × {height} is not 3:4"),
        _between("bytes", size, specification.file_bytes(profile), "bytes"),
        _between("quality", quality, file.quality, "JPEG quality"),
        _yes_no("resolution", dots == (file.dots_per_inch,) * 2, f"says {dots}, not 300 dpi"),
    ]


def _quality(opened: Image.Image) -> float:
    """Estimate libjpeg's quality from the luminance table (ITU-T T.81, Annex K's scaled)."""
    if not isinstance(opened, JpegImagePlugin.JpegImageFile) or 0 not in opened.quantization:
        return 0.0
    # Sum of Annex K's luminance table, whose scale at quality 50 is 1.
    scale = 100 * sum(opened.quantization[0]) / 3688
    return round(min((200 - scale) / 2 if scale <= 100 else 5000 / scale, 100))


def _shows(
    picture: Picture, looker: Looker, specification: Specification, background: Background
) -> tuple[list[Finding], Measured]:
    height, width = picture.shape[:2]
    seen = looker.face(picture)
    faces = None if seen.faces is None else float(seen.faces)
    face = seen.face
    colour = specification.background[background]
    parted = silhouette(picture, colour)
    # Without a face the background is judged as around one in the middle of all bounds.
    unit, chin = (face.width, face.chin[1]) if face else (width / 2, height * 2 / 3)
    plain = find_faults(parted, unit, chin)
    outline = measure_outline(picture, parted, colour)
    top = None if face is None else crown(parted, face)
    geometry = specification.geometry
    measures = [
        ("background_colour", plain.tint, TINT, "codes off (of 255) in the mean"),
        ("fringe", outline.fringe, FRINGE, "ΔE off any mix of person and background"),
        ("hard_edge", outline.steps, STEPS, "of the outline, cut like steps"),
        ("faces", faces, (1, 1), "faces"),
        ("head_top", None if top is None else top / height, geometry.head_top, "of the height"),
        ("eye_line", face.eye_line / height if face else None, geometry.eye_line, "of the height"),
        ("face_width", face.width / width if face else None, geometry.face_width, "of the width"),
        ("midline", face.midline / width - 0.5 if face else None, geometry.midline, "of the width"),
        ("eye_roll", face.roll if face else None, geometry.eye_roll, "degrees"),
    ]
    findings = [_background(plain), *(_between(*measure) for measure in measures)]
    return findings, Measured(picture, face, top, plain, outline)


def _background(plain: Plain) -> Finding:
    reason = ""
    if plain.faults:
        worst, count = plain.faults[0], len(plain.faults)
        reason = (
            f"background has {count} {'faults, the worst' if count > 1 else 'fault,'}"
            f" {worst.off} codes off (of 255), {worst.area} px large, at {worst.x}, {worst.y}"
        )
    return Finding("background", float(plain.off), not plain.faults, (0, UNEVEN), reason)


def _between(id: str, value: float | None, bounds: Bounds, unit: str) -> Finding:
    if value is None:
        return Finding(id, None, None, bounds, "")
    ok = within(value, bounds)
    said, least, most = (f"{n:,.0f}" if n >= 1000 else f"{n:.4g}" for n in (value, *bounds))
    reason = "" if ok else f"{id} is {said} {unit}, not {least} to {most}"
    return Finding(id, float(value), ok, bounds, reason)


def _yes_no(id: str, ok: bool, reason: str) -> Finding:
    return Finding(id, float(ok), ok, None, "" if ok else reason)
