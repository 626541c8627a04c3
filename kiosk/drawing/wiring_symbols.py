"""The wiring's symbols: each draws one part in its row, at the columns that all share."""

from collections.abc import Mapping, Sequence

from kiosk.building.supply import circuit_of
from kiosk.drawing.svg import Drawing
from kiosk.drawing.wiring import Connection, Kind

LAMP_NAMES = {"key_left": "左主灯", "key_right": "右主灯", "fill": "辅光灯", "backdrop": "背景灯"}

AMBER, GREEN, BLUE, PURPLE, RED, GREY = (
    "#b45f06", "#2e7d32", "#1565c0", "#6a1b9a", "#c62828", "#5f6670",
)  # fmt: skip

INKS: Mapping[Kind, str] = {
    "lamp": AMBER, "power": RED, "bus": PURPLE, "switch": GREEN, "fan": BLUE,
}  # fmt: skip

CHIP, MODULE, DRIVER, LAMP, FUSE, BUS = 540.0, 720.0, 880.0, 1080.0, 1095.0, 1330.0
"""Left edges of the columns; the last is the 24 V bus."""

CHIP_WIDTH = 90.0

FUSE_BELOW = 26.0
"""From a lamp's row down to its fuse."""


def draw_ground(drawing: Drawing, x: float, y: float, pin: int | None) -> None:
    """The sign of ground (IEC 60417-5020), and the header's pin that it goes to."""
    drawing.path([(x, y), (x, y + 9)], thick=2, ink=GREY)
    for at, half in enumerate((9, 6, 3)):
        drawing.path([(x - half, y + 9 + 4 * at), (x + half, y + 9 + 4 * at)], ink=GREY, thick=2)
    if pin:
        drawing.label(x + 13, y + 18, f"pin {pin}", size=11, ink=GREY)


def draw_pull_down(drawing: Drawing, x: float, y: float, ink: str) -> None:
    """10 kΩ from a signal to ground."""
    drawing.path([(x, y), (x, y + 6)], ink=ink)
    drawing.box(x - 4, y + 6, 8, 16, ink=ink, round_=0)
    drawing.label(x - 10, y + 18, "10 kΩ", size=11, ink=GREY, anchor="end")
    draw_ground(drawing, x, y + 22, None)
    drawing.circle(x, y, 2.5, ink=ink, fill=ink)


def draw_lamp(
    drawing: Drawing, name: str, y: float, on_header: Connection | None, channel: int
) -> None:
    """A lamp with its dimming module, driver and fuse; not on the header, on a chip's channel."""
    circuit = circuit_of(name)
    there = f"{name} · {LAMP_NAMES.get(name, '灯')}"
    if on_header is None:
        drawing.wire((CHIP + CHIP_WIDTH, y), (MODULE, y), ink=AMBER, thick=2.2)
        drawing.label(
            CHIP + CHIP_WIDTH - 6, y + 4, f"{channel}", size=12, anchor="end", bold=True, ink=AMBER
        )
    draw_pull_down(drawing, MODULE - 26, y, AMBER)
    drawing.box(MODULE, y - 24, 110, 48, ink=AMBER, fill="#fff8ec")
    drawing.label(MODULE + 55, y - 3, "PWM → volts", size=13, anchor="middle", bold=True)
    drawing.label(MODULE + 55, y + 14, "调光模块", size=12, anchor="middle")
    drawing.wire((MODULE + 110, y), (DRIVER, y), ink=AMBER, thick=2.2)
    drawing.box(DRIVER, y - 36, 140, 72, ink=AMBER, fill="#fff8ec")
    drawing.label(DRIVER + 70, y - 12, "LED driver", size=13, anchor="middle", bold=True)
    current = "1.05 A" if circuit.watts > 20 else "0.5 A"
    drawing.label(DRIVER + 70, y + 5, f"36 V, {current}", size=12, anchor="middle")
    drawing.label(DRIVER + 70, y + 22, "恒流驱动", size=12, anchor="middle")
    draw_ground(drawing, DRIVER + 30, y + 36, on_header.ground if on_header else None)
    for off in (-3, 3):
        drawing.wire((DRIVER + 140, y - 20 + off), (LAMP, y - 20 + off), ink=AMBER, thick=1.5)
    drawing.box(LAMP, y - 44, 200, 48, ink=AMBER, fill="#ffe9b8", round_=10)
    drawing.label(LAMP + 100, y - 24, there, size=14, anchor="middle", bold=True)
    drawing.label(LAMP + 100, y - 6, f"{circuit.watts:g} W, 5000–5600 K, CRI ≥ 95", size=11,
                  anchor="middle")  # fmt: skip
    line = y + FUSE_BELOW
    drawing.wire((DRIVER + 140, line), (FUSE, line), ink=RED)
    drawing.box(FUSE, line - 9, 60, 18, ink=RED)
    drawing.label(FUSE + 30, line + 4, f"{circuit.fuse:g} A", size=12, anchor="middle", bold=True)
    drawing.wire((FUSE + 60, line), (BUS, line), ink=RED)
    drawing.label(FUSE + 72, line - 5, f"≥ {circuit.wire:g} mm²", size=11, ink=GREY)
    drawing.circle(BUS, line, 3.5, ink=RED, fill=RED)


def draw_chip(
    drawing: Drawing, pins: Sequence[Connection], address: int, top: float, bottom: float
) -> dict[str, float]:
    """A PCA9685 beside its lamps' rows; at which height each of its pins is."""
    drawing.box(CHIP, top, CHIP_WIDTH, bottom - top, ink=PURPLE, fill="#f6eefb")
    heights = {}
    for at, pin in enumerate(pins):
        heights[pin.part] = y = top + 16 + 18 * at
        name = "VCC" if pin.part == "3V3" else pin.part
        drawing.label(CHIP + 6, y + 4, name, size=11, ink=INKS[pin.kind], bold=True)
    middle, centre = (top + bottom) / 2, CHIP + CHIP_WIDTH / 2
    drawing.label(centre, middle + 24, "PCA9685", size=14, anchor="middle", bold=True)
    drawing.label(centre, middle + 42, f"0x{address:02X}", size=12, anchor="middle")
    draw_ground(drawing, CHIP + 30, bottom, pins[-1].ground)
    return heights


def draw_switch(drawing: Drawing, y: float, connection: Connection) -> None:
    """A switch to ground."""
    what, how = {
        "door": ("door · 检修门开关", "closed while the service door is; the pin's own pull-up"),
        "reset": ("reset · 复位按钮", "3 s end the visit, 10 s start the booth anew"),
    }[connection.part]
    x = MODULE
    drawing.circle(x + 3, y, 3.5, ink=GREEN, fill=GREEN)
    drawing.path([(x + 4, y - 2), (x + 48, y - 16)], ink=GREEN, thick=2.5)
    drawing.circle(x + 52, y, 3.5, ink=GREEN, fill=GREEN)
    drawing.path([(x + 55, y), (x + 80, y)], ink=GREEN, thick=2.2)
    draw_ground(drawing, x + 80, y, connection.ground)
    drawing.label(x + 150, y - 2, what, size=14, bold=True)
    drawing.label(x + 150, y + 16, how, size=12, ink=GREY)


def draw_fan(drawing: Drawing, y: float, connection: Connection) -> None:
    """The fan behind its transistor."""
    draw_pull_down(drawing, MODULE - 26, y, BLUE)
    drawing.box(MODULE, y - 24, 110, 48, ink=BLUE, fill="#eaf3fc")
    drawing.label(MODULE + 55, y - 3, "N-MOSFET", size=13, anchor="middle", bold=True)
    drawing.label(MODULE + 55, y + 14, "MOS 模块", size=12, anchor="middle")
    draw_ground(drawing, MODULE + 30, y + 24, connection.ground)
    drawing.wire((MODULE + 110, y), (DRIVER, y), ink=BLUE)
    drawing.box(DRIVER, y - 24, 140, 48, ink=BLUE, fill="#eaf3fc")
    drawing.label(DRIVER + 70, y - 3, "fan · 风扇", size=14, anchor="middle", bold=True)
    drawing.label(DRIVER + 70, y + 14, "5 V, 2 wires", size=12, anchor="middle")
    drawing.label(DRIVER + 156, y - 2, "its red wire to pin 4 (5 V)", size=12, ink=GREY)
    drawing.label(DRIVER + 156, y + 15, "红线接 4 号脚（5 V）", size=12, ink=GREY)
