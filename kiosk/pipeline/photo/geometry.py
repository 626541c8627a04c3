"""The crop: a translation and a uniform scale that put the head where it has to be."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import StandardiseError
from kiosk.pipeline.specification import Bounds, Geometry, Size

SEARCH_STEPS = 240
"""Scales and positions tried each; finer ones change the margin by less than a thousandth."""

ENDS_BELOW = "the picture ends too close below the chin"
CUTS_BESIDE = "the picture cuts the shoulders too close beside the face"

CENTRED = 0.03
"""How far off the picture's middle a head still lies in the middle, of the picture's width: what is
cut beside it is not mended by moving aside."""

USUAL_HAIR_HEIGHT = 0.88
"""Height of hair over the eyes, in widths of the face: the median of 52 studio portraits."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the head lies in a picture of width × height pixels."""

    width: int
    height: int
    top: float
    """y of the top of the hair."""
    eye_line: float
    face_width: float
    midline: float
    """x of the face's middle."""
    cut_left: bool
    cut_right: bool
    """Whether the person is cut by the picture's side edge (then the crop may not go past it)."""


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a picture that becomes the photo, in its pixels; may reach past its edges."""

    left: float
    top: float
    width: float
    height: float
    margin: float
    """The least distance to any bound: 1 in the middle of all bounds, 0 on one of them."""


def find_crop(head: Head, geometry: Geometry, size: Size) -> Crop:
    """Find the crop inside all bounds with the greatest margin.

    It never enlarges (the crop has at least the photo's pixels), never ends below the picture,
    and passes its other edges only where the backdrop is. Raises StandardiseError, naming the
    bound that conflicts.
    """
    try:
        return _search(head, geometry, size)
    except StandardiseError as conflict:
        usual = replace(
            head, top=max(head.top, head.eye_line - USUAL_HAIR_HEIGHT * head.face_width)
        )
        try:
            _search(usual, geometry, size)
        except StandardiseError:
            raise conflict from None
        text = f"the hair stands too high above the eyes: {conflict}"
        raise StandardiseError(text, conflict.rule, conflict.side) from None


def _search(head: Head, geometry: Geometry, size: Size) -> Crop:
    out_width, out_height = size
    aspect = out_width / out_height
    tallest = head.face_width / geometry.face_width[0] / aspect
    shortest = max(head.face_width / geometry.face_width[1] / aspect, float(out_height))
    if shortest > tallest:
        needed = int(np.ceil(geometry.face_width[0] * out_width))
        raise StandardiseError(
            f"the face is {head.face_width:.0f} px wide, and a photo of {out_width} × {out_height}"
            f" needs at least {needed}: the picture is too small, or taken from too far",
            "face_size",
            "low",
        )
    heights = np.linspace(shortest, tallest, SEARCH_STEPS)[:, None]
    highest = head.top - geometry.head_top[1] * heights
    lowest = head.top - geometry.head_top[0] * heights
    tops = highest + (lowest - highest) * np.linspace(0, 1, SEARCH_STEPS)[None, :]

    margins = {
        "the top of the hair": _margin((head.top - tops) / heights, geometry.head_top),
        "the line of the eyes": _margin((head.eye_line - tops) / heights, geometry.eye_line),
        "the width of the face": _margin(
            head.face_width / (heights * aspect) + 0 * tops, geometry.face_width
        ),
    }
    lefts = _lefts(head, heights * aspect, geometry)
    margin = np.minimum.reduce(list(margins.values()))
    reaches = {
        ENDS_BELOW: tops + heights <= head.height,
        CUTS_BESIDE: ~np.isnan(lefts) & np.isfinite(tops),
    }
    allowed = np.logical_and.reduce(list(reaches.values()))
    best = np.unravel_index(np.argmax(np.where(allowed, margin, -np.inf)), margin.shape)
    if not allowed.any() or margin[best] < 0:
        conflict = _conflict(margins, margin, reaches)
        raise StandardiseError(conflict, *_way_out(conflict, head))
    height = float(heights[best[0], 0])
    left, top = float(lefts[best[0], 0]), float(tops[best])
    return Crop(left, top, height * aspect, height, float(margin[best]))


def _margin(value: NDArray[np.float64], bounds: Bounds) -> NDArray[np.float64]:
    """Distance to the nearer bound, in halves of their distance."""
    half = (bounds[1] - bounds[0]) / 2
    return np.minimum(value - bounds[0], bounds[1] - value) / half


def _lefts(head: Head, widths: NDArray[np.float64], geometry: Geometry) -> NDArray[np.float64]:
    """The crop's left edge for each width, as near to centred as the picture allows; or NaN."""
    centred = head.midline - widths / 2
    play = 0.9 * geometry.midline[1] * widths
    least = np.full_like(widths, 0.0 if head.cut_left else -np.inf)
    most = head.width - widths if head.cut_right else np.full_like(widths, np.inf)
    lefts = np.minimum(np.maximum(centred, least), most)
    possible = (least <= most) & (np.abs(lefts - centred) <= play)
    return np.where(possible, lefts, np.nan)


def _conflict(
    margins: dict[str, NDArray[np.float64]],
    margin: NDArray[np.float64],
    reaches: dict[str, NDArray[np.bool_]],
) -> str:
    fits = margin >= 0
    if not fits.any():
        best = np.unravel_index(np.argmax(margin), margin.shape)
        worst = min(margins, key=lambda name: margins[name][best])
        return f"no crop brings {worst} inside the specification"
    blocking = [why for why, reach in reaches.items() if not (fits & reach).any()]
    return blocking[0] if blocking else "; ".join(reaches)


def _way_out(conflict: str, head: Head) -> tuple[str | None, Literal["low", "high"]]:
    """The rule, and its side, by whose words the student is told what would help; None: nothing."""
    if conflict == ENDS_BELOW:
        return "face_size", "high"  # from farther away more of the body is in the picture
    if conflict == CUTS_BESIDE:
        off = head.midline / head.width - 0.5
        if abs(off) < CENTRED:
            return "face_size", "high"
        return "centred", "low" if off < 0 else "high"
    return None, "low"
