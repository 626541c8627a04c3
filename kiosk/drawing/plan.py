"""Where everything stands, to scale: from the side for three people, and from above."""

import math
from dataclasses import dataclass
from itertools import pairwise

from kiosk.building.arrangement import (
    BACKDROP,
    BACKDROP_HEIGHTS,
    KEY_LAMP,
    KEY_LAMP_ANGLE,
    KEYS,
    LEDGE,
    READER,
    WITH_LEDGE,
    frame_edges,
)
from kiosk.building.lens import HQ_10
from kiosk.building.people import SMALL, STANDS, WHEELCHAIR_LOW, Person
from kiosk.config import Config
from kiosk.display.monitor import MM_PER_INCH
from kiosk.drawing.svg import FAINT, PAPER, Drawing, Point

SCALE, ABOVE_SCALE = 168.0, 215.0
"""Pixels a metre: from the side, from above."""

FLOOR = 540.0
LEFT = 60.0
VIEW = 470.0
"""From one side view to the next."""

SKIN, BODY, AMBER, BLUE, DARK = "#d7dde5", "#b9c4d0", "#ffd27a", "#64c5ff", "#3b4450"

LEGEND = (
    (f"backdrop, 2 m wide, from {BACKDROP_HEIGHTS[0]:g} to {BACKDROP_HEIGHTS[1]:g} m", "背景布"),
    ("backdrop lamp, low, shielded to the front", "背景灯"),
    ("stool, 0.34 to 0.54 m, taken away for a wheelchair", "升降凳"),
    ("four keys, then the code reader, window up, in the ledge", "四个按键与扫码器"),
    ("ledge 0.30 × 0.40 m, 0.80 m high, on a post", "操作台"),
    ("lens, as high as the eyes: 1.05 to 1.87 m", "镜头"),
    ("screen, its upper edge ≤ 5 cm below the lens", "显示屏"),
    ("fill lamp, ≤ 30 cm above the lens", "辅光灯"),
    ("key lamps at 45°, as high as the shoulders", "主灯"),
    ("clear floor for a wheelchair, 0.9 × 1.4 m", "轮椅空间"),
    ("computer; it moves with 6, 7 and 8", "主机，与 6、7、8 一同升降"),
)


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


def draw_plan(config: Config) -> Drawing:
    """Draw where everything stands, with the configured screen."""
    drawing = Drawing(1470)
    drawing.label(LEFT, 44, "Where things stand · 布置图", size=24, bold=True)
    drawing.label(
        LEFT, 70, "To scale, in metres. Numbers: see the list below.", size=14, ink="#5f6670"
    )
    screen = _screen(config)
    for at, (person, title) in enumerate(
        (
            (SMALL, "seated · 坐姿"),
            (WHEELCHAIR_LOW, "wheelchair · 轮椅"),
            (STANDS, "standing, 1.95 m tall · 站姿"),
        )
    ):
        view = View(LEFT + 12 + at * VIEW, FLOOR, SCALE)
        drawing.label(view.left, 100, title, size=15, bold=True)
        _draw_side(drawing, view, person, screen)
    drawing.label(LEFT, FLOOR + 84, "from above · 俯视", size=15, bold=True)
    _draw_above(drawing, View(LEFT + 12, FLOOR + 390, ABOVE_SCALE), screen)
    _draw_legend(drawing, 800, FLOOR + 84)
    return drawing


def _screen(config: Config) -> tuple[float, float]:
    """Width and height of the configured screen."""
    display = config.display
    across, up = display.size
    scale = display.diagonal * MM_PER_INCH / 1000 / math.hypot(across, up)
    return across * scale, up * scale


# ---- from the side ----


def _draw_side(drawing: Drawing, view: View, person: Person, screen: tuple[float, float]) -> None:
    eyes, lens = person.eyes, WITH_LEDGE.lens
    at = view.at
    drawing.path([at(-1.05, 0), at(1.6, 0)], ink=DARK, thick=2)
    low, high = BACKDROP_HEIGHTS
    drawing.path([at(BACKDROP, low), at(BACKDROP, high)], ink=BLUE, thick=6)
    drawing.path([at(BACKDROP, 0), at(BACKDROP, low)], ink=FAINT)
    _box(drawing, view, -0.68, 0.2, -0.58, 0.3, fill=AMBER)
    # What the camera sees, and where they look.
    lower, upper = frame_edges(eyes, BACKDROP, HQ_10.field(lens)[1])
    cone = [at(lens, eyes), at(BACKDROP, upper), at(BACKDROP, lower)]
    drawing.path(cone, ink="#cfe6f7", fill="#f1f8fd", thick=1, closed=True)
    if person.seat is not None and not person.wheels:
        drawing.path([at(-0.08, 0.02), at(-0.08, person.seat)], ink=DARK, thick=6)
        _box(drawing, view, -0.25, person.seat - 0.05, 0.10, person.seat, fill=DARK)
        drawing.path([at(-0.28, 0.01), at(0.12, 0.01)], ink=DARK, thick=4)
    _draw_person(drawing, view, person)
    drawing.path([at(0, eyes), at(lens, eyes)], ink="#1565c0", thick=1.2, dashes="6 4")
    # The ledge on its post, and the column.
    _box(drawing, view, LEDGE.front, LEDGE.underside, LEDGE.back, LEDGE.top, fill="#9aa5b1")
    _box(drawing, view, LEDGE.back, LEDGE.underside, LEDGE.post, LEDGE.underside + 0.05,
         fill="#9aa5b1")  # fmt: skip
    _box(drawing, view, LEDGE.post, 0.0, LEDGE.post + 0.08, LEDGE.underside + 0.05, fill="#9aa5b1")
    _box(
        drawing, view, KEYS[0] - 0.03, LEDGE.top, KEYS[0] + 0.03, LEDGE.top + 0.015, fill="#2e7d32"
    )
    _box(drawing, view, READER[0] - 0.05, LEDGE.top - 0.02, READER[0] + 0.05, LEDGE.top + 0.03,
         fill="#c62828")  # fmt: skip
    _box(drawing, view, lens + 0.06, 0.0, lens + 0.14, 2.05, fill="#e3e7eb")
    top = eyes - WITH_LEDGE.below_lens
    _box(drawing, view, lens, top - screen[1], lens + 0.05, top, fill=DARK)
    _box(drawing, view, lens, eyes - 0.03, lens + 0.07, eyes + 0.03, fill=DARK)
    _box(drawing, view, lens, eyes + 0.1, lens + 0.04, eyes + 0.3, fill=AMBER)
    _box(drawing, view, lens + 0.15, eyes - 0.3, lens + 0.21, eyes - 0.12, fill="#2e7d32")
    # A key lamp stands aside, nearer than the column.
    aside = _lamp_height(person)
    x = KEY_LAMP * math.cos(math.radians(KEY_LAMP_ANGLE))
    corners = [(x, aside - 0.3), (x + 0.05, aside - 0.3), (x + 0.05, aside + 0.3), (x, aside + 0.3)]
    drawing.path([at(*corner) for corner in corners], ink="#b45f06", dashes="4 3", closed=True,
                 thick=1.2)  # fmt: skip
    _draw_numbers(drawing, view, person)
    drawing.dimension(at(BACKDROP, -0.12), at(0, -0.12), "1.00")
    drawing.dimension(at(0, -0.12), at(lens, -0.12), f"{lens:.2f}")
    drawing.path([at(0, 0), at(0, -0.16)], ink=FAINT, thick=1)
    drawing.path([at(lens, 0), at(lens, -0.16)], ink=FAINT, thick=1)
    drawing.dimension(at(1.52, 0), at(1.52, eyes), f"{eyes:.2f}")
    drawing.dimension(at(0.74, 0), at(0.74, LEDGE.underside), f"{LEDGE.underside:.2f}", above=False)
    drawing.dimension(at(LEDGE.front, -0.30), at(LEDGE.post, -0.30),
                      f"{LEDGE.post - LEDGE.front:.2f}", above=False)  # fmt: skip
    drawing.dimension(at(0, -0.30), at(LEDGE.front, -0.30), f"{LEDGE.front:.2f}", above=False)


def _lamp_height(person: Person) -> float:
    """Of a key lamp's middle: as high as the shoulders (M)."""
    return round(person.shoulder[1], 2)


def _draw_person(drawing: Drawing, view: View, person: Person) -> None:
    at, eyes = view.at, person.eyes
    shoulder = person.shoulder
    if person.wheels:
        for x, radius, thick in ((-0.22, 0.30, 3), (0.34, 0.09, 3)):
            _ring(drawing, view, x, radius, radius, thick)
        drawing.path([at(-0.27, 0.95), at(-0.24, 0.46), at(0.3, 0.46), at(0.42, 0.12),
                      at(0.62, 0.12)], ink=DARK, thick=4)  # fmt: skip
    neck, hip_x = (-0.08, eyes - 0.1), -0.09
    hip_z = (person.seat if person.seat is not None else 0.50 * eyes) + 0.09
    _limb(drawing, view, [(hip_x, hip_z), shoulder], 0.21)
    _limb(drawing, view, [shoulder, neck], 0.10)
    if person.seat is not None:
        knee = (person.knees - 0.06, person.lap - 0.08 if person.wheels else person.seat + 0.06)
        heel = (person.toes - 0.2, 0.16 if person.wheels else 0.05)
        _limb(drawing, view, [(hip_x, hip_z), knee, heel], 0.13)
        _limb(drawing, view, [heel, (person.toes - 0.04, heel[1] - 0.02)], 0.07)
    else:
        _limb(drawing, view, [(hip_x, hip_z), (-0.05, 0.5), (-0.09, 0.06)], 0.15)
        _limb(drawing, view, [(-0.09, 0.04), (0.1, 0.03)], 0.07)
    x, z = at(-0.085, eyes + 0.02)
    drawing.circle(x, z, 0.115 * view.scale, ink=BODY, fill=SKIN)
    nose = [at(0.015, eyes + 0.01), at(0.045, eyes - 0.05), at(0.015, eyes - 0.06)]
    drawing.path(nose, ink=BODY, fill=SKIN, closed=True, thick=1)
    ex, ez = at(0.0, eyes)
    drawing.circle(ex, ez, 2.2, ink=DARK, fill=DARK)
    _limb(drawing, view, _arm(person, (KEYS[0], LEDGE.top + 0.02)), 0.07, ink="#95a3b3")


def _arm(person: Person, hand: Point) -> list[Point]:
    """From the shoulder over the elbow to the hand, or as far towards it as they reach."""
    start = person.shoulder
    half = person.reach / 2
    far = math.dist(start, hand)
    if far >= person.reach:
        part = person.reach / far
        hand = (start[0] + (hand[0] - start[0]) * part, start[1] + (hand[1] - start[1]) * part)
        return [start, hand]
    middle = ((start[0] + hand[0]) / 2, (start[1] + hand[1]) / 2)
    off = math.sqrt(half**2 - (far / 2) ** 2)
    along = ((hand[0] - start[0]) / far, (hand[1] - start[1]) / far)
    return [start, (middle[0] + along[1] * off, middle[1] - along[0] * off), hand]


def _draw_numbers(drawing: Drawing, view: View, person: Person) -> None:
    eyes, lens = person.eyes, WITH_LEDGE.lens
    places: list[tuple[int, Point, Point]] = [
        (1, (BACKDROP, 0.62), (-0.86, 0.62)),
        (2, (-0.63, 0.3), (-0.63, 0.44)),
        (4, (KEYS[0] + 0.06, LEDGE.top + 0.03), (0.56, 1.0)),
        (5, (LEDGE.post + 0.04, 0.4), (1.06, 0.4)),
        (6, (lens, eyes), (lens - 0.18, eyes + 0.11)),
        (7, (lens, eyes - 0.25), (lens - 0.16, eyes - 0.25)),
        (11, (lens + 0.18, eyes - 0.3), (lens + 0.18, eyes - 0.43)),
        (8, (lens + 0.02, eyes + 0.3), (lens - 0.1, eyes + 0.33)),
        (9, (1.08, _lamp_height(person) + 0.3), (0.94, _lamp_height(person) + 0.5)),
    ]
    if person.seat is not None and not person.wheels:
        places.append((3, (-0.08, 0.3), (-0.25, 0.3)))
    for number, thing, place in places:
        drawing.path([view.at(*thing), view.at(*place)], ink=FAINT, thick=1)
        _balloon(drawing, *view.at(*place), number)


def _balloon(drawing: Drawing, x: float, y: float, number: int) -> None:
    drawing.circle(x, y, 10, ink=DARK, fill=PAPER)
    drawing.label(x, y + 4, str(number), size=12, anchor="middle", bold=True)


def _box(
    drawing: Drawing, view: View, x0: float, z0: float, x1: float, z1: float, *, fill: str
) -> None:
    left, top = view.at(x0, z1)
    right, bottom = view.at(x1, z0)
    drawing.box(left, top, right - left, bottom - top, fill=fill, ink=DARK, round_=1)


def _limb(drawing: Drawing, view: View, points: list[Point], width: float, ink: str = BODY) -> None:
    for start, end in pairwise(points):
        drawing.path([view.at(*start), view.at(*end)], ink=ink, thick=width * view.scale)


def _ring(drawing: Drawing, view: View, x: float, z: float, radius: float, thick: float) -> None:
    points = [
        view.at(
            x + radius * math.cos(turn * math.pi / 16), z + radius * math.sin(turn * math.pi / 16)
        )
        for turn in range(32)
    ]
    drawing.path(points, ink=DARK, thick=thick, closed=True)


# ---- from above ----


def _draw_above(drawing: Drawing, view: View, screen: tuple[float, float]) -> None:
    at, lens = view.at, WITH_LEDGE.lens
    drawing.path([at(BACKDROP, -1), at(BACKDROP, 1)], ink=BLUE, thick=6)
    half = HQ_10.field(lens - BACKDROP)[0] / 2
    drawing.path([at(lens, 0), at(BACKDROP, half), at(BACKDROP, -half)], ink="#cfe6f7",
                 fill="#f1f8fd", thick=1, closed=True)  # fmt: skip
    _box(drawing, view, -0.68, -0.5, -0.58, 0.5, fill=AMBER)
    floor = [(-0.55, -0.45), (0.85, -0.45), (0.85, 0.45), (-0.55, 0.45)]
    drawing.path([at(*corner) for corner in floor], ink=FAINT, dashes="7 5", closed=True)
    x, y = at(-0.08, 0)
    drawing.circle(x, y, 0.17 * view.scale, ink=DARK, fill="#eef0f3")
    shoulders = [
        at(-0.1 + 0.10 * math.cos(turn * math.pi / 16), 0.22 * math.sin(turn * math.pi / 16))
        for turn in range(32)
    ]
    drawing.path(shoulders, ink=BODY, fill=BODY, closed=True)
    drawing.circle(x, y, 0.095 * view.scale, ink=DARK, fill=SKIN)
    wide = LEDGE.width / 2
    _box(drawing, view, LEDGE.front, -wide, LEDGE.back, wide, fill="#9aa5b1")
    _box(drawing, view, LEDGE.back, -0.04, LEDGE.post + 0.08, 0.04, fill="#9aa5b1")
    for key in range(4):
        across = 0.135 - 0.09 * key
        _box(drawing, view, KEYS[0] - 0.025, across - 0.025, KEYS[0] + 0.025, across + 0.025,
             fill="#2e7d32")  # fmt: skip
    _box(drawing, view, READER[0] - 0.05, -0.05, READER[0] + 0.05, 0.05, fill="#c62828")
    _box(drawing, view, lens + 0.06, -0.12, lens + 0.14, 0.12, fill="#e3e7eb")
    _box(drawing, view, lens, -screen[0] / 2, lens + 0.05, screen[0] / 2, fill=DARK)
    for side in (-1, 1):
        _draw_key_lamp(drawing, view, side)
    for number, thing, place in (
        (1, (BACKDROP, -0.8), (-0.84, -0.8)), (2, (-0.6, 0.42), (-0.46, 0.62)),
        (4, (KEYS[0], 0.14), (0.34, 0.36)), (5, (0.58, -0.18), (0.70, -0.30)),
        (7, (lens, -0.08), (lens - 0.16, -0.22)), (10, (-0.3, -0.45), (-0.3, -0.6)),
        (3, (-0.2, -0.1), (-0.34, -0.3)),
        (9, (1.02, 1.1), (0.8, 1.12)),
    ):  # fmt: skip
        drawing.path([at(*thing), at(*place)], ink=FAINT, thick=1)
        _balloon(drawing, *at(*place), number)
    x, y = at(0.44, 0.62)
    drawing.label(x, y, "45°", size=13)
    drawing.dimension(at(BACKDROP - 0.12, -1), at(BACKDROP - 0.12, 1), "2.00", above=False)


def _draw_key_lamp(drawing: Drawing, view: View, side: int) -> None:
    turn = math.radians(KEY_LAMP_ANGLE)
    centre = (KEY_LAMP * math.cos(turn), side * KEY_LAMP * math.sin(turn))
    drawing.path([view.at(0, 0), view.at(*centre)], ink="#b45f06", thick=1, dashes="6 4")
    across = (-math.sin(turn), side * math.cos(turn))
    away = (math.cos(turn), side * math.sin(turn))
    corners = [
        (
            centre[0] + half * across[0] + deep * away[0],
            centre[1] + half * across[1] + deep * away[1],
        )
        for half, deep in ((-0.2, 0), (0.2, 0), (0.2, 0.05), (-0.2, 0.05))
    ]
    drawing.path([view.at(*corner) for corner in corners], ink=DARK, fill=AMBER, closed=True)
    if side < 0:
        x, y = view.at(centre[0] / 2 + 0.05, centre[1] / 2)
        drawing.label(x + 8, y - 4, f"{KEY_LAMP:.2f}", size=12)


def _draw_legend(drawing: Drawing, x: float, y: float) -> None:
    for at, (what, chinese) in enumerate(LEGEND):
        line = y + 34 * at
        _balloon(drawing, x, line - 4, at + 1)
        drawing.label(x + 22, line, f"{what} · {chinese}", size=14)
    notes = (
        "Dashed blue: eyes to lens, level. Pale blue: what the camera sees (HQ Camera, 10 mm).",
        "Dashed brown: key lamp, aside, 1.06 m before the eyes.",
        "Who sits sets the eyes' height by the stool; for all others the lens moves.",
        "坐姿用凳子调高低；站姿和轮椅移动镜头。",
    )
    for at, note in enumerate(notes):
        drawing.label(x, y + 34 * len(LEGEND) + 24 + 22 * at, note, size=12, ink="#5f6670")
