"""What screens write and draw in their boxes, and how it is set so that all fits.

An element is measured at a width, and drawn into a box on a paper of some colour. `compose` tries
the ways of setting a screen's texts, from the most generous on, until all fits.
"""

from dataclasses import dataclass
from typing import Literal

from kiosk.display.boxes import TOO_WIDE, Column, Element, Row
from kiosk.display.canvas import Align, Box, Canvas
from kiosk.display.fonts import Weight
from kiosk.display.monitor import TEXT_ARC
from kiosk.display.theme import Colour
from kiosk.display.typesetting import (
    LARGER_SETTINGS,
    LEADING,
    USUAL_SETTINGS,
    TextOverflow,
    fit_datum,
    measure_phrase,
    wrap_phrase,
)

Role = Literal["ink", "quiet", "accent", "good", "alert", "on_fill"]
"""A colour of the theme to write in."""


def compose(canvas: Canvas, element: Element, box: Box, paper: Colour | None = None) -> None:
    """Draw an element into a box, set as generously as there is room for.

    Raises TextOverflow where it does not fit at its smallest.
    """
    settings = LARGER_SETTINGS if canvas.larger else USUAL_SETTINGS
    for setting in settings:
        canvas.setting = setting
        if element.measure(canvas, box.width) <= box.height:
            element.draw(canvas, box, canvas.theme.paper if paper is None else paper)
            return
    raise TextOverflow(
        f"{_first_phrase(element)}: no room in {box.width:.0f} × {box.height:.0f} pixels on a"
        f" screen of {canvas.monitor}; take a larger one, or correct size, diagonal and distance"
        " in [display]"
    )


def _first_phrase(element: object) -> str:
    """The name of the first phrase in an element, to tell which it is."""
    if isinstance(element, Words | Both):
        return element.name
    cells = [child for child, _ in element.cells] if isinstance(element, Row) else []
    inner = getattr(element, "children", None) or cells or [getattr(element, "child", None)]
    return next(filter(None, map(_first_phrase, filter(None, inner))), "")


@dataclass(frozen=True)
class Words:
    """A phrase in one of the two languages, in as many lines as it takes."""

    name: str
    second: bool = False
    """Whether in the language that was not chosen."""
    arc: float = TEXT_ARC
    weight: Weight = "regular"
    role: Role = "ink"
    align: Align = "centre"
    most_lines: int = 9
    grows: float = 0

    def measure(self, canvas: Canvas, width: float) -> float:
        """By its lines."""
        em, lines = self._set(canvas, width)
        return TOO_WIDE if lines is None else len(lines) * em * LEADING

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Write it in the middle of the box's height."""
        em, lines = self._set(canvas, box.width)
        if lines is None:
            raise TextOverflow(f'"{canvas.texts(self.name)[self.second]}": {box.width:.0f} pixels')
        canvas.phrases.append(self.name)
        spare = box.height - len(lines) * em * LEADING
        canvas.lines(
            lines,
            Box(box.x, box.y + spare / 2, box.width, box.height),
            em,
            ink=pick_ink(canvas, self.role, paper),
            paper=paper,
            weight=self.weight,
            align=self.align,
            arc=self.arc,
        )

    def _set(self, canvas: Canvas, width: float) -> tuple[int, tuple[str, ...] | None]:
        text = canvas.texts(self.name)[self.second]
        em = canvas.em(text, self.arc, self.weight)
        lines = wrap_phrase(text, em, round(width, 1), self.weight)
        return em, lines if lines is None or len(lines) <= self.most_lines else None


def pick_ink(canvas: Canvas, role: Role, paper: Colour) -> Colour:
    """The theme's colour for a role, or the one for filled grounds."""
    theme = canvas.theme
    if paper in (theme.accent, theme.good, theme.alert):
        return theme.on_fill
    ink: Colour = getattr(theme, role)
    return ink


@dataclass(frozen=True)
class Both:
    """A phrase in the chosen language, and below it in the other where there is room."""

    name: str
    arc: float = TEXT_ARC
    weight: Weight = "regular"
    role: Role = "ink"
    align: Align = "centre"
    grows: float = 0

    def measure(self, canvas: Canvas, width: float) -> float:
        """Both heights."""
        return self._column(canvas).measure(canvas, width)

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Write both."""
        self._column(canvas).draw(canvas, box, paper)

    def _column(self, canvas: Canvas) -> Column:
        column = [Words(self.name, False, self.arc, self.weight, self.role, self.align)]
        written = "all" if self.arc == TEXT_ARC else "headings"
        if canvas.setting.second in ("all", written):
            column.append(Words(self.name, True, role="quiet", align=self.align))
        return Column(*column, gap=0.1)


@dataclass(frozen=True)
class Datum:
    """What others set: a name, a telephone number."""

    text: str
    arc: float = TEXT_ARC
    """How large it is where it fits in one line."""
    weight: Weight = "bold"
    role: Role = "ink"
    align: Align = "left"
    grows: float = 0

    def measure(self, canvas: Canvas, width: float) -> float:
        """By its lines, at most three."""
        lines, em = self._set(canvas, width)
        return max(len(lines), 1) * em * LEADING

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Write it; nothing of it is kept."""
        lines, em = self._set(canvas, box.width)
        spare = box.height - len(lines) * em * LEADING
        canvas.lines(
            lines,
            Box(box.x, box.y + spare / 2, box.width, box.height),
            em,
            ink=pick_ink(canvas, self.role, paper),
            paper=paper,
            weight=self.weight,
            align=self.align,
            keep=False,
        )

    def _set(self, canvas: Canvas, width: float) -> tuple[tuple[str, ...], int]:
        most = canvas.em(self.text, self.arc, self.weight)
        least = canvas.em(self.text, TEXT_ARC, self.weight)
        return fit_datum(self.text, width, most, least, self.weight)


@dataclass(frozen=True)
class Sign:
    """An icon; `disc` fills a circle behind it."""

    name: str
    size: float
    """In units of the canvas."""
    role: Role = "accent"
    disc: Literal["none", "tint", "fill"] = "none"
    grows: float = 0

    def measure(self, canvas: Canvas, width: float) -> float:
        """It is square."""
        side = self._side(canvas)
        return side if side <= width + 1 else TOO_WIDE

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Draw it in the middle."""
        size, (x, y) = self._side(canvas), box.centre
        ink: Colour = getattr(canvas.theme, self.role)
        match self.disc:
            case "fill":
                canvas.badge(self.name, x, y, size / 2, ink)
            case "tint":
                canvas.disc(x, y, size / 2, canvas.theme.tint)
                canvas.icon(self.name, x, y, size * 0.62, ink, canvas.theme.tint)
            case _:
                canvas.icon(self.name, x, y, size, pick_ink(canvas, self.role, paper), paper)

    def _side(self, canvas: Canvas) -> float:
        return self.size * canvas.unit * (0.8 if canvas.setting.brief else 1.0)


def measure_words(canvas: Canvas, text: str, weight: Weight = "regular") -> float:
    """The width of a phrase's text at the least size."""
    return measure_phrase(text, canvas.em(text, TEXT_ARC, weight), weight)
