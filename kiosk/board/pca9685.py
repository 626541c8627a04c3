"""The PCA9685: 16 PWM channels of 12 bits over I2C.

Registers and formulae: NXP, PCA9685 product data sheet, revision 4, section 7.3.
"""

import time
from collections.abc import Callable

from kiosk.board.i2c import Bus, I2cBus
from kiosk.board.pwm_pins import OpenedChip
from kiosk.errors import BoardError

CHANNEL_COUNT, STEPS = 16, 4096

OSCILLATOR = 25e6
"""Hz, of the chip's own oscillator, as it is typically."""

LOWEST_PRESCALE, HIGHEST_PRESCALE = 3, 255
"""The chip makes 1526 Hz at most, and 24 Hz at least."""

MODE1, MODE2, LED0_ON_L, ALL_LED_OFF_H, PRE_SCALE = 0x00, 0x01, 0x06, 0xFD, 0xFE
SLEEP, AUTO_INCREMENT = 0x10, 0x20
"""Bits of MODE1."""
TOTEM_POLE = 0x04
"""Bit of MODE2: outputs that drive high as well as low."""
FULL = 0x10
"""Bit of LEDn_ON_H: on all the time; of LEDn_OFF_H: off all the time, whatever else is set."""

WAKING = 500e-6
"""Seconds until the oscillator runs, after SLEEP was cleared (7.3.1, table 5)."""


def find_prescale(frequency: float) -> int:
    """The prescaler for a frequency in Hz, as near as the chip comes to it (7.3.5, equation 1)."""
    wanted = round(OSCILLATOR / (STEPS * frequency)) - 1
    return min(max(wanted, LOWEST_PRESCALE), HIGHEST_PRESCALE)


def made_frequency(prescale: int) -> float:
    """The frequency that a prescaler makes, in Hz."""
    return OSCILLATOR / (STEPS * (prescale + 1))


def encode_duty(duty: float) -> bytes:
    """LEDn_ON and LEDn_OFF for a duty cycle of 0 to 1: on from the count 0 to another."""
    count = round(duty * STEPS)
    if count == 0:
        return bytes((0, 0, 0, FULL))
    if count == STEPS:
        return bytes((0, FULL, 0, 0))
    return bytes((0, 0, count & 0xFF, count >> 8))


class Pca9685:
    """One chip, all of whose channels run at one frequency and on, when this process ends."""

    def __init__(
        self, bus: Bus, address: int = 0x40, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """`address` is of 7 bits. Nothing is sent yet."""
        self._bus, self._address, self._sleep = bus, address, sleep
        self._prescale: int | None = None
        self._duties: dict[int, float] = {}

    def start(self, channel: int, frequency: float) -> float:
        """Begin PWM on a channel, dark; the frequency that is truly made, in Hz. Raises OSError.

        Raises BoardError, too, where other channels run at another frequency.
        """
        prescale = find_prescale(frequency)
        if prescale != self._prescale and self._duties.keys() - {channel}:
            raise BoardError(
                f"a PCA9685 has one frequency for all channels: others run, not at {frequency:g} Hz"
            )
        self._duties[channel] = 0.0
        if prescale != self._prescale or self._was_reset():
            self._set_up(prescale)
        self._send(channel)
        return made_frequency(prescale)

    def drive(self, channel: int, duty: float) -> None:
        """Set a channel that was started to a duty cycle, 0 to 1. Raises OSError."""
        self._duties[channel] = duty
        if self._prescale is not None and self._was_reset():
            self._set_up(self._prescale)
        self._send(channel)

    def stop(self, channel: int) -> None:
        """Put a channel out. Raises OSError."""
        self._duties.pop(channel, None)
        self._write(LED0_ON_L + 4 * channel, encode_duty(0.0))

    def close(self) -> None:
        """Let go of the bus; may be called twice."""
        self._bus.close()

    def _was_reset(self) -> bool:
        """Whether the chip lost its supply since it was set up: then it sleeps, all dark."""
        try:
            return bool(self._bus.read(self._address, MODE1) & SLEEP)
        except OSError as error:
            raise self._silent(error) from error

    def _set_up(self, prescale: int) -> None:
        """Put every channel out, and set the frequency; then as before."""
        self._write(ALL_LED_OFF_H, bytes((FULL,)))
        self._write(MODE1, bytes((AUTO_INCREMENT | SLEEP,)))
        self._write(PRE_SCALE, bytes((prescale,)))  # which is taken asleep only
        self._write(MODE2, bytes((TOTEM_POLE,)))
        self._write(MODE1, bytes((AUTO_INCREMENT,)))
        self._sleep(WAKING)
        self._prescale = prescale
        for channel in self._duties:
            self._send(channel)

    def _send(self, channel: int) -> None:
        # All four bytes in one transfer: they count from its end on, together.
        self._write(LED0_ON_L + 4 * channel, encode_duty(self._duties[channel]))

    def _write(self, register: int, data: bytes) -> None:
        try:
            self._bus.write(self._address, bytes((register,)) + data)
        except OSError as error:
            raise self._silent(error) from error

    def _silent(self, error: OSError) -> BoardError:
        return BoardError(
            f"the PCA9685 at 0x{self._address:02x} does not answer ({error.strerror}): check its"
            " supply and its two wires; `i2cdetect -y BUS` lists what answers"
        )


def open_pca9685(bus: int, address: int) -> OpenedChip:
    """Open the bus that the chip is on. Raises BoardError."""
    channels = {channel: channel for channel in range(CHANNEL_COUNT)}
    return OpenedChip(Pca9685(I2cBus(bus), address), channels)
