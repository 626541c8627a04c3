"""Trying again: later and later, and not all booths in the same moment."""

from collections.abc import Callable, Iterator
from random import Random
from typing import TypeVar

from kiosk.sync.errors import Forged, LeftToNext, NoSuchPath, Unreachable

Done = TypeVar("Done")

FIRST_PAUSE = 1.0
"""Seconds, at most, before what failed is tried again within a run: then twice as many."""

TRIES = 4
"""Of one thing within a run. What fails as often is left to the next run, a minute later."""

FIRST_WAIT = 60.0
"""Seconds, at most, in which the timer's runs end at once after one that failed; then twice as many
after each further one in a row."""

LONGEST_WAIT = 3600.0
"""Seconds: an hour after a network is mended each booth has come by itself."""


def wait_after(failures: int, random: Random) -> float:
    """The seconds in which no run shall try, after so many failures in a row; half of it drawn.

    So a registrar that comes back after a night is not met by all booths in the same minute.
    """
    return _draw(min(FIRST_WAIT * 2.0 ** min(failures - 1, 16), LONGEST_WAIT), random)


def pauses(random: Random) -> Iterator[float]:
    """The seconds to wait before each further try: half of them drawn, so that booths part."""
    return (_draw(FIRST_PAUSE * 2**number, random) for number in range(TRIES - 1))


def try_again(
    work: Callable[[], Done],
    pauses: Iterator[float],
    sleep: Callable[[float], None],
    is_there: Callable[[], bool],
) -> Done:
    """Do work, and again where something on the way spoiled it. Raises what the last try raised.

    Only where the registrar `is_there`, since it has answered in this run: where nobody answers
    the next run is soon enough.
    """
    while True:
        try:
            return work()
        except (LeftToNext, NoSuchPath):
            raise
        except (Unreachable, Forged):
            pause = next(pauses, None)
            if pause is None or not is_there():
                raise
            sleep(pause)


def _draw(most: float, random: Random) -> float:
    return most * random.uniform(0.5, 1.0)
