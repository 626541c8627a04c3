"""One small loop that keeps a service going: set up, run, tear down, wait, again."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.errors import KioskError, UsageError


class Service(Protocol):
    """Something that can fail and be started again.

    What it raises tells the supervisor what to do: a UsageError is permanent (no repetition mends
    a wrong configuration), anything else is temporary.
    """

    def set_up(self) -> None:
        """Get ready, up to the first proof that it works."""
        ...

    def run(self) -> None:
        """Work until asked to stop; raises where it cannot go on."""
        ...

    def tear_down(self) -> None:
        """Let go of everything, also after a set-up that failed half-way."""
        ...


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait after a failure, in seconds."""

    first: float = 0.5
    ceiling: float = 30.0
    steady: float = 60.0
    """After having run for this long, a failure counts as the first again."""

    def delay(self, failures: int, chance: float) -> float:
        """The wait after so many failures in a row; `chance` in [0, 1) is its jitter.

        Doubles with each failure. Half of it is left to chance, so that booths on one switched-off
        socket do not all come back in the same moment.
        """
        # Past 2**32 the ceiling holds for any wait; without a bound a float would overflow one day.
        longest = min(self.first * 2.0 ** min(failures - 1, 32), self.ceiling)
        return longest * (0.5 + 0.5 * chance)


class Supervisor:
    """Runs one service, and says whether it is available.

    `wait(seconds)` sleeps, and returns True as soon as the service is to stop: an Event's own
    `wait`. `chance()` returns a random number in [0, 1).
    """

    def __init__(
        self,
        name: str,
        service: Service,
        *,
        wait: Callable[[float], bool],
        chance: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
        backoff: Backoff | None = None,
    ) -> None:
        self._name = name
        self._service = service
        self._wait = wait
        self._chance = chance
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._log = logging.getLogger(f"kiosk.{name}")
        self._available = False
        self._fault: str | None = None

    @property
    def available(self) -> bool:
        """Whether the service works now."""
        return self._available

    @property
    def fault(self) -> str | None:
        """Why it does not work, in words for staff; None while it works or was never started."""
        return self._fault

    def run(self) -> None:
        """Keep the service going until `wait` says stop, it ends by itself, or it never can."""
        failures = 0
        while not self._wait(0):
            began = self._clock()
            try:
                self._service.set_up()
                if self._wait(0):  # a set-up cut short proves nothing
                    return
                self._recovered()
                self._service.run()
            except UsageError as error:
                self._failed(error)
                return
            except Exception as error:
                self._failed(error)
                steady = self._clock() - began >= self._backoff.steady
                failures = 1 if steady else failures + 1
            else:
                return
            finally:
                self._available = False
                self._tear_down()
            if self._wait(self._backoff.delay(failures, self._chance())):
                return

    def _tear_down(self) -> None:
        try:
            self._service.tear_down()
        except Exception:
            self._log.exception("%s: could not be torn down", self._name)

    def _recovered(self) -> None:
        self._available = True
        if self._fault is not None:
            self._log.info("%s: works again", self._name)
        self._fault = None

    def _failed(self, error: Exception) -> None:
        """Log a fault once, however often the same one comes back before a recovery."""
        foreseen = isinstance(error, KioskError)
        fault = str(error) if foreseen else f"{type(error).__name__}: {error}"
        if fault != self._fault:
            self._log.warning("%s: %s", self._name, fault, exc_info=None if foreseen else error)
        self._fault = fault
