"""Verifying a finished file against the specification, without trusting the code that made it."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from kiosk.camera.frame import Picture
from kiosk.errors import PictureError
from kiosk.pipeline.assessment import Face
from kiosk.pipeline.judge import within
from kiosk.pipeline.look import Looker
from kiosk.pipeline.picture import MOST_PIXELS
from kiosk.pipeline.specification import Background, Bounds, Profile, Specification

UNEVEN = 6
"""How far, in 8-bit codes, a background pixel may be off (a JPEG's own noise stays below)."""

HAIR = 90
"""How far, in 8-bit codes summed over R, G, B, a pixel is off the background where hair begins:
a sixth of what black hair is."""

PLAIN_COLUMNS, PLAIN_ROWS = 0.04, 0.25
"""The share of width at either side, and of height from above, where only background may be."""


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
class Verification:
    """All findings on one file."""

    findings: tuple[Finding, ...]

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
    if not path.is_file():
        raise PictureError(f"{path}: there is no such file")
    return verify(path.read_bytes(), looker, specification, background, profile)


def verify(
    data: bytes,
    looker: Looker,
    specification: Specification,
    background: Background,
    profile: Profile,
) -> Verification:
    """Verify a finished photo's bytes: the file's form, then what the picture shows."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return Verification((_yes_no("format", False, "has too many pixels"),))
            form = _form(opened, len(data), specification, profile)
            picture = np.asarray(opened.convert("RGB"), np.uint8)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        return Verification((_yes_no("format", False, f"is not a whole JPEG: {error}"),))
    return Verification((*form, *_shows(picture, looker, specification, background)))


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
) -> list[Finding]:
    height, width = picture.shape[:2]
    plain = np.array(specification.background[background], np.int16)
    off = np.abs(picture.astype(np.int16) - plain)
    findings = [_background(off)]
    seen = looker.look(picture)
    faces = None if seen.faces is None else float(seen.faces)
    findings.append(_between("faces", faces, (1, 1), "faces"))
    geometry = specification.geometry
    face = seen.face
    top = None if face is None else _head_top(off, face)
    measures = [
        ("head_top", None if top is None else top / height, geometry.head_top, "of the height"),
        ("eye_line", face.eye_line / height if face else None, geometry.eye_line, "of the height"),
        ("face_width", face.width / width if face else None, geometry.face_width, "of the width"),
        ("midline", face.midline / width - 0.5 if face else None, geometry.midline, "of the width"),
        ("eye_roll", face.roll if face else None, geometry.eye_roll, "degrees"),
    ]
    return findings + [_between(*measure) for measure in measures]


def _background(off: NDArray[np.int16]) -> Finding:
    """The largest difference from the background where nothing else may be."""
    height, width = off.shape[:2]
    side = max(int(PLAIN_COLUMNS * width), 1)
    rows = off[: max(int(PLAIN_ROWS * height), 1)]
    worst = float(max(rows[:, :side].max(), rows[:, -side:].max(), rows[:side].max()))
    reason = "" if worst <= UNEVEN else f"background is off by {worst:.0f} codes (of 255)"
    return Finding("background", worst, worst <= UNEVEN, (0, UNEVEN), reason)


def _head_top(off: NDArray[np.int16], face: Face) -> float | None:
    """y of the first row above the face that something other than background fills a little."""
    left, right = int(face.midline - 0.6 * face.width), int(face.midline + 0.6 * face.width)
    filled = (off[:, max(left, 0) : max(right, 1)].sum(2) > HAIR).sum(1)
    rows = np.flatnonzero(filled > 0.06 * face.width)
    return float(rows[0]) if rows.size and rows[0] < face.eye_line else None


def _between(id: str, value: float | None, bounds: Bounds, unit: str) -> Finding:
    if value is None:
        return Finding(id, None, None, bounds, "")
    ok = within(value, bounds)
    reason = "" if ok else f"{id} is {value:.4g} {unit}, not {bounds[0]:.4g} to {bounds[1]:.4g}"
    return Finding(id, float(value), ok, bounds, reason)


def _yes_no(id: str, ok: bool, reason: str) -> Finding:
    return Finding(id, float(ok), ok, None, "" if ok else reason)
