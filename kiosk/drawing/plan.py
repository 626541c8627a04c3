"""Where everything stands, to scale: from the side for three people, and from above."""

import math

from kiosk.building.arrangement import BACKDROP_HEIGHTS
from kiosk.building.people import SMALL, STANDS, WHEELCHAIR_LOW
from kiosk.config import Config
from kiosk.display.monitor import MM_PER_INCH
from kiosk.drawing.plan_above import draw_above
from kiosk.drawing.plan_shapes import View, draw_balloon
from kiosk.drawing.plan_side import draw_side
from kiosk.drawing.svg import Drawing

SCALE, ABOVE_SCALE = 168.0, 215.0
"""Pixels a metre: from the side, from above."""

FLOOR = 540.0

LEFT = 60.0

VIEW = 470.0

"""From one side view to the next."""

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
        draw_side(drawing, view, person, screen)
    drawing.label(LEFT, FLOOR + 84, "from above · 俯视", size=15, bold=True)
    draw_above(drawing, View(LEFT + 12, FLOOR + 390, ABOVE_SCALE), screen)
    _draw_legend(drawing, 800, FLOOR + 84)
    return drawing


def _screen(config: Config) -> tuple[float, float]:
    """Width and height of the configured screen."""
    display = config.display
    across, up = display.size
    scale = display.diagonal * MM_PER_INCH / 1000 / math.hypot(across, up)
    return across * scale, up * scale


def _draw_legend(drawing: Drawing, x: float, y: float) -> None:
    for at, (what, chinese) in enumerate(LEGEND):
        line = y + 34 * at
        draw_balloon(drawing, x, line - 4, at + 1)
        drawing.label(x + 22, line, f"{what} · {chinese}", size=14)
    notes = (
        "Dashed blue: eyes to lens, level. Pale blue: what the camera sees (HQ Camera, 10 mm).",
        "Dashed brown: key lamp, aside, 1.06 m before the eyes.",
        "Who sits sets the eyes' height by the stool; for all others the lens moves.",
        "坐姿用凳子调高低；站姿和轮椅移动镜头。",
    )
    for at, note in enumerate(notes):
        drawing.label(x, y + 34 * len(LEGEND) + 24 + 22 * at, note, size=12, ink="#5f6670")
