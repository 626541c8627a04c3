"""The thread that lets lamps fade: it calls `Lamps.pass_time` while a level is on its way."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from gpiozero.pins import Factory

from kiosk.lighting.curve import Curve
from kiosk.lighting.heat import HeatWatch
from kiosk.lighting.lamps import TICK, Lamps, LampSettings

log = logging.getLogger(__name__)

FAREWELL = 1.0
"""Seconds that a step under way has to end in."""


class Fader:
    """Moves lamps on 60 times a second while they fade, and sleeps else."""

    def __init__(self, lamps: Lamps, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` is the lamps' own."""
        self._lamps, self._clock = lamps, clock
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._fade_on, name="fader", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the lamps as they are."""
        self._closing.set()
        self._lamps.moving.set()
        self._thread.join(FAREWELL)

    def _fade_on(self) -> None:
        while self._lamps.moving.wait() and not self._closing.wait(TICK):
            try:
                self._lamps.pass_time(self._clock())
            except Exception as error:  # lamps that nobody can move must not stay lit
                log.exception("lamps cannot be moved, and go out")
                self._lamps.give_up(f"it cannot be moved: {error}")


@contextmanager
def open_lamps(
    settings: LampSettings,
    simulated: Factory | None = None,
    *,
    curves: Mapping[str, Curve] | None = None,
) -> Iterator[Lamps]:
    """The lamps that are configured, or simulated ones, with the threads that let them fade, and
    hold them back where they are hot.

    `curves` are as for `Lamps.open`.
    """
    with ExitStack() as stack:
        lamps = stack.enter_context(Lamps.open(settings, simulated, time.monotonic, curves=curves))
        stack.callback(Fader(lamps).close)
        if settings.thermometer is not None:
            stack.callback(HeatWatch(lamps, settings.thermometer, settings.hot).close)
        yield lamps
