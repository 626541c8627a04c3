"""The background of a finished photo: whether it is plain wherever the person is not.

The distances and areas below were chosen on the 180 photos that specification.toml names at
[findings], and on 72 of a finer matte.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.mask import Mask
from kiosk.pipeline.verify.silhouette import CodesOff, Silhouette

CORNER_COLUMNS, CORNER_ROWS = 0.04, 0.25
"""The share of width at either side, and of height from above, where only background may be."""

STRAND_END_REACH = 0.1
"""Face widths around the person, and around the strands that hang on them, within which loose ends
of strands may float: in those photos none is farther away than 0.05."""

GHOST_AREA = 0.004
"""Area, in squares of the face's width, from which a thing that floats near the person is no
strand's end: in those photos none has half of that."""

STRAND_OFF, STRAND_GAP = 3, 0.03
"""A strand is followed from the person on where it is off by more than STRAND_OFF codes, and across
STRAND_GAP face widths where it is lost in the JPEG's noise."""

SPECK_AREA = 8
"""Pixels: a smaller speck is overlooked where it is off by no more than twice the noise."""

LEAST_THICKNESS = 0.1
"""Face widths: a thing this thick, farther than HAZE_REACH from the person, is no strand of theirs,
nor a few side by side (0.06 at most). Below the chin it may be clothes of the background's
colour."""

HAZE_REACH = 0.15
"""Face widths around the person within which a thick thing may be the faint ends of curls."""

FAULT_REACH = 4
"""Pixels around a faulty one in which others belong to the same fault: half of a JPEG's block."""

MOST_FAULTS = 99
"""Most faults that are listed."""

DRESSED_SHARE = 0.9
"""Share of the lowest rows that the person fills where the clothes are told from the background.
Where they are not, white on white, nothing below the chin is judged."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing on the background that does not belong there."""

    x: int
    y: int
    """Its worst pixel."""
    off: int
    """How far that one is off the background, in 8-bit codes."""
    area: int
    """Pixels."""


@dataclass(frozen=True, slots=True)
class BackgroundFindings:
    """What was found of a background."""

    off: int
    """How far its worst pixel is off, in 8-bit codes, hair aside."""
    tint: float | None
    """How far its pixels are off in the mean, in 8-bit codes, faults aside; None: it has none."""
    faults: tuple[Fault, ...]
    """The worst first: by how far they are off, then by their size."""
    faulty: Mask
    dressed: bool
    """Whether the clothes are told from the background: DRESSED_SHARE."""


def inspect_background(
    parted: Silhouette, face_width: float, chin: float, noise: int
) -> BackgroundFindings:
    """Find what is neither background nor the person, nor the ends of their hair.

    `face_width` and `chin`, the chin's y, are in pixels; `noise` is how far a pixel may be off, in
    8-bit codes. Shadows, gradients, specks and ghosts of strands are faults; in a photo's upper
    corners so is the person.
    """
    off, person = parted.off, parted.person
    height, width = off.shape
    chin_row = min(max(int(chin), 0), height)
    body = person.copy()
    lowest = person[-max(height // 50, 1) :]
    dressed = bool(lowest.mean() >= DRESSED_SHARE)
    if dressed:
        body[chin_row:] = np.logical_or.accumulate(person[chin_row:], axis=0)
    away = _distance(body, face_width)
    noisy = (off > noise) & ~body
    faulty = noisy & _thick(noisy & (away > HAZE_REACH), LEAST_THICKNESS * face_width)
    faulty[chin_row:] = False
    faulty |= _floating(parted, noisy, face_width, noise)
    judged = away > STRAND_END_REACH
    if not dressed:
        faulty[chin_row:] = judged[chin_row:] = False
    corners = _corners(height, width)
    faulty |= _in_corners(off, corners, face_width, noise)
    worst = int(off[faulty].max()) if faulty.any() else 0
    calm = off[(judged | corners) & (off <= noise)]
    return BackgroundFindings(
        off=max(worst, int(calm.max()) if calm.size else 0),
        tint=float(calm.mean()) if calm.size else None,
        faults=_faults(off, faulty),
        faulty=faulty,
        dressed=dressed,
    )


def _thick(mask: Mask, thickness: float) -> Mask:
    size = max(round(thickness), 2)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0)


def _floating(parted: Silhouette, noisy: Mask, face_width: float, noise: int) -> Mask:
    """What hangs on nothing, and is too far away or too large for a strand's end."""
    count, labels = _link(parted.off > STRAND_OFF, face_width)
    attached = np.zeros(count, bool)
    attached[np.unique(labels[parted.person])] = True
    away = _distance(attached[labels] & (noisy | parted.person), face_width)
    where = np.asarray(labels[noisy], np.intp)
    nearest = np.full(count, np.inf, np.float32)
    np.minimum.at(nearest, where, away[noisy])
    area = np.bincount(where, minlength=count)
    seen = _are_seen(parted.off[noisy], where, area, noise)
    wrong = seen & ~attached & ((nearest > STRAND_END_REACH) | (area > GHOST_AREA * face_width**2))
    return np.asarray(wrong[labels] & noisy)


def _in_corners(off: CodesOff, corners: Mask, face_width: float, noise: int) -> Mask:
    """What is off where only background may be."""
    noisy = corners & (off > noise)
    count, labels = _link(corners & (off > STRAND_OFF), face_width)
    where = np.asarray(labels[noisy], np.intp)
    seen = _are_seen(off[noisy], where, np.bincount(where, minlength=count), noise)
    return np.asarray(seen[labels] & noisy)


def _link(strands: Mask, face_width: float) -> tuple[int, NDArray[np.int32]]:
    """Number, from 1 on, what hangs together across STRAND_GAP; how many numbers there are."""
    reach = max(round(STRAND_GAP * face_width), 1)
    kernel = np.ones((2 * reach + 1,) * 2, np.uint8)
    count, labels = cv2.connectedComponents(cv2.dilate(strands.astype(np.uint8), kernel))
    return count, np.asarray(labels, np.int32)


def _are_seen(
    off: CodesOff, where: NDArray[np.intp], area: NDArray[np.intp], noise: int
) -> NDArray[np.bool_]:
    """Which of the linked things, by their numbers, are no specks to be overlooked: SPECK_AREA.

    `off` and `where` are a noisy pixel's codes and number each, `area` each number's noisy pixels.
    """
    strength = np.zeros(len(area), np.uint8)
    np.maximum.at(strength, where, off)
    return (strength > 2 * noise) | (area > SPECK_AREA)


def _distance(mask: Mask, face_width: float) -> NDArray[np.float32]:
    """Each pixel's distance to the mask, in face widths; infinite without a mask."""
    if not mask.any():
        return np.full(mask.shape, np.inf, np.float32)
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(away, np.float32) / np.float32(face_width)


def _corners(height: int, width: int) -> Mask:
    side = max(int(CORNER_COLUMNS * width), 1)
    rows = max(int(CORNER_ROWS * height), 1)
    corners = np.zeros((height, width), bool)
    corners[:rows, :side] = corners[:rows, -side:] = corners[:side] = True
    return corners


def _faults(off: CodesOff, faulty: Mask) -> tuple[Fault, ...]:
    """List the faults; what a JPEG's noise has scattered around a speck counts as part of it."""
    grown = cv2.dilate(faulty.astype(np.uint8), np.ones((2 * FAULT_REACH + 1,) * 2, np.uint8))
    count, labels = cv2.connectedComponents(grown)
    labels[~faulty] = 0
    found = []
    for number in range(1, min(count, MOST_FAULTS + 1)):
        rows, columns = np.nonzero(labels == number)
        worst = int(off[rows, columns].argmax())
        x, y = int(columns[worst]), int(rows[worst])
        found.append(Fault(x, y, int(off[y, x]), len(rows)))
    return tuple(sorted(found, key=lambda fault: (-fault.off, -fault.area)))
