"""What the lamps do for a student, as the guide is told of it. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kiosk.pipeline.judge.rules import Way

Work = Literal["light", "glasses", "skin"]
"""They even the light, or take a reflection off glasses or skin."""

NO_WAYS: Mapping[str, Way] = {}


@dataclass(frozen=True, slots=True)
class LampWork:
    """What the lamps do at a frame, and which rules are theirs."""

    does: Work | None = None
    """None: nothing that is worth a word."""
    sees_to: frozenset[str] = frozenset()
    """Rules that they mend, or are about to: nobody else is asked."""
    leaves: frozenset[str] = frozenset()
    """Rules that they cannot mend for this student."""
    ways: Mapping[str, Way] = field(default_factory=lambda: NO_WAYS)
    """For such a rule, where the light that is mirrored is known: which way out of it."""


NO_WORK = LampWork()
