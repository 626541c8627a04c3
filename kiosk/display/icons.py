"""Icons: drawn with a pen on a square of 100 × 100 units, in any size and colour.

To add an icon: a function here, under the name the screens call it by.
"""

import math
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw

from kiosk.display.theme import Colour

STROKE = 7.0
"""The width of a line, in units."""

SUPERSAMPLING = 4
"""Icons are drawn larger by this, and reduced, so that their edges are smooth."""

Xy = tuple[float, float]
Draw = Callable[["Pen"], None]


class Pen:
    """Draws in two colours: `ink`, and `paper` where the ink is taken away again."""

    def __init__(self, image: Image.Image, ink: Colour, paper: Colour) -> None:
        self._draw = ImageDraw.Draw(image)
        self._unit = image.width / 100
        self._ink, self._paper = ink, paper

    def line(self, *points: Xy, width: float = STROKE, paper: bool = False) -> None:
        """Draw a line with round ends and corners."""
        colour = self._colour(paper)
        self._draw.line(self._at(points), fill=colour, width=round(width * self._unit))
        for x, y in points:
            self._disc(x, y, width / 2, colour)

    def polygon(self, *points: Xy, paper: bool = False) -> None:
        """Fill a polygon."""
        self._draw.polygon(self._at(points), fill=self._colour(paper))

    def disc(self, x: float, y: float, radius: float, *, paper: bool = False) -> None:
        """Fill a circle."""
        self._disc(x, y, radius, self._colour(paper))

    def ring(self, x: float, y: float, radius: float, width: float = STROKE) -> None:
        """Draw a circle, `radius` to the middle of its line."""
        self.arc(x, y, radius, radius, 0, 360, width)

    def arc(
        self,
        x: float,
        y: float,
        across: float,
        down: float,
        start: float,
        end: float,
        width: float = STROKE,
    ) -> None:
        """Draw a part of an ellipse with these half axes; degrees run clockwise from the right."""
        count = max(round(abs(end - start) / 4), 2)
        turns = [math.radians(start + (end - start) * n / count) for n in range(count + 1)]
        points = [(x + across * math.cos(t), y + down * math.sin(t)) for t in turns]
        self.line(*points, width=width)

    def frame(
        self,
        box: tuple[float, float, float, float],
        radius: float = 8,
        width: float | None = STROKE,
        *,
        paper: bool = False,
    ) -> None:
        """Draw a rectangle (left, top, right, bottom) with round corners; no width fills it."""
        scaled = [value * self._unit for value in box]
        colour = self._colour(paper)
        if width is None:
            self._draw.rounded_rectangle(scaled, radius * self._unit, fill=colour)
        else:
            line = round(width * self._unit)
            self._draw.rounded_rectangle(scaled, radius * self._unit, outline=colour, width=line)

    def _disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        u = self._unit
        box = [(x - radius) * u, (y - radius) * u, (x + radius) * u, (y + radius) * u]
        self._draw.ellipse(box, fill=colour)

    def _at(self, points: tuple[Xy, ...]) -> list[Xy]:
        return [(x * self._unit, y * self._unit) for x, y in points]

    def _colour(self, paper: bool) -> Colour:
        return self._paper if paper else self._ink


@lru_cache(maxsize=128)
def icon_image(name: str, size: int, ink: Colour, paper: Colour) -> Image.Image:
    """Draw an icon, `size` pixels square, on nothing (mode "RGBA")."""
    image = Image.new("RGBA", (size * SUPERSAMPLING, size * SUPERSAMPLING), (*ink, 0))
    ICONS[name](Pen(image, ink, paper))
    return image.reduce(SUPERSAMPLING)


# ---- signs ----


def _check(pen: Pen) -> None:
    pen.line((20, 53), (42, 74), (81, 28), width=11)


def _cross(pen: Pen) -> None:
    pen.line((26, 26), (74, 74), width=11)
    pen.line((74, 26), (26, 74), width=11)


def _retake(pen: Pen) -> None:
    pen.arc(50, 52, 32, 32, -230, 50, 9)
    pen.polygon((8, 64), (40, 70), (20, 92))


def _mend(pen: Pen) -> None:
    """A mark of exclamation on a triangle."""
    corners = ((50, 16), (90, 86), (10, 86))
    pen.polygon(*corners)
    pen.line(*corners, corners[0], width=14)
    pen.line((50, 38), (50, 60), width=10, paper=True)
    pen.disc(50, 76, 5.8, paper=True)


def _arrow_left(pen: Pen) -> None:
    pen.line((88, 50), (16, 50), width=14)
    pen.line((46, 18), (14, 50), (46, 82), width=14)


def _onward(pen: Pen) -> None:
    pen.line((12, 50), (84, 50), width=14)
    pen.line((54, 18), (86, 50), (54, 82), width=14)


def _info(pen: Pen) -> None:
    pen.ring(50, 50, 40)
    pen.disc(50, 30, 5.5)
    pen.line((50, 47), (50, 71), width=9)


def _clock(pen: Pen) -> None:
    pen.ring(50, 50, 40)
    pen.line((50, 26), (50, 52), (67, 62))


# ---- people ----


def _bust(pen: Pen, x: float, y: float, size: float) -> None:
    """Fill a head and shoulders about a middle."""
    pen.disc(x, y - 22 * size, 20 * size)
    left, right, top, foot = x - 36 * size, x + 36 * size, y + 4 * size, y + 40 * size
    pen.frame((left, top, right, foot + 20 * size), 30 * size, None)
    pen.frame((left - 2, foot, right + 2, foot + 22 * size), 0, None, paper=True)


def _person(pen: Pen) -> None:
    _bust(pen, 50, 52, 1.05)


def _people(pen: Pen) -> None:
    _bust(pen, 29, 46, 0.6)
    _bust(pen, 71, 46, 0.6)
    pen.disc(50, 46, 17, paper=True)
    pen.frame((21, 60, 79, 100), 26, None, paper=True)
    _bust(pen, 50, 62, 0.72)


def _no_face(pen: Pen) -> None:
    """A face's corners measured, its features left out: no recognition."""
    pen.ring(50, 50, 24)
    for x, y in ((12, 12), (88, 12), (12, 88), (88, 88)):
        pen.line((x + (18 if x < 50 else -18), y), (x, y), (x, y + (18 if y < 50 else -18)))
    pen.line((22, 78), (78, 22), width=17, paper=True)
    pen.line((22, 78), (78, 22), width=8)


# ---- what to wear ----


def _shirt(pen: Pen) -> None:
    pen.line((34, 18), (12, 30), (6, 58), (22, 62), (22, 88), (78, 88), (78, 62), (94, 58))
    pen.line((94, 58), (88, 30), (66, 18))
    pen.line((34, 18), (38, 40), (50, 28), (62, 40), (66, 18), (34, 18))
    pen.line((50, 28), (50, 86), width=5)
    for y in (50, 68):
        pen.disc(58, y, 3)


def _no_hat(pen: Pen) -> None:
    pen.disc(44, 54, 32)
    pen.frame((8, 56, 80, 90), 0, None, paper=True)
    pen.line((14, 58), (92, 60), width=9)
    pen.line((22, 86), (80, 18), width=18, paper=True)
    pen.line((22, 86), (80, 18), width=8)


def _hair(pen: Pen) -> None:
    """A face with its ears and brows free."""
    pen.arc(50, 52, 28, 36, 0, 360)
    pen.arc(21, 54, 7, 11, 70, 290, 6)
    pen.arc(79, 54, 7, 11, -110, 110, 6)
    pen.polygon((22, 44), (24, 26), (38, 12), (62, 12), (76, 26), (78, 44), (66, 30), (34, 30))
    pen.line((33, 46), (43, 44), width=5)
    pen.line((57, 44), (67, 46), width=5)
    pen.disc(39, 55, 3.6)
    pen.disc(61, 55, 3.6)
    pen.arc(50, 70, 9, 4, 20, 160, 4)


def _glasses(pen: Pen) -> None:
    pen.ring(27, 54, 19)
    pen.ring(73, 54, 19)
    pen.arc(50, 54, 6, 6, 180, 360)
    pen.line((8, 50), (4, 36))
    pen.line((92, 50), (96, 36))
    pen.line((20, 56), (30, 45), width=4)
    pen.line((66, 56), (76, 45), width=4)


# ---- things ----


def _phone(pen: Pen) -> None:
    """A telephone's receiver."""
    pen.arc(80, 20, 62, 62, 106, 164, 13)
    pen.line((21, 26), (21, 39), width=22)
    pen.line((62, 80), (74, 80), width=22)


def _camera(pen: Pen) -> None:
    pen.line((34, 28), (40, 18), (60, 18), (66, 28))
    pen.frame((8, 28, 92, 84), 10)
    pen.ring(50, 56, 17)


def _lens(pen: Pen) -> None:
    pen.ring(50, 50, 44, 5)
    pen.ring(50, 50, 33, 4)
    pen.disc(50, 50, 25)
    pen.disc(58, 41, 6.5, paper=True)
    pen.disc(43, 60, 3, paper=True)


def _lamp(pen: Pen) -> None:
    pen.arc(50, 42, 24, 24, 125, 415)
    pen.line((40, 66), (40, 74), (60, 74), (60, 66))
    pen.line((43, 86), (57, 86))
    for turn in (180, 225, 270, 315, 0):
        x, y = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        pen.line((50 + 35 * x, 42 + 35 * y), (50 + 40 * x, 42 + 40 * y), width=6)


def _reader(pen: Pen) -> None:
    for x, y in ((10, 14), (90, 14), (10, 86), (90, 86)):
        pen.line((x + (18 if x < 50 else -18), y), (x, y), (x, y + (18 if y < 50 else -18)))
    for n, x in enumerate((28, 38, 50, 60, 72)):
        pen.line((x, 30), (x, 70), width=7 if n % 2 else 4)
    pen.line((16, 50), (84, 50), width=5)


def _disk(pen: Pen) -> None:
    pen.arc(50, 22, 34, 12, 0, 360)
    pen.line((16, 22), (16, 78))
    pen.line((84, 22), (84, 78))
    pen.arc(50, 50, 34, 12, 0, 180)
    pen.arc(50, 78, 34, 12, 0, 180)


def _chip(pen: Pen) -> None:
    pen.frame((24, 24, 76, 76), 8)
    pen.frame((40, 40, 60, 60), 3, None)
    for n in (36, 50, 64):
        for line in (((n, 8), (n, 22)), ((n, 78), (n, 92)), ((8, n), (22, n)), ((78, n), (92, n))):
            pen.line(*line, width=6)


def _shield(pen: Pen) -> None:
    pen.line((50, 8), (84, 20), (84, 50), (70, 78), (50, 92), (30, 78), (16, 50), (16, 20), (50, 8))
    pen.line((34, 50), (46, 62), (67, 36), width=9)


def _lock(pen: Pen) -> None:
    pen.frame((18, 44, 82, 90), 10)
    pen.line((32, 44), (32, 30))
    pen.line((68, 30), (68, 44))
    pen.arc(50, 30, 18, 20, 180, 360)
    pen.disc(50, 62, 6)
    pen.line((50, 64), (50, 74))


def _school(pen: Pen) -> None:
    pen.polygon((50, 8), (94, 34), (6, 34))
    for x in (20, 40, 60, 80):
        pen.line((x, 44), (x, 74), width=8)
    pen.line((10, 88), (90, 88), width=9)


def _card(pen: Pen) -> None:
    pen.frame((6, 20, 94, 80), 9)
    pen.disc(30, 43, 9)
    pen.arc(30, 68, 15, 12, 195, 345)
    for y, right in ((40, 80), (52, 80), (64, 70)):
        pen.line((56, y), (right, y), width=5)


def _degree(pen: Pen) -> None:
    """A graduate's cap."""
    pen.polygon((50, 18), (98, 40), (50, 62), (2, 40))
    pen.line((24, 54), (24, 72), width=7)
    pen.line((76, 54), (76, 72), width=7)
    pen.arc(50, 72, 26, 12, 0, 180, 7)
    pen.line((91, 44), (91, 74), width=5)
    pen.disc(91, 77, 5.5)


def _picture(pen: Pen) -> None:
    pen.frame((14, 6, 86, 94), 9)
    _bust(pen, 50, 54, 0.74)


def _bag(pen: Pen) -> None:
    pen.frame((34, 14, 66, 44), 8)
    pen.frame((8, 30, 92, 88), 10, None)
    pen.line((8, 58), (92, 58), width=5, paper=True)
    pen.frame((42, 51, 58, 66), 3, None, paper=True)


def _mobile(pen: Pen) -> None:
    """A telephone that shows a code."""
    pen.frame((24, 4, 76, 96), 11)
    pen.line((44, 17), (56, 17), width=5)
    for x, y in ((35, 33), (52, 33), (35, 50)):
        pen.frame((x, y, x + 13, y + 13), 2, None)
    for x, y in ((56, 55), (62, 61), (56, 67), (42, 71)):
        pen.disc(x, y, 3.2)


def _no_make_up(pen: Pen) -> None:
    """Lips, crossed out."""
    pen.polygon((8, 50), (34, 32), (50, 38), (66, 32), (92, 50), (68, 72), (32, 72))
    pen.line((16, 51), (38, 49), (50, 52), (62, 49), (84, 51), width=5, paper=True)
    pen.line((18, 86), (82, 16), width=18, paper=True)
    pen.line((18, 86), (82, 16), width=8)


def _no_stripes(pen: Pen) -> None:
    """A striped top, crossed out."""
    _shirt(pen)
    for x in (31, 41, 59, 69):
        pen.line((x, 50), (x, 84), width=5)
    pen.line((16, 92), (86, 12), width=18, paper=True)
    pen.line((16, 92), (86, 12), width=8)


def _contrast(pen: Pen) -> None:
    """A disc, half of it filled."""
    pen.disc(50, 50, 40)
    pen.disc(50, 50, 32, paper=True)
    pen.polygon(*((50 - 34 * math.sin(t), 50 - 34 * math.cos(t)) for t in _HALF_TURN))


_HALF_TURN = [math.pi * n / 24 for n in range(25)]


def _larger(pen: Pen) -> None:
    """A small letter beside a large one."""
    for x, top, wide, line in ((20, 52, 15, 7), (67, 14, 29, 10)):
        pen.line((x - wide, 86), (x, top), (x + wide, 86), width=line)
        y = top + 0.66 * (86 - top)
        pen.line((x - 0.6 * wide, y), (x + 0.6 * wide, y), width=0.8 * line)


ICONS: dict[str, Draw] = {
    "arrow_left": _arrow_left,
    "bag": _bag,
    "camera": _camera,
    "card": _card,
    "check": _check,
    "chip": _chip,
    "clock": _clock,
    "cross": _cross,
    "degree": _degree,
    "contrast": _contrast,
    "disk": _disk,
    "glasses": _glasses,
    "hair": _hair,
    "info": _info,
    "lamp": _lamp,
    "larger": _larger,
    "lens": _lens,
    "lock": _lock,
    "mend": _mend,
    "mobile": _mobile,
    "no_face": _no_face,
    "no_hat": _no_hat,
    "no_make_up": _no_make_up,
    "no_stripes": _no_stripes,
    "onward": _onward,
    "people": _people,
    "person": _person,
    "phone": _phone,
    "picture": _picture,
    "reader": _reader,
    "retake": _retake,
    "school": _school,
    "shield": _shield,
    "shirt": _shirt,
}
