"""A photo's state, and how an institution has its photos reviewed: pure, no clock, no chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["unreviewed", "approved", "refused"]
"""How a photo stands. Only what is approved is exported; who was refused may come again."""

Verdict = Literal["approved", "refused"]
"""What one person says of a photo."""

BY_POLICY = "(policy)"
"""Whose word the approval is of a photo that was not drawn; nobody's login has brackets."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How an institution has its photos reviewed."""

    persons: int = 1
    """How many must approve a photo, each by themselves: 1 or 2. One who refuses is enough."""
    share: float = 1.0
    """Which share of the photos is drawn for it, 0 to 1; the others are approved undrawn."""

    def draws(self, draw: float, *, excused: bool) -> bool:
        """Say whether a photo is reviewed, by a number drawn from 0 to 1 (not 1 itself).

        `excused`: a rule did not hold, and staff are to decide (`Provenance.excused`); such a
        photo always is.
        """
        return excused or draw < self.share

    def state(self, verdicts: Mapping[str, Verdict]) -> State:
        """How a photo stands of which these people have said this."""
        if "refused" in verdicts.values():
            return "refused"
        if BY_POLICY in verdicts or len(verdicts) >= self.persons:
            return "approved"
        return "unreviewed"


EVERY_PHOTO = Policy()
"""Where an institution has said nothing else."""
