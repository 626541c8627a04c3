"""A clock for tests of what waits."""

from dataclasses import dataclass


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move it on at once."""
        self.now += seconds
