"""A drawing of lines and labels as SVG, which knows where each lies: no wire may cross a label."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

FONTS = "Noto Sans, Noto Sans CJK SC, DejaVu Sans, sans-serif"

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

INK, FAINT, PAPER = "#1b1f24", "#8a929c", "#ffffff"


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text, and the box that it needs."""

    text: str
    left: float
    top: float
    width: float
    height: float

    def is_crossed_by(self, start: Point, end: Point) -> bool:
        """Whether a level or an upright line runs through it."""
        left, right = sorted((start[0], end[0]))
        top, bottom = sorted((start[1], end[1]))
        across = left < self.left + self.width and right > self.left
        return across and top < self.top + self.height and bottom > self.top

    def overlaps(self, other: "Label") -> bool:
        """Whether both need the same place."""
        return self.is_crossed_by(
            (other.left, other.top), (other.left + other.width, other.top + other.height)
        )


@dataclass(slots=True)
class Drawing:
    """What is drawn, in the order of drawing; pixels from the upper left corner."""

    width: float
    height: float = 0.0
    labels: list[Label] = field(default_factory=list)
    wires: list[tuple[Point, ...]] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)

    def label(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 13,
        anchor: Anchor = "start",
        ink: str = INK,
        bold: bool = False,
    ) -> Label:
        """Write a line of text; `y` is its base line."""
        width = text_width(text, size, bold=bold)
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        label = Label(text, left, y - 0.8 * size, width, size)
        self.labels.append(label)
        weight = ' font-weight="700"' if bold else ""
        where = f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}"'
        self._parts.append(f'{where} fill="{ink}"{weight}>{escape(text)}</text>')
        self._fit(y + size)
        return label

    def wire(self, *points: Point, ink: str = INK, thick: float = 2.0) -> None:
        """Draw a wire from point to point."""
        self.wires.append(points)
        self.path(points, ink=ink, thick=thick)

    def path(
        self,
        points: Sequence[Point],
        *,
        ink: str = INK,
        thick: float = 1.5,
        fill: str = "none",
        dashes: str = "",
        closed: bool = False,
    ) -> None:
        """Draw a line that is no wire."""
        way = "M" + " L".join(f"{x:g},{y:g}" for x, y in points) + (" Z" if closed else "")
        dashed = f" stroke-dasharray={quoteattr(dashes)}" if dashes else ""
        self._parts.append(
            f'<path d="{way}" fill="{fill}" stroke="{ink}" stroke-width="{thick:g}"'
            f' stroke-linejoin="round" stroke-linecap="round"{dashed}/>'
        )
        self._fit(max(y for _, y in points))

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        ink: str = INK,
        fill: str = PAPER,
        round_: float = 5,
    ) -> None:
        """Draw a box."""
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{round_:g}"'
            f' fill="{fill}" stroke="{ink}" stroke-width="1.5"/>'
        )
        self._fit(y + height)

    def circle(
        self, x: float, y: float, radius: float, *, ink: str = INK, fill: str = PAPER
    ) -> None:
        """Draw a circle."""
        self._parts.append(
            f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}" stroke="{ink}"'
            ' stroke-width="1.5"/>'
        )
        self._fit(y + radius)

    def dimension(self, start: Point, end: Point, text: str, *, above: bool = True) -> None:
        """A level or upright length with an arrow at both ends, and what it says."""
        self.path((start, end), ink=FAINT, thick=1)
        level = start[1] == end[1]
        for (x, y), inwards in ((start, 1), (end, -1)):
            far = 6 * inwards * (1 if (end[0] - start[0]) + (end[1] - start[1]) > 0 else -1)
            sides = (-3, 3)
            points = [(x + far, y + s) if level else (x + s, y + far) for s in sides]
            self.path([points[0], (x, y), points[1]], ink=FAINT, thick=1)
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        if level:
            self.label(middle[0], middle[1] + (-5 if above else 14), text, size=12, anchor="middle")
        else:
            self.label(middle[0] + (6 if above else -6), middle[1] + 4, text, size=12,
                       anchor="start" if above else "end")  # fmt: skip

    def crossed(self) -> Iterator[tuple[str, tuple[Point, Point]]]:
        """Labels that a wire runs through."""
        for way in self.wires:
            for start, end in pairwise(way):
                for label in self.labels:
                    if label.is_crossed_by(start, end):
                        yield label.text, (start, end)

    def overlapping(self) -> Iterator[tuple[str, str]]:
        """Labels that lie over each other."""
        for at, label in enumerate(self.labels):
            for other in self.labels[at + 1 :]:
                if label.overlaps(other):
                    yield label.text, other.text

    def to_svg(self, title: str) -> str:
        """The drawing as a file."""
        height = self.height + 20
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}"'
                f' height="{height:g}" viewBox="0 0 {self.width:g} {height:g}"'
                f" font-family={quoteattr(FONTS)}>",
                f"<title>{escape(title)}</title>",
                f'<rect width="100%" height="100%" fill="{PAPER}"/>',
                *self._parts,
                "</svg>\n",
            ]
        )

    def _fit(self, bottom: float) -> None:
        self.height = max(self.height, bottom)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is at most: Noto Sans' letters are 0.57 em in the mean, Chinese ones 1."""
    narrow = 0.62 if bold else 0.58
    return size * sum(1.0 if ord(sign) > 0x2E7F else narrow for sign in text)
