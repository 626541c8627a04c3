"""How the computer itself is: heat, power and load, as the kernel and a Pi's firmware tell them."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

HOT, THROTTLING = 75.0, 80.0
"""Degrees Celsius from which the cooling is to be looked at, and from which a Pi slows itself down
(Raspberry Pi documentation, "Frequency management and thermal control")."""

FIRMWARE = "sys/devices/platform/soc*/*firmware/get_throttled"
"""Where the kernel passes on what the firmware says; the folder's name differs on a Pi 5."""

ASK_FIRMWARE = 2.0
"""Seconds that `vcgencmd` has."""

UNDER_VOLTAGE, CAPPED, THROTTLED, SOFT_LIMIT = 1 << 0, 1 << 1, 1 << 2, 1 << 3
HAS_BEEN = 16
"""The bits of `get_throttled`; the same, 16 places up, say that it was so since the start
(Raspberry Pi documentation, "vcgencmd get_throttled")."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """What the firmware has done about heat and power, now and since the start."""

    bits: int

    def now(self, bit: int) -> bool:
        """Whether it is so now."""
        return bool(self.bits & bit)

    def ever(self, bit: int) -> bool:
        """Whether it is or was so since the machine was started."""
        return bool(self.bits & (bit | bit << HAS_BEEN))


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the machine tells; None where it tells nothing of it."""

    celsius: float | None
    throttled: Throttled | None
    under_voltage: bool | None
    """What the voltage sensor `rpi_volt` has noticed since it looked last."""
    up: float | None
    """Seconds since the start."""


def read_vitals(root: Path = Path("/")) -> Vitals:
    """Read them below a root folder: `sys` and `proc` of this machine, or of a test's."""
    return Vitals(
        celsius=_read_thousandths(root / "sys/class/thermal/thermal_zone0/temp"),
        throttled=_read_throttled(root),
        under_voltage=_read_alarm(root),
        up=_read_up(root),
    )


def read_machine(root: Path = Path("/")) -> dict[str, str]:
    """What the machine is: its model, its system, its kernel; what it does not tell is left out."""
    told = {
        "model": _read(root / "proc/device-tree/model").rstrip("\0"),
        "system": _read_system(root),
        "kernel": _read(root / "proc/sys/kernel/osrelease"),
    }
    return {name: text for name, text in told.items() if text}


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _read_thousandths(path: Path) -> float | None:
    try:
        return int(_read(path)) / 1000
    except ValueError:
        return None


def _read_throttled(root: Path) -> Throttled | None:
    for path in root.glob(FIRMWARE):
        if re.fullmatch(r"(0x)?[0-9a-fA-F]+", text := _read(path)):
            return Throttled(int(text, 16))
    return _ask_firmware() if root == Path("/") else None


def _ask_firmware() -> Throttled | None:
    """Ask by the command that Raspberry Pi OS has for it; a kernel may pass nothing on."""
    if not Path("/dev/vcio").exists() or not os.access("/dev/vcio", os.R_OK):
        return None
    try:
        done = subprocess.run(
            ["vcgencmd", "get_throttled"],
            capture_output=True, text=True, timeout=ASK_FIRMWARE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.fullmatch(r"throttled=0x([0-9a-fA-F]+)", done.stdout.strip())
    return None if found is None else Throttled(int(found[1], 16))


def _read_alarm(root: Path) -> bool | None:
    """The kernel's own sensor (Documentation/hwmon/raspberrypi-hwmon.rst)."""
    for sensor in root.glob("sys/class/hwmon/hwmon*"):
        if _read(sensor / "name") == "rpi_volt":
            text = _read(sensor / "in0_lcrit_alarm")
            return None if text not in ("0", "1") else text == "1"
    return None


def _read_up(root: Path) -> float | None:
    try:
        return float(_read(root / "proc/uptime").split()[0])
    except (ValueError, IndexError):
        return None


def _read_system(root: Path) -> str:
    found = re.search(r'^PRETTY_NAME="?([^"\n]+)"?$', _read(root / "etc/os-release"), re.MULTILINE)
    return "" if found is None else found[1]
