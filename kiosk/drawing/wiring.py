"""The booth's wiring as a drawing, from the configuration: header, lamps, switches, fan, ports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gpiozero.pins.pi import PiBoardInfo

from kiosk.building.supply import circuit_of, fuse_for, supply_for, wire_for
from kiosk.config import Config
from kiosk.drawing.svg import FAINT, Drawing, text_width

PI_5 = 0xD04170
"""Revision code of a Raspberry Pi 5 with 8 GB; its header is that of every Pi since the B+."""

LAMP_NAMES = {"key_left": "左主灯", "key_right": "右主灯", "fill": "辅光灯", "backdrop": "背景灯"}

AMBER, GREEN, BLUE, PURPLE, RED, GREY = (
    "#b45f06", "#2e7d32", "#1565c0", "#6a1b9a", "#c62828", "#5f6670",
)  # fmt: skip

WIDTH = 1420
PITCH = 30.0
TOP = 150.0
ODD_X, EVEN_X = 150.0, 186.0
CHANNEL_LEFT, CHANNEL_RIGHT = 310.0, 510.0
"""Between these the wires go up or down."""

CHIP, MODULE, DRIVER, LAMP, FUSE, BUS = 540.0, 720.0, 880.0, 1080.0, 1095.0, 1330.0
"""Left edges of the columns; the last is the 24 V bus."""

CHIP_PINS = ("3V3", "SDA", "SCL")
"""Parts of a PCA9685 that hang on the header."""

ROW = 104.0
FUSE_BELOW = 26.0
"""From a lamp's row down to its fuse."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A pin of the header, and what it goes to."""

    part: str
    """Its name in the configuration, or the bus's."""
    pin: int
    """On the header, 1 to 40."""
    gpio: str
    ink: str
    ground: int | None = None
    """The pin of the header that its ground goes to."""


def header_pins() -> Mapping[int, str]:
    """Each pin of the header by its number, and what it is: GPIO12, GND, 3V3, 5V."""
    header = PiBoardInfo.from_revision(PI_5).headers["J8"]
    return {number: pin.name for number, pin in sorted(header.pins.items())}


def connections(config: Config) -> tuple[Connection, ...]:
    """What hangs on the header, from above, with a ground of its own for each as far as there
    are: the nearest that is free."""
    wanted: list[tuple[str, str, str]] = []
    lamps = config.lamps
    if lamps.driver == "pca9685":
        wanted += [("3V3", "3V3", RED), ("SDA", "GPIO2", PURPLE), ("SCL", "GPIO3", PURPLE)]
    elif lamps.driver != "none":
        wanted += [(name, f"GPIO{pin}", AMBER) for name, pin in lamps.pins.items()]
    switches = config.switches
    for name, pin in (("door", switches.door), ("reset", switches.reset)):
        if pin is not None:
            wanted.append((name, f"GPIO{pin}", GREEN))
    if config.fan.pin is not None:
        wanted.append(("fan", f"GPIO{config.fan.pin}", BLUE))
    numbers: dict[str, int] = {}
    for number, name in header_pins().items():
        numbers.setdefault(name, number)
    placed = sorted(
        ((numbers[gpio], part, gpio, ink) for part, gpio, ink in wanted),
        key=lambda one: _pin_exit(one[0]),
    )
    free = [number for number, name in header_pins().items() if name == "GND"]
    found = []
    for pin, part, gpio, ink in placed:
        ground = None
        if part not in ("3V3", "SDA"):
            ground = min(free, key=lambda number: (abs(number - pin), number), default=39)
            free = [number for number in free if number != ground]
        found.append(Connection(part, pin, gpio, ink, ground))
    return tuple(found)


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


# ---- the header ----


def _pin_place(number: int) -> tuple[float, float]:
    return (ODD_X if number % 2 else EVEN_X), TOP + PITCH * ((number - 1) // 2)


def _pin_exit(number: int) -> float:
    """At which height its wire leaves the header: those of odd pins go between two even ones."""
    return _pin_place(number)[1] + (PITCH / 2 if number % 2 else 0.0)


def _draw_header(drawing: Drawing, found: Iterable[Connection]) -> None:
    inks = {connection.pin: connection.ink for connection in found}
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
        anchor = "end" if number % 2 else "start"
        drawing.label(side, y + 4, name, size=12, anchor=anchor, ink=ink or FAINT,  # type: ignore[arg-type]
                      bold=bool(ink))  # fmt: skip


def _draw_wires(drawing: Drawing, found: tuple[Connection, ...], ends: Mapping[str, float]) -> None:
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
        end = CHIP if connection.part in CHIP_PINS else MODULE
        drawing.wire(*start, (turn, level), (turn, to), (end, to), ink=connection.ink, thick=2.2)


# ---- what hangs on it ----


def _draw_devices(
    drawing: Drawing, config: Config, found: tuple[Connection, ...]
) -> tuple[dict[str, float], float | None]:
    """Each in a row of its own; at which height its wire arrives, and the uppermost fuse is."""
    ends: dict[str, float] = {}
    y = TOP + 10
    lamps = config.lamps
    lamp_rows: list[tuple[str, float, Connection | None]] = []
    if lamps.driver == "pca9685":
        first = y
        for channel_name in sorted(lamps.pins, key=lambda name: lamps.pins[name]):
            lamp_rows.append((channel_name, y, None))
            y += ROW
        _draw_chip(drawing, config, first, y - ROW, found, ends)
    for connection in found:
        if connection.part in ends:
            continue
        ends[connection.part] = y
        if connection.part in lamps.pins and connection.ink == AMBER:
            lamp_rows.append((connection.part, y, connection))
        elif connection.part == "fan":
            _draw_fan(drawing, y, connection)
        else:
            _draw_switch(drawing, y, connection)
        y += ROW
    for name, at, on_header in lamp_rows:
        _draw_lamp(drawing, name, at, on_header, lamps.pins[name])
    return ends, min((at + FUSE_BELOW for _, at, _ in lamp_rows), default=None)


def _draw_ground(drawing: Drawing, x: float, y: float, pin: int | None) -> None:
    """The sign of ground (IEC 60417-5020), and the header's pin that it goes to."""
    drawing.path([(x, y), (x, y + 9)], thick=2, ink=GREY)
    for at, half in enumerate((9, 6, 3)):
        drawing.path([(x - half, y + 9 + 4 * at), (x + half, y + 9 + 4 * at)], ink=GREY, thick=2)
    if pin:
        drawing.label(x + 13, y + 18, f"pin {pin}", size=11, ink=GREY)


def _draw_pull_down(drawing: Drawing, x: float, y: float) -> None:
    drawing.path([(x, y), (x, y + 6)], ink=AMBER)
    drawing.box(x - 4, y + 6, 8, 16, ink=AMBER, round_=0)
    drawing.label(x - 10, y + 18, "10 kΩ", size=11, ink=GREY, anchor="end")
    _draw_ground(drawing, x, y + 22, None)
    drawing.circle(x, y, 2.5, ink=AMBER, fill=AMBER)


def _draw_lamp(
    drawing: Drawing, name: str, y: float, on_header: Connection | None, channel: int
) -> None:
    circuit = circuit_of(name)
    there = f"{name} · {LAMP_NAMES.get(name, '灯')}"
    if on_header is None:
        drawing.wire((CHIP + 90, y), (MODULE, y), ink=AMBER, thick=2.2)
        drawing.label(CHIP + 84, y + 4, f"{channel}", size=12, anchor="end", bold=True, ink=AMBER)
    _draw_pull_down(drawing, MODULE - 26, y)
    drawing.box(MODULE, y - 24, 110, 48, ink=AMBER, fill="#fff8ec")
    drawing.label(MODULE + 55, y - 3, "PWM → volts", size=13, anchor="middle", bold=True)
    drawing.label(MODULE + 55, y + 14, "调光模块", size=12, anchor="middle")
    drawing.wire((MODULE + 110, y), (DRIVER, y), ink=AMBER, thick=2.2)
    drawing.box(DRIVER, y - 36, 140, 72, ink=AMBER, fill="#fff8ec")
    drawing.label(DRIVER + 70, y - 12, "LED driver", size=13, anchor="middle", bold=True)
    current = "1.05 A" if circuit.watts > 20 else "0.5 A"
    drawing.label(DRIVER + 70, y + 5, f"36 V, {current}", size=12, anchor="middle")
    drawing.label(DRIVER + 70, y + 22, "恒流驱动", size=12, anchor="middle")
    _draw_ground(drawing, DRIVER + 30, y + 36, on_header.ground if on_header else None)
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


def _draw_chip(
    drawing: Drawing, config: Config, first: float, last: float,
    found: tuple[Connection, ...], ends: dict[str, float],
) -> None:  # fmt: skip
    top = first - 50
    drawing.box(CHIP, top, 90, last - top + 50, ink=PURPLE, fill="#f6eefb")
    wanted = [connection for connection in found if connection.part in CHIP_PINS]
    names = {"3V3": "VCC", "SDA": "SDA", "SCL": "SCL"}
    for at, connection in enumerate(wanted):
        ends[connection.part] = top + 16 + 18 * at
        drawing.label(CHIP + 6, ends[connection.part] + 4, names[connection.part], size=11,
                      ink=connection.ink, bold=True)  # fmt: skip
    middle = (first + last) / 2
    drawing.label(CHIP + 45, middle + 24, "PCA9685", size=14, anchor="middle", bold=True)
    drawing.label(CHIP + 45, middle + 42, f"0x{config.lamps.address:02X}", size=12, anchor="middle")
    ground = next(c.ground for c in wanted if c.ground)
    _draw_ground(drawing, CHIP + 30, last + 50, ground)


def _draw_switch(drawing: Drawing, y: float, connection: Connection) -> None:
    what, how = {
        "door": ("door · 检修门开关", "closed while the service door is; the pin's own pull-up"),
        "reset": ("reset · 复位按钮", "3 s end the visit, 10 s start the booth anew"),
    }[connection.part]
    x = MODULE
    drawing.circle(x + 3, y, 3.5, ink=GREEN, fill=GREEN)
    drawing.path([(x + 4, y - 2), (x + 48, y - 16)], ink=GREEN, thick=2.5)
    drawing.circle(x + 52, y, 3.5, ink=GREEN, fill=GREEN)
    drawing.path([(x + 55, y), (x + 80, y)], ink=GREEN, thick=2.2)
    _draw_ground(drawing, x + 80, y, connection.ground)
    drawing.label(x + 150, y - 2, what, size=14, bold=True)
    drawing.label(x + 150, y + 16, how, size=12, ink=GREY)


def _draw_fan(drawing: Drawing, y: float, connection: Connection) -> None:
    _draw_pull_down(drawing, MODULE - 26, y)
    drawing.box(MODULE, y - 24, 110, 48, ink=BLUE, fill="#eaf3fc")
    drawing.label(MODULE + 55, y - 3, "N-MOSFET", size=13, anchor="middle", bold=True)
    drawing.label(MODULE + 55, y + 14, "MOS 模块", size=12, anchor="middle")
    _draw_ground(drawing, MODULE + 30, y + 24, connection.ground)
    drawing.wire((MODULE + 110, y), (DRIVER, y), ink=BLUE)
    drawing.box(DRIVER, y - 24, 140, 48, ink=BLUE, fill="#eaf3fc")
    drawing.label(DRIVER + 70, y - 3, "fan · 风扇", size=14, anchor="middle", bold=True)
    drawing.label(DRIVER + 70, y + 14, "5 V, 2 wires", size=12, anchor="middle")
    drawing.label(DRIVER + 156, y - 2, "its red wire to pin 4 (5 V)", size=12, ink=GREY)
    drawing.label(DRIVER + 156, y + 15, "红线接 4 号脚（5 V）", size=12, ink=GREY)


# ---- ports and mains ----


def ports(config: Config) -> tuple[tuple[str, str, str], ...]:
    """What hangs on the computer's ports: the port, the device in English, and in Chinese."""
    display, reader = config.display, config.reader
    size = f"{display.diagonal:g}″, {display.size[0]} × {display.size[1]}"
    found = [("USB-C", "27 W supply of its own", "电源")]
    if config.camera.kind == "pi":
        found.append((f"CSI {config.camera.device}", "camera, ribbon ≤ 50 cm", "摄像头"))
    elif config.camera.kind == "webcam":
        found.append(("USB", f"camera, {_video(config.camera.device)}", "摄像头"))
    found += [("HDMI 0", f"screen, {size}", "显示屏"), ("USB", "the screen's touch", "触摸")]
    if reader.kind == "serial":
        found.append(("USB", f"code reader, serial: {reader.device}", "扫码器"))
    elif reader.kind != "camera":
        found.append(("USB", f"code reader, types ({reader.kind})", "扫码器"))
    found.append(("USB", "four keys", "四个按键"))
    if config.voice.enabled:
        found.append(("USB", "loudspeaker", "扬声器"))
    found += [("RJ45", "network, to the registrar", "网线"), ("J5", "clock battery", "时钟电池")]
    if config.fan.pin is None:
        found.append(("J17", "active cooler", "主动散热器"))
    return tuple(found)


def _video(device: int | Path) -> str:
    return f"/dev/video{device}" if isinstance(device, int) else str(device)


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
    _draw_ground(drawing, 1080, y + 30, None)
    drawing.label(1093, y + 48, "minus: to the drivers", size=11, ink=GREY)
    drawing.wire((1190, y), (1220, y), ink=RED, thick=3)
    drawing.box(1220, y - 11, 70, 22, ink=RED)
    drawing.label(1255, y + 5, f"{fuse:g} A", size=13, anchor="middle", bold=True)
    drawing.label(1255, y + 30, f"≥ {wire_for(fuse):g} mm²", size=11, anchor="middle", ink=GREY)
    drawing.wire((1290, y), (BUS, y), (BUS, highest_fuse), ink=RED, thick=3)
    drawing.label(BUS + 8, y - 40, "+24 V", size=13, bold=True, ink=RED)
