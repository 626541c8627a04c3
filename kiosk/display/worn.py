"""What the drawn person wears, or holds before their face, and takes off."""

import numpy as np
from numpy.typing import ArrayLike

from kiosk.display.drawn_head import DrawnHead, raise_onto
from kiosk.display.pose import WHITE, mix
from kiosk.display.sketch import Points, curve, ellipse


def draw_worn(head: DrawnHead) -> None:
    """Draw what is on a head that is drawn already."""
    pose = head.pose
    if pose.glasses > 0:
        _draw_glasses(head)
    if pose.hat > 0:
        _draw_hat(head)
    if pose.mask > 0:
        _draw_mask(head)
    if pose.hand > 0:
        _draw_lock(head)
        _draw_hand(head)


def _draw_glasses(head: DrawnHead) -> None:
    pose, palette, unit = head.pose, head.palette, head.unit
    off = 1 - pose.glasses
    lens_colour = mix(WHITE, palette.ink, 0.85 * pose.tint)
    off_by = np.array((0.0, 1.6, 0.0)) * off
    for side in (-1, 1):
        rim = raise_onto(ellipse((side * 0.43, 0.04), (0.34, 0.3)), 0.0)
        rim[:, 2] = 1.05
        outline = head.flat(rim + off_by)
        if pose.tint > 0.02:
            head.sketch.fill(outline, lens_colour)
        if pose.glare > 0.02:
            _draw_glare(head, outline)
        head.sketch.line(outline, 0.085 * unit, palette.ink, closed=True)
        temple = np.array(((side * 0.77, -0.02, 1.0), (side * 1.02, -0.06, 0.1)))
        head.sketch.line(head.flat(temple + off_by), 0.085 * unit, palette.ink)
    bridge = np.array(((-0.1, 0.0, 1.1), (0.1, 0.0, 1.1))) + off_by
    head.sketch.line(head.flat(bridge), 0.085 * unit, palette.ink)


def _draw_glare(head: DrawnHead, outline: Points) -> None:
    amount = head.pose.glare
    middle = outline.mean(0)
    spot = (outline - middle) * (0.82 * amount) + middle
    head.sketch.shape(spot, WHITE, head.palette.mark, 0.05 * head.unit)
    for turn in range(0, 360, 45):
        ray = np.array((np.cos(np.radians(turn)), np.sin(np.radians(turn)))) * head.unit
        ends = (middle + ray * 0.42, middle + ray * (0.42 + 0.2 * amount))
        head.sketch.line(ends, 0.055 * head.unit, head.palette.mark)


def _draw_hat(head: DrawnHead) -> None:
    palette = head.palette
    off = 1 - head.pose.hat
    off_by = np.array((0.45 * off, -1.05 * off, 0.0))
    dome = np.array(
        [(1.12 * np.cos(t), -0.62 - 0.95 * np.sin(t), 0.3) for t in np.linspace(0, np.pi, 24)]
    )
    head.sketch.shape(head.flat(dome + off_by), palette.mark, palette.ink)
    brim = np.array(
        [(1.3 * np.cos(t), -0.6 + 0.2 * np.sin(t), 0.9) for t in np.linspace(0, 2 * np.pi, 32)]
    )
    head.sketch.shape(head.flat(brim + off_by), mix(palette.mark, palette.ink, 0.35), palette.ink)


def _draw_mask(head: DrawnHead) -> None:
    """A mask with its loops, which goes off to the right."""
    palette, unit = head.palette, head.unit
    off = 1 - head.pose.mask
    off_by = np.array((2.05, 0.45)) * off * unit
    colour = mix(palette.mark, WHITE, 0.55)
    for side in (-1, 1):
        ear = side * (1.08 - 0.2 * off)
        ends = (side * 0.66, 0.32), (side * 0.6, 0.92)
        loop = head.on_face(curve(ends[0], (ear, 0.0), (ear, 0.75), ends[1]), 0.1) + off_by
        for width, ink in ((0.13, palette.ink), (0.045, colour)):
            head.sketch.line(loop, width * unit, ink)
    upper = curve((-0.68, 0.3), (-0.3, 0.3), (0.0, 0.02), (0.3, 0.3), (0.68, 0.3))
    lower = curve((0.68, 0.3), (0.66, 1.05), (0.3, 1.4), (0.0, 1.36))
    outline = np.concatenate((upper, lower, lower[::-1] * (-1, 1)))
    head.sketch.shape(head.on_face(outline, 0.12) + off_by, colour, palette.ink, 0.07 * unit)
    for y in (0.55, 0.78, 1.0):
        fold = curve((-0.5, y - 0.04), (0.0, y + 0.08), (0.5, y - 0.04))
        head.sketch.line(head.on_face(fold, 0.14) + off_by, 0.045 * unit, palette.ink)


def _draw_lock(head: DrawnHead) -> None:
    """Hair over the right eye, which the hand takes along."""
    off = 1 - head.pose.hand
    tip = (0.6 + 0.2 * off, 0.62 - 0.75 * off)
    inner = curve((-0.15, -0.95), (0.02, -0.5 - 0.2 * off), (0.1 + 0.5 * off, -0.5 * off), tip)
    outer = curve(tip, (0.85, 0.0), (0.9, -0.6), (0.5, -0.95))
    head.sketch.fill(head.on_face(np.concatenate((inner, outer)), 0.06), head.palette.hair)


def _draw_hand(head: DrawnHead) -> None:
    """A hand before the right eye, which goes away to the right."""
    palette, unit = head.palette, head.unit
    off = 1 - head.pose.hand
    (at,) = head.flat(np.array(((0.5 + 0.95 * off, 0.12 + 0.75 * off, 1.3),)))
    turn = np.radians(30 * off - 28)
    c, s = np.cos(turn), np.sin(turn)
    spin = np.array(((c, s), (-s, c)))
    for edge, colour in ((0.14, palette.ink), (0.0, palette.skin)):
        for line, width in HAND:
            placed = np.asarray(line) @ spin * unit + at
            head.sketch.line(placed, (width + edge) * unit, colour)


HAND: tuple[tuple[ArrayLike, float], ...] = (
    (((-0.3, -0.1), (-0.36, -0.62)), 0.2),
    (((-0.1, -0.15), (-0.12, -0.78)), 0.21),
    (((0.1, -0.13), (0.12, -0.74)), 0.21),
    (((0.28, -0.05), (0.34, -0.56)), 0.19),
    (((-0.24, 0.3), (-0.62, 0.0)), 0.2),
    (((-0.14, 0.1), (0.14, 0.1), (0.12, 0.4), (-0.1, 0.4), (-0.14, 0.1)), 0.42),
    (((0.02, 0.5), (0.26, 3.4)), 0.46),
)
"""Four fingers, thumb, palm and arm: lines and how wide they are, in half widths of the head."""
