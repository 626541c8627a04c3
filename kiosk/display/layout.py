"""The layout engine: boxes above and beside each other that measure themselves, then draw.

An element is measured at a width, and drawn into a box on a paper of some colour. `compose` tries
the ways of setting a screen's texts, from the most generous on, until all fits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

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

TOO_WIDE = float("inf")
"""The height of what has no room across."""

Role = Literal["ink", "quiet", "accent", "good", "alert", "on_fill"]
"""A colour of the theme to write in."""


class Element(Protocol):
    """What a screen is put together from."""

    @property
    def grows(self) -> float:
        """Its share of the height that is left over."""

    def measure(self, canvas: Canvas, width: float) -> float:
        """The height that it needs at a width, in pixels; TOO_WIDE where that is too narrow."""

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Draw it; what is lower than its box stands in its middle, or as it says."""


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


def _measure(canvas: Canvas, element: Element, width: float) -> float:
    """An element's height, found once: what holds it asks for it again and again."""
    key = element, width, canvas.setting
    if (height := canvas.heights.get(key)) is None:
        height = canvas.heights[key] = element.measure(canvas, width)
    return height


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


class Spare:
    """What is left out where only the most needful can be said."""

    def __init__(self, child: Element) -> None:
        self.child, self.grows = child, child.grows

    def measure(self, canvas: Canvas, width: float) -> float:
        """As the child."""
        return self.child.measure(canvas, width)

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """As the child."""
        self.child.draw(canvas, box, paper)


def _is_said(canvas: Canvas, element: Element) -> bool:
    return not (canvas.setting.brief and isinstance(element, Spare))


class Column:
    """Elements above each other."""

    def __init__(
        self, *children: Element, gap: float = 0.6, grows: float = 0, top: bool = False
    ) -> None:
        """`gap` in units of the canvas; `top`: what height is left over stays below."""
        self.children, self.gap, self.grows, self.top = children, gap, grows, top

    def measure(self, canvas: Canvas, width: float) -> float:
        """All heights, and the gaps."""
        children = self._said(canvas)
        gaps = self.gap * canvas.unit * (len(children) - 1)
        return gaps + sum(_measure(canvas, child, width) for child in children)

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Draw them; what height is left over goes to those that grow, or above and below."""
        children = self._said(canvas)
        heights = [_measure(canvas, child, box.width) for child in children]
        gap = self.gap * canvas.unit
        spare = max(box.height - sum(heights) - gap * (len(heights) - 1), 0)
        shares = sum(child.grows for child in children)
        if self.top:
            spare = 0
        if not shares and len(children) > 1:
            # Some air between them, too.
            air = min(spare / (len(children) + 1), 0.8 * gap)
            gap, spare = gap + air, spare - air * (len(children) - 1)
        y = box.y if shares else box.y + spare / 2
        for child, height in zip(children, heights, strict=True):
            if shares:
                height += spare * child.grows / shares
            child.draw(canvas, Box(box.x, y, box.width, height), paper)
            y += height + gap

    def _said(self, canvas: Canvas) -> list[Element]:
        return [child for child in self.children if _is_said(canvas, child)]


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


class Row:
    """Elements beside each other: each with its width in units, or None for an equal share."""

    def __init__(
        self, *cells: tuple[Element, float | None], gap: float = 0.8, grows: float = 0
    ) -> None:
        """`gap` in units of the canvas."""
        self.cells, self.gap, self.grows = cells, gap, grows

    def measure(self, canvas: Canvas, width: float) -> float:
        """The highest one's height."""
        return max(_measure(canvas, child, wide) for child, wide in self._said(canvas, width))

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Draw each at the row's full height."""
        x = box.x
        for child, wide in self._said(canvas, box.width):
            child.draw(canvas, Box(x, box.y, wide, box.height), paper)
            x += wide + self.gap * canvas.unit

    def _said(self, canvas: Canvas, width: float) -> list[tuple[Element, float]]:
        """The elements that are drawn, and their widths in pixels."""
        cells = [(child, wide) for child, wide in self.cells if _is_said(canvas, child)]
        taken = sum(wide for _, wide in cells if wide is not None)
        spare = width - canvas.unit * (taken + self.gap * (len(cells) - 1))
        sharing = sum(wide is None for _, wide in cells)
        return [
            (child, spare / sharing if wide is None else wide * canvas.unit)
            for child, wide in cells
        ]


class Card:
    """An element on a ground of its own."""

    def __init__(
        self,
        child: Element,
        *,
        ground: Literal["card", "tint"] = "card",
        padding: float = 0.6,
        grows: float = 0,
    ) -> None:
        """`padding` in units of the canvas."""
        self.child, self.ground, self.padding, self.grows = child, ground, padding, grows

    def measure(self, canvas: Canvas, width: float) -> float:
        """The child's height, and the padding."""
        padding = self.padding * canvas.unit
        return _measure(canvas, self.child, width - 2 * padding) + 2 * padding

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Fill the box; the child stands on it."""
        ground: Colour = getattr(canvas.theme, self.ground)
        canvas.panel(box, ground, border=canvas.theme.line)
        self.child.draw(canvas, box.inset(self.padding * canvas.unit), ground)


class Turns:
    """Elements that take turns at one place, which is as high as the highest needs."""

    def __init__(self, *children: Element, turn: int) -> None:
        self.children, self.turn, self.grows = children, turn, 0.0

    def measure(self, canvas: Canvas, width: float) -> float:
        """The highest one's height: nothing moves as they change."""
        return max(_measure(canvas, child, width) for child in self.children)

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Draw the one whose turn it is."""
        self.children[self.turn].draw(canvas, box, paper)


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


class Drawing:
    """Anything that is drawn into a box of a least height."""

    def __init__(
        self, draw: Callable[[Canvas, Box, Colour], None], least: float, grows: float = 1
    ) -> None:
        """`least` in units of the canvas."""
        self._draw, self.least, self.grows = draw, least, grows

    def measure(self, canvas: Canvas, width: float) -> float:
        """Its least height."""
        return self.least * canvas.unit

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Draw it."""
        self._draw(canvas, box, paper)


def measure_words(canvas: Canvas, text: str, weight: Weight = "regular") -> float:
    """The width of a phrase's text at the least size."""
    return measure_phrase(text, canvas.em(text, TEXT_ARC, weight), weight)
