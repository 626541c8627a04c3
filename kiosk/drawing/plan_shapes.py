"""What side views and the view from above share: metres to pixels, and simple shapes."""

from dataclasses import dataclass
from itertools import pairwise

from kiosk.building.arrangement import BACKDROP
from kiosk.drawing.svg import PAPER, Drawing, Point

SKIN, BODY, AMBER, BLUE, DARK = "#d7dde5", "#b9c4d0", "#ffd27a", "#64c5ff", "#3b4450"
GREEN, RED, STEEL, PALE = "#2e7d32", "#c62828", "#9aa5b1", "#e3e7eb"
SEEN, SEEN_EDGE = "#f1f8fd", "#cfe6f7"
"""What the camera sees."""


@dataclass(frozen=True, slots=True)
class View:
    """How metres become pixels: x to the right, z (or y) up."""

    left: float
    zero: float
    scale: float

    def at(self, x: float, z: float) -> Point:
        """The place in pixels."""
        return (
            round(self.left + (x - BACKDROP) * self.scale, 1),
            round(self.zero - z * self.scale, 1),
        )


def draw_balloon(drawing: Drawing, x: float, y: float, number: int) -> None:
    """A number in a circle: what it is stands in the legend."""
    drawing.circle(x, y, 10, ink=DARK, fill=PAPER)
    drawing.label(x, y + 4, str(number), size=12, anchor="middle", bold=True)


def draw_box(
    drawing: Drawing, view: View, x0: float, z0: float, x1: float, z1: float, *, fill: str
) -> None:
    """A box from its lower left to its upper right corner, in metres."""
    left, top = view.at(x0, z1)
    right, bottom = view.at(x1, z0)
    drawing.box(left, top, right - left, bottom - top, fill=fill, ink=DARK, round_=1)


def draw_limb(
    drawing: Drawing, view: View, points: list[Point], width: float, ink: str = BODY
) -> None:
    """A line through points, so many metres thick."""
    for start, end in pairwise(points):
        drawing.path([view.at(*start), view.at(*end)], ink=ink, thick=width * view.scale)
