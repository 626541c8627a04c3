"""The wiring as a drawing: header, wires, devices, ports and mains."""

from collections.abc import Mapping, Sequence

from kiosk.building.supply import circuit_of, fuse_for, supply_for, wire_for
from kiosk.config import Config
from kiosk.drawing.svg import FAINT, Anchor, Drawing, text_width
from kiosk.drawing.wiring import Connection, connections, header_pins, ports
from kiosk.drawing.wiring_symbols import (
    BUS,
    CHIP,
    FUSE_BELOW,
    GREEN,
    GREY,
    INKS,
    MODULE,
    RED,
    draw_chip,
    draw_fan,
    draw_ground,
    draw_lamp,
    draw_switch,
)

WIDTH = 1420
PITCH = 30.0
TOP = 150.0
ODD_X, EVEN_X = 150.0, 186.0
CHANNEL_LEFT, CHANNEL_RIGHT = 310.0, 510.0
"""Between these the wires go up or down."""

ROW = 104.0


def draw_wiring(config: Config) -> Drawing:
    """Draw the wiring."""
    drawing = Drawing(WIDTH)
    lamps = config.lamps
    drawing.label(60, 48, "Wiring of the booth · 接线图", size=24, bold=True)
    made_by = {
        "gpio": "software PWM (gpiozero, lgpio)",
        "pwm": "the processor's hardware PWM",
        "pca9685": f"PCA9685 at 0x{lamps.address:02X} on I²C bus {lamps.bus}",
        "none": "no lamps",
    }[lamps.driver]
    drawing.label(
        60, 76, f"From the configuration in force. Lamps: {made_by}"
        + (f", {lamps.frequency} Hz" if lamps.driver != "none" else ""),
        size=14, ink=GREY,
    )  # fmt: skip
    found = connections(config)
    ends, highest_fuse = _draw_devices(drawing, config, found)
    _draw_header(drawing, found)
    _draw_wires(drawing, found, ends)
    bottom = max(TOP + 20 * PITCH, max((y for y in ends.values()), default=0) + 70)
    _draw_ports(drawing, config, bottom + 50)
    if highest_fuse is not None:
        _draw_mains(drawing, config, bottom + 50, highest_fuse)
    _draw_notes(drawing)
    return drawing


def _pin_place(number: int) -> tuple[float, float]:
    return (ODD_X if number % 2 else EVEN_X), TOP + PITCH * ((number - 1) // 2)


def _pin_exit(number: int) -> float:
    """At which height its wire leaves the header: those of odd pins go between two even ones."""
    return _pin_place(number)[1] + (PITCH / 2 if number % 2 else 0.0)


def _draw_header(drawing: Drawing, found: Sequence[Connection]) -> None:
    inks = {connection.pin: INKS[connection.kind] for connection in found}
    inks |= {connection.ground: GREY for connection in found if connection.ground}
    drawing.label(ODD_X + 18, TOP - 46, "GPIO header J8 · 40针排针", size=14, bold=True,
                  anchor="middle")  # fmt: skip
    drawing.label(ODD_X + 18, TOP - 28, "pin 1 is at the board's corner", size=11, ink=GREY,
                  anchor="middle")  # fmt: skip
    drawing.box(
        ODD_X - 18, TOP - 18, EVEN_X - ODD_X + 36, 19 * PITCH + 36, fill="#f3f4f6", round_=8
    )
    for number, name in header_pins().items():
        x, y = _pin_place(number)
        ink = inks.get(number)
        drawing.circle(x, y, 12, ink=ink or FAINT, fill=ink or "#ffffff")
        drawing.label(x, y + 4, str(number), size=11, anchor="middle",
                      ink="#ffffff" if ink else FAINT, bold=bool(ink))  # fmt: skip
        side = x - 24 if number % 2 else x + 24
        anchor: Anchor = "end" if number % 2 else "start"
        drawing.label(side, y + 4, name, size=12, anchor=anchor, ink=ink or FAINT,
                      bold=bool(ink))  # fmt: skip


def _draw_wires(drawing: Drawing, found: Sequence[Connection], ends: Mapping[str, float]) -> None:
    """From each pin to its device, sorted by height on both sides, so that no two cross."""
    count = max(len(found), 1)
    step = (CHANNEL_RIGHT - CHANNEL_LEFT) / (count + 1)
    for at, connection in enumerate(found):
        x, y = _pin_place(connection.pin)
        to = ends[connection.part]
        name_ends = EVEN_X + 26 + text_width("GPIO00", 12, bold=True)
        level = _pin_exit(connection.pin)
        odd = [(x + 9, y + 8), (x + 9, level)]
        start = odd if connection.pin % 2 else [(name_ends, y)]
        # Those that go down turn the earlier the lower they are; those that go up the later.
        turn = CHANNEL_RIGHT - step * (at + 1) if to > level else CHANNEL_LEFT + step * (at + 1)
        end = CHIP if connection.kind in ("power", "bus") else MODULE
        ink = INKS[connection.kind]
        drawing.wire(*start, (turn, level), (turn, to), (end, to), ink=ink, thick=2.2)


def _draw_devices(
    drawing: Drawing, config: Config, found: Sequence[Connection]
) -> tuple[dict[str, float], float | None]:
    """Each in a row of its own; at which height its wire arrives, and the uppermost fuse is."""
    ends: dict[str, float] = {}
    y = TOP + 10
    lamps = config.lamps
    lamp_rows: list[tuple[str, float, Connection | None]] = []
    if lamps.driver == "pca9685":
        for channel_name in sorted(lamps.pins, key=lambda name: lamps.pins[name]):
            lamp_rows.append((channel_name, y, None))
            y += ROW
        of_chip = [one for one in found if one.kind in ("power", "bus")]
        ends |= draw_chip(drawing, of_chip, lamps.address, TOP - 40, y - ROW + 50)
    for connection in found:
        if connection.part in ends:
            continue
        ends[connection.part] = y
        if connection.kind == "lamp":
            lamp_rows.append((connection.part, y, connection))
        elif connection.kind == "fan":
            draw_fan(drawing, y, connection)
        else:
            draw_switch(drawing, y, connection)
        y += ROW
    for name, at, on_header in lamp_rows:
        draw_lamp(drawing, name, at, on_header, lamps.pins[name])
    return ends, min((at + FUSE_BELOW for _, at, _ in lamp_rows), default=None)


def _draw_ports(drawing: Drawing, config: Config, top: float) -> None:
    drawing.path([(60, top - 22), (WIDTH - 60, top - 22)], ink="#d5d9de")
    drawing.label(60, top + 6, "Ports of the computer · 主机接口", size=16, bold=True)
    found = ports(config)
    row = 34.0
    first = top + 44
    drawing.box(70, first - 20, 150, row * len(found) + 6, fill="#e9f5ea", ink=GREEN, round_=8)
    for at, (port, what, chinese) in enumerate(found):
        y = first + row * at
        drawing.label(208, y + 5, port, size=13, anchor="end", bold=True)
        drawing.wire((220, y), (300, y), thick=2)
        drawing.box(300, y - 14, 400, 28)
        drawing.label(314, y + 5, f"{what} · {chinese}", size=13)


def _draw_notes(drawing: Drawing) -> None:
    notes = (
        "One ground: the computer's and the lamp supply's minus meet at one point, at the drivers.",
        "10 kΩ from each dimming input to ground: pins float while the computer starts.",
        "Mains: by an electrician, behind a residual-current device, in a closed housing. The"
        " screen has a supply of its own.",
        "单点接地；每路调光输入对地接 10 kΩ；市电由电工安装；显示屏单独供电。",
    )
    bottom = drawing.height + 24
    for at, note in enumerate(notes):
        drawing.label(60, bottom + 20 * at, note, size=12, ink=GREY)


def _draw_mains(drawing: Drawing, config: Config, top: float, highest_fuse: float) -> None:
    circuits = tuple(circuit_of(name) for name in config.lamps.pins)
    fuse = fuse_for(sum(circuit.amperes for circuit in circuits))
    drawing.label(860, top + 6, "24 V supply of the lamps · 灯具电源", size=16, bold=True)
    y = top + 70
    drawing.box(860, y - 26, 130, 52, ink=RED, fill="#fdeeee")
    drawing.label(925, y - 3, "mains · 市电", size=13, anchor="middle", bold=True)
    drawing.label(925, y + 15, "RCD 30 mA", size=12, anchor="middle")
    drawing.wire((990, y), (1040, y), thick=3)
    drawing.box(1040, y - 30, 150, 60, ink=RED, fill="#fdeeee")
    drawing.label(1115, y - 8, "24 V, SELV", size=13, anchor="middle", bold=True)
    drawing.label(1115, y + 9, f"≥ {supply_for(circuits):.0f} W", size=12, anchor="middle")
    draw_ground(drawing, 1080, y + 30, None)
    drawing.label(1093, y + 48, "minus: to the drivers", size=11, ink=GREY)
    drawing.wire((1190, y), (1220, y), ink=RED, thick=3)
    drawing.box(1220, y - 11, 70, 22, ink=RED)
    drawing.label(1255, y + 5, f"{fuse:g} A", size=13, anchor="middle", bold=True)
    drawing.label(1255, y + 30, f"≥ {wire_for(fuse):g} mm²", size=11, anchor="middle", ink=GREY)
    drawing.wire((1290, y), (BUS, y), (BUS, highest_fuse), ink=RED, thick=3)
    drawing.label(BUS + 8, y - 40, "+24 V", size=13, bold=True, ink=RED)
