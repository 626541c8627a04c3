"""The wires' far ends: the kernel's PWM in a folder, and a PCA9685 on an I2C bus."""

import errno
import os
from pathlib import Path

from kiosk.board.i2c import Bus


class PwmKernel:
    """/sys/class/pwm as the kernel answers for it (drivers/pwm/sysfs.c, core.c).

    Attributes are files, so that they are read as they are; `write` takes the place of a write,
    which here nobody would answer.
    """

    def __init__(self, folder: Path, chips: dict[str, int]) -> None:
        """`chips`: each device's name with how many channels it has."""
        self.sysfs = folder / "class" / "pwm"
        self.sysfs.mkdir(parents=True)
        for number, (name, channels) in enumerate(chips.items()):
            chip = self.sysfs / f"pwmchip{number}"
            (folder / "devices" / name).mkdir(parents=True)
            chip.mkdir()
            (chip / "device").symlink_to(folder / "devices" / name)
            (chip / "npwm").write_text(f"{channels}\n")
        self.writes: list[tuple[str, int]] = []

    def write(self, path: Path, value: int) -> None:
        self.writes.append((f"{path.parent.name}/{path.name}", value))
        if path.name == "export":
            self._export(path.parent, value)
            return
        now = {name: int((path.parent / name).read_text()) for name in ("period", "duty_cycle")}
        now[path.name] = value
        enabling = path.name == "enable" and value
        # Linux before 6.8 takes nothing at all for a channel without a period.
        if not now["period"] or now["duty_cycle"] > now["period"] or value not in range(2**31):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        assert not enabling or now["duty_cycle"] == 0, "a lamp flashes as it is claimed"
        path.write_text(f"{value}\n")

    def duty(self, chip: int, channel: int) -> float:
        """What comes out, 0 to 1."""
        folder = self.sysfs / f"pwmchip{chip}" / f"pwm{channel}"
        if not folder.exists() or not int((folder / "enable").read_text()):
            return 0.0
        return int((folder / "duty_cycle").read_text()) / int((folder / "period").read_text())

    @staticmethod
    def _export(chip: Path, channel: int) -> None:
        if channel >= int((chip / "npwm").read_text()):
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        folder = chip / f"pwm{channel}"
        if folder.exists():
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        folder.mkdir()
        for name in ("period", "duty_cycle", "enable"):
            (folder / name).write_text("0\n")


class Pca9685Chip(Bus):
    """A PCA9685 as its data sheet tells, alone on its bus."""

    def __init__(self, address: int = 0x40) -> None:
        self.address = address
        self.plugged = True
        self.transfers: list[bytes] = []
        self.power_up()

    def power_up(self) -> None:
        """All registers have their defaults: asleep, every output off."""
        self.registers = bytearray(256)
        self.registers[0x00], self.registers[0x01], self.registers[0xFE] = 0x11, 0x04, 0x1E
        for channel in range(16):
            self.registers[0x09 + 4 * channel] = 0x10

    def write(self, address: int, data: bytes) -> None:
        self._answer(address)
        self.transfers.append(data)
        register, *values = data
        for value in values:
            self._set(register, value)
            if self.registers[0x00] & 0x20:
                register += 1

    def read(self, address: int, register: int) -> int:
        self._answer(address)
        return self.registers[register]

    def close(self) -> None:
        pass

    @property
    def frequency(self) -> float:
        """What the prescaler makes of 25 MHz, in Hz."""
        return 25e6 / 4096 / (self.registers[0xFE] + 1)

    def duty(self, channel: int) -> float:
        """What comes out of a channel, 0 to 1."""
        low = 0x06 + 4 * channel
        on_l, on_h, off_l, off_h = self.registers[low : low + 4]
        if self.registers[0x00] & 0x10 or off_h & 0x10:  # full off goes before full on
            return 0.0
        if on_h & 0x10:
            return 1.0
        on, off = on_l | on_h << 8, off_l | off_h << 8
        assert on != off, "never to be programmed with the same values (7.3.4)"
        return (off - on) % 4096 / 4096

    def _answer(self, address: int) -> None:
        if address != self.address or not self.plugged:
            raise OSError(errno.EREMOTEIO, os.strerror(errno.EREMOTEIO))

    def _set(self, register: int, value: int) -> None:
        if 0xFA <= register <= 0xFD:
            for channel in range(16):
                self.registers[0x06 + register - 0xFA + 4 * channel] = value
        elif register == 0xFE:
            if self.registers[0x00] & 0x10:  # blocked while awake
                self.registers[register] = max(value, 3)
        else:
            self.registers[register] = value
