"""Whether whoever the visit is about is still there. Pure."""

import math
from dataclasses import dataclass, replace

GONE = 1.5
"""Seconds without a face after which whoever is seen next may be somebody else."""

AWAY_WARNING = 3.0
"""Seconds without a face or a touch after which the student is asked to come back."""

AWAY_END = 8.0
"""Seconds without a face or a touch after which everything of the student is wiped."""

SIT_DOWN = 20.0
"""The same from the tap that says "ready" until a face is seen: a stool has to be reached, by some
on wheels."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether somebody is before the camera. Times are monotonic seconds."""

    seen: bool = False
    """Whether a face was seen since it was confirmed whose visit this is."""
    missing_since: float | None = None
    """Since when none is; None while one is, or before one was seen."""
    unattended_since: float | None = None
    """Since when there is none, and nobody has touched the screen."""
    looked_at: float = -math.inf
    """When was looked last."""

    def after(self, faces: int, at: float) -> "Presence":
        """The presence after a look that found so many faces."""
        if faces > 0:
            return Presence(seen=True, looked_at=at)
        if not self.seen:
            return replace(self, looked_at=at)
        return Presence(
            seen=True,
            missing_since=at if self.missing_since is None else self.missing_since,
            unattended_since=at if self.unattended_since is None else self.unattended_since,
            looked_at=at,
        )

    def touched(self) -> "Presence":
        """The presence after somebody touched the screen: they are there, whoever it is."""
        return replace(self, unattended_since=None)

    def missing_for(self, at: float) -> float:
        """Seconds for which a face that was there has been gone."""
        return 0.0 if self.missing_since is None else at - self.missing_since

    def unattended_for(self, at: float) -> float:
        """Seconds for which there has been neither face nor touch."""
        return 0.0 if self.unattended_since is None else at - self.unattended_since
