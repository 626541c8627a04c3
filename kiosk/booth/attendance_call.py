"""The attendance call: when the lamps swing so that a face can answer them, and how far. Pure."""

import math
from dataclasses import dataclass, replace

from kiosk.lighting.response import Levels
from kiosk.pipeline.look.attendance import VOTE_FRAMES, swing
from kiosk.pipeline.observation import Observation

CALL_AGAIN = 4.0
"""Seconds from one call to the next, for a face that did not answer."""

AHEAD = 10.0
"""Yaw, degrees, up to which both cheeks are seen well enough to answer."""

STANDS_STILL = 0.5
"""Motion in T a second below which somebody stands, and can be called on."""

ANSWERED = 0.5
"""Attendance from which on a face has answered."""

KEY_LAMPS = frozenset({"key_left", "key_right"})
"""The lamps that swing."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That a face has answered the lamps: there is a person, and no picture of one."""

    attendance: float
    """As `Observation` has it; ANSWERED at least."""
    at: float
    """When the call ended in which it did, s."""


@dataclass(frozen=True, slots=True)
class AttendanceCall:
    """Whether a call is under way, and when the last one began."""

    rest: Levels | None = None
    """The lamps' levels around which they swing; None while no call is under way."""
    frames: int = 0
    """Frames since the call began."""
    began: float = -math.inf
    """When the last call began, s."""
    answer: float | None = None
    """The attendance that the last call to its end has found; None while none has ended since this
    face came. Before that nothing is said of it: who has not been asked has not refused."""
    ended: float = -math.inf
    """When that call ended, s."""

    @property
    def under_way(self) -> bool:
        """Whether the lamps swing."""
        return self.rest is not None

    @property
    def proof(self) -> Proof | None:
        """What is proven of the face; None where it has not answered, or was not called on."""
        if self.answer is None or self.answer < ANSWERED:
            return None
        return Proof(self.answer, self.ended)


def follow_call(
    call: AttendanceCall, seen: Observation, at: float, levels: Levels, *, able: bool = True
) -> tuple[AttendanceCall, Levels | None]:
    """The call after a frame that was looked at, and what to set the lamps to, if anything.

    `levels` are the lamps' at that frame; `able` says whether this booth can call at all: it has a
    model that votes, and KEY_LAMPS that obey.
    """
    if seen.face is None:
        return AttendanceCall(), call.rest
    if call.rest is None:
        if able and stands_ahead(seen) and call.proof is None and at >= call.began + CALL_AGAIN:
            return replace(call, rest=levels, frames=0, began=at), None
        return call, None
    frames = call.frames + 1
    if frames > VOTE_FRAMES:
        answer = 0.0 if seen.attendance is None else seen.attendance
        return replace(call, rest=None, frames=0, answer=answer, ended=at), call.rest
    return replace(call, frames=frames), swing(call.rest, frames)


def stands_ahead(seen: Observation) -> bool:
    """Whether a face looks ahead and stands still, so that it can be called on and asked after."""
    ahead = seen.face is not None and abs(seen.face.yaw) < AHEAD
    return ahead and seen.motion is not None and seen.motion < STANDS_STILL
