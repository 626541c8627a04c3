"""How a student stands to their college's time, and what the institution wants of it. Values."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from protocol.schedule import Slot  # and with it pydantic, which no visit needs

Standing = Literal["now", "early", "late", "elsewhere"]
"""Whether it is their time; or it is still to come, is over, or is at another place."""

Ruling = Literal["admit", "wait", "turn_away"]
"""What becomes of who comes at another time, or to another place."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How one student stands to the schedule."""

    standing: Standing
    slot: "Slot"
    """Theirs: the present one, else the next, else the last."""
    ruling: Ruling = "admit"
    begins_at: datetime | None = None
    """When who waits may begin; None where they need not wait, or no such time is known."""
    seconds_left: float = 0.0
    """Until then."""
    day: date | None = None
    """Today, in China; None where that is not told."""
    to_come: bool = False
    """Whether the slot is still to come: whoever missed one may have another."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """Whose turn it is at one place."""

    now: tuple["Slot", ...] = ()
    coming: tuple["Slot", ...] = ()
    """The next ones, by their start."""
    day: date | None = None
    """Today, in China."""


NO_AGENDA = Agenda()
