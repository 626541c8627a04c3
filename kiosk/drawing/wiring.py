"""What is wired, from the configuration: what hangs on the header, and on the computer's ports."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gpiozero.pins.pi import PiBoardInfo

from kiosk.config import Config

PI_5 = 0xD04170
"""Revision code of a Raspberry Pi 5 with 8 GB; its header is that of every Pi since the B+."""

Kind = Literal["lamp", "power", "bus", "switch", "fan"]


@dataclass(frozen=True, slots=True)
class Connection:
    """A pin of the header, and what it goes to."""

    part: str
    """Its name in the configuration; of a PCA9685 the pin's."""
    kind: Kind
    pin: int
    """On the header, 1 to 40."""
    gpio: str
    ground: int | None = None
    """The pin of the header that its ground goes to."""


def header_pins() -> Mapping[int, str]:
    """Each pin of the header by its number, and what it is: GPIO12, GND, 3V3, 5V."""
    header = PiBoardInfo.from_revision(PI_5).headers["J8"]
    return {number: pin.name for number, pin in sorted(header.pins.items())}


def exit_order(pin: int) -> tuple[int, int]:
    """From above, where wires leave the header: those of odd pins go below the even one beside."""
    return (pin - 1) // 2, pin % 2


def connections(config: Config) -> tuple[Connection, ...]:
    """What hangs on the header, in the order of `exit_order`, with a ground of its own for each as
    far as there are: the nearest that is free."""
    header = header_pins()
    numbers: dict[str, int] = {}
    for number, name in header.items():
        numbers.setdefault(name, number)
    placed = sorted(
        ((numbers[gpio], part, kind, gpio) for part, kind, gpio in _wanted(config)),
        key=lambda one: exit_order(one[0]),
    )
    free = [number for number, name in header.items() if name == "GND"]
    found = []
    for pin, part, kind, gpio in placed:
        ground = None
        if part not in ("3V3", "SDA"):  # a PCA9685 has one ground
            ground = min(free, key=lambda number: (abs(number - pin), number), default=39)
            free = [number for number in free if number != ground]
        found.append(Connection(part, kind, pin, gpio, ground))
    return tuple(found)


def _wanted(config: Config) -> list[tuple[str, Kind, str]]:
    """Part, kind and GPIO (or 3V3) of all that is configured."""
    wanted: list[tuple[str, Kind, str]] = []
    if config.lamps.driver == "pca9685":
        wanted += [("3V3", "power", "3V3"), ("SDA", "bus", "GPIO2"), ("SCL", "bus", "GPIO3")]
    elif config.lamps.driver != "none":
        wanted += [(name, "lamp", f"GPIO{pin}") for name, pin in config.lamps.pins.items()]
    for name, pin in (("door", config.switches.door), ("reset", config.switches.reset)):
        if pin is not None:
            wanted.append((name, "switch", f"GPIO{pin}"))
    if config.fan.pin is not None:
        wanted.append(("fan", "fan", f"GPIO{config.fan.pin}"))
    return wanted


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
