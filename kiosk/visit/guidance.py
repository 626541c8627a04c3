"""How far the guide has come with the person before it. Plain values.

What is decided here is what the screen shows and the voice speaks: nothing that was not judged on
this person, no blink, and no praise before every rule was judged. kiosk/visit/follow.py makes each
frame's guidance from the one before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kiosk.pipeline.assessment import Assessment
from kiosk.pipeline.judge.groups import ALL_OPEN, GroupState
from kiosk.pipeline.judge.rules import Group
from kiosk.visit.events import Head
from kiosk.visit.instruction import Instruction, Saying
from kiosk.visit.lamp_work import NO_WORK, LampWork
from kiosk.visit.tempo import COUNT, COUNTS, HOLD

SIT = Saying("sit")

HOLD_AND_COUNT = HOLD + COUNTS * COUNT
"""Seconds from the first praise to the shutter."""

NEVER: Mapping[str, float] = {}

LONGEST_FRAME = 0.5
"""Seconds that a frame may stand for: nobody is told anything while a camera fails."""

UNTOLD = "nothing"
"""Stands in `told_for` for the time in which a student waits and is told of no rule."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a student is guided."""

    excused: frozenset[str] = frozenset()
    """Rules that need not hold."""
    insisted: frozenset[str] = frozenset()
    """Rules that are held to their goal to the end (`visit.insistence`)."""
    lamps_lost: bool = False
    slower: bool = False
    waiting: bool = False
    """Whether the shutter must wait: something is being asked."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """How far the guide has come with the person before it. Times are monotonic seconds."""

    saying: Saying = SIT
    saying_since: float | None = None
    """None before the first frame."""
    sterner: Instruction | None = None
    """What the last shot's photo could not be made for: it is asked for beyond its goal."""
    sterner_bound: float | None = None
    """How far off the goal's middle it may lie then, as a share of the goal's half; None before the
    first frame."""
    assessment: Assessment | None = None
    """What was found in the last frame."""
    head: Head | None = None
    lamps: LampWork = NO_WORK
    """What the lamps did then."""
    judged_at: float | None = None
    """When that frame was taken."""
    began: float | None = None
    """When the first frame with a face was judged."""
    faceless_since: float | None = None
    """Since when no face is found; None while one is."""
    hidden: tuple[float, float] | None = None
    """From when until when a face was seen that cannot be measured; None: none is."""
    groups: Mapping[Group, GroupState] = field(default_factory=lambda: ALL_OPEN)
    """How the five groups of rules stand, as they are shown."""
    broken_since: Mapping[str, float] = field(default_factory=lambda: NEVER)
    """Since when each rule has been broken without a pause."""
    fine_since: float | None = None
    """Since when all is as good as is asked for, without a pause; None: it is not."""
    lapsed_since: float | None = None
    """Since when it is not; None: it is."""
    good_since: float | None = None
    """Since when all has been good but for blinks."""
    held_since: float | None = None
    """Since when the student is praised and asked to hold still."""
    held_once: bool = False
    """Whether all was good once: what a photo may have will do from then on."""
    broken_praises: int = 0
    """How often a hold has failed."""
    praise_lost_at: float | None = None
    """When the last one did."""
    mended: Mapping[str, int] = field(default_factory=dict)
    """How often each rule was told and then held."""
    stuck_on: str | None = None
    """The rule that was told last, until it has held for a while."""
    last_broken: float = 0.0
    """When that rule was last seen not to hold."""
    told_for: Mapping[str, float] = field(default_factory=lambda: NEVER)
    """Seconds for which each rule was told in vain; under UNTOLD, for which nothing was."""

    @property
    def praising(self) -> bool:
        """Whether the student is told that all is well."""
        return self.saying.name in ("hold", "count")

    def count(self, at: float) -> int | None:
        """The countdown's number, or None before it."""
        if self.held_since is None or (counting := at - self.held_since - HOLD) < 0:
            return None
        return max(COUNTS - int(counting / COUNT), 1)

    def progress(self, at: float) -> float:
        """How much of hold and countdown is done, 0 to 1."""
        if self.held_since is None:
            return 0.0
        return min(max((at - self.held_since) / HOLD_AND_COUNT, 0.0), 1.0)

    def stuck_for(self, at: float) -> float:
        """Seconds for which the same has not come right, at `at` s."""
        told = self.told_for.get(self.stuck_on or UNTOLD)
        if told is None or self.praising:
            return 0.0
        return told + self.time_since_frame(at)

    def time_since_frame(self, at: float) -> float:
        """Seconds since the last frame was judged, as far as it can stand for them."""
        before = at if self.judged_at is None else self.judged_at
        return min(max(at - before, 0.0), LONGEST_FRAME)

    def insist_anew(self) -> "Guidance":
        """The same, with the time of everything that was told in vain started anew."""
        return replace(self, told_for=NEVER)

    def let_go(self) -> "Guidance":
        """The same without a hold and its praise, should there be one."""
        saying = Saying("checking") if self.praising else self.saying
        return replace(self, saying=saying, held_since=None, good_since=None)

    def say(self, saying: Saying, at: float) -> "Guidance":
        """The same, saying this at `at`; since then, unless it is what was said already."""
        if saying == self.saying and self.saying_since is not None:
            return self
        return replace(self, saying=saying, saying_since=at)
