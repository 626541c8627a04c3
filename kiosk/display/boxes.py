"""Boxes above and beside each other, which measure themselves before they draw."""

from collections.abc import Callable
from typing import Literal, Protocol

from kiosk.display.canvas import Box, Canvas
from kiosk.display.theme import Colour

TOO_WIDE = float("inf")
"""The height of what has no room across."""


class Element(Protocol):
    """What a screen is put together from."""

    @property
    def grows(self) -> float:
        """Its share of the height that is left over."""

    def measure(self, canvas: Canvas, width: float) -> float:
        """The height that it needs at a width, in pixels; TOO_WIDE where that is too narrow."""

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Draw it; what is lower than its box stands in its middle, or as it says."""


def _measure(canvas: Canvas, element: Element, width: float) -> float:
    """An element's height, found once: what holds it asks for it again and again."""
    key = element, width, canvas.setting
    if (height := canvas.heights.get(key)) is None:
        height = canvas.heights[key] = element.measure(canvas, width)
    return height


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
