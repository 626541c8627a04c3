"""How the drawn person of the guide is posed, and in which colours. Plain values."""

from dataclasses import dataclass, fields
from typing import NamedTuple

from kiosk.display.theme import Colour

HEAD_AT = (0.5, 0.43)
"""Where the head's middle is, of the picture's side."""

EDGE = 0.014
"""The width of outlines, of the picture's side."""

WHITE: Colour = (255, 255, 255)


class Palette(NamedTuple):
    """The colours of a drawing."""

    ground: Colour
    ink: Colour
    """Of the person's outlines."""
    line: Colour
    """Of what stands on the ground beside them."""
    skin: Colour
    shade: Colour
    """Skin in shadow."""
    hair: Colour
    top: Colour
    other_top: Colour
    mark: Colour
    """What moves: arrows."""
    good: Colour


@dataclass(frozen=True, slots=True)
class Pose:
    """How the person is. Left and right are the picture's, which is a mirror's; degrees."""

    x: float = 0.0
    y: float = 0.0
    """How far they are off the middle, of the picture's side."""
    size: float = 1.0
    turn: float = 0.0
    """Of the head to the right."""
    nod: float = 0.0
    """Of the chin upwards."""
    tilt: float = 0.0
    """Of the head towards the right shoulder."""
    left: float = 0.0
    right: float = 0.0
    """How far a shoulder is raised, of the picture's side."""
    lids: float = 1.0
    """How far the eyes are open."""
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    """Where the eyes look, -1 to 1."""
    lips: float = 0.0
    """How far the mouth is open."""
    smile: float = 0.0
    fringe: float = 0.0
    """How much of the brows hair covers."""
    locks: float = 0.0
    """How much of the ears hair covers."""
    hat: float = 0.0
    """1: worn; less: lifted off."""
    mask: float = 0.0
    """1: worn over nose and mouth; less: taken off, to the right."""
    hand: float = 0.0
    """1: before the right eye, with a lock of hair; less: on its way off it, to the right."""
    glasses: float = 0.0
    """1: worn; less: taken off."""
    tint: float = 0.0
    glare: float = 0.0
    blue_top: float = 0.0
    """How far the top has the colour that the photo's background gets."""
    other_top: float = 0.0
    """How far the top is already another one."""
    stripes: float = 0.0
    shine: float = 0.0
    shadow: float = 0.0
    """Of the face's right half."""


def blend(start: Pose, end: Pose, part: float) -> Pose:
    """A pose on the way from one to another."""
    between = {
        field.name: (1 - part) * getattr(start, field.name) + part * getattr(end, field.name)
        for field in fields(Pose)
    }
    return Pose(**between)


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """A colour between two."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue
