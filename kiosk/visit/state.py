"""The state of the booth towards the person before it. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kiosk.pipeline.assessment import Assessment
from kiosk.pipeline.judge.groups import GroupState
from kiosk.pipeline.judge.rules import Group, find_rule
from kiosk.visit.guidance import Guidance, Terms
from kiosk.visit.insistence import insisted
from kiosk.visit.instruction import Instruction, Saying
from kiosk.visit.presence import AWAY_END, AWAY_WARNING, SIT_DOWN, Presence
from kiosk.visit.stages import (
    ATTENDED,
    BLOCKED,
    OWN_WORK,
    PATIENCE,
    FaultName,
    Proof,
    Reason,
    Stage,
    UnreadCode,
)
from kiosk.visit.tempo import OFFER_HELP, SHOW_OTHERWISE, SLOWER
from protocol.student import Student
from protocol.turn import Turn

MOST_PHOTOS = 3
"""Photos that wait for review together: more to choose from was a complaint elsewhere."""

MOST_FAILURES = 4
"""Shots in a row that gave no photo, after which a visit is the staff's."""

FOR_STAFF = 180.0
"""Seconds that a student waits for staff who look at their card."""

HELP_AFTER = 2
"""Scans of a visit that read no capture code, after which the screen shows how to come by one."""

IDENTITY = "identity"
"""What staff grant once they have seen who shows a plain code: no rule, but said of the photo."""

MOST_TOUCHES = 10
"""Touches that prolong one stage: a finger that needs more, or a screen that feels what is not
there, does not hold the booth."""


@dataclass(frozen=True, slots=True)
class View:
    """How this person wants the screens."""

    language: int = 0
    """Which of the booth's two languages is written large."""
    high_contrast: bool = False
    larger: bool = False
    """Larger letters, and more time to read."""


USUAL_VIEW = View()


@dataclass(frozen=True, slots=True)
class Visit:
    """The state of the booth towards the person before it."""

    stage: Stage = Stage.IDLE
    code: str | None = None
    """A capture code that was scanned before consent, and waits for it."""
    student: Student | None = None
    turn: Turn | None = None
    """How they stand to the schedule, or whoever was turned away for it."""
    reason: Reason | None = None
    until: datetime | None = None
    """When whoever was turned away may come again; None: at any time, or nobody knows."""
    unread: UnreadCode | None = None
    """What was scanned last, where it was no capture code."""
    unread_times: int = 0
    """How many scans of this visit read no capture code."""
    proof: Proof | None = None
    """What must be shown beside the code."""
    view: View = USUAL_VIEW
    touches: int = 0
    """How often this stage was prolonged by a touch."""
    presence: Presence = field(default_factory=Presence)
    guidance: Guidance = field(default_factory=Guidance)
    guided_since: float | None = None
    """When the guide first looked since the student last asked it to, at monotonic seconds; shots
    that gave no photo do not begin its patience anew."""
    back_to: Stage | None = None
    """Where a visit goes on once it is confirmed that it is still the same person."""
    asking_leave: bool = False
    """Whether the student is asked if they mean to leave."""
    waived: frozenset[str] = frozenset()
    """Rules that the student could not keep: staff decide about them."""
    granted: frozenset[str] = frozenset()
    """Rules that staff granted this student not to keep."""
    photos: int = 0
    """How many wait for review."""
    chosen: int = 0
    """The place of the one that the student looks at, from 0."""
    failures: int = 0
    """Shots in a row that gave no photo."""
    submission: str = ""
    """The number of the photo that was handed in."""
    faults: frozenset[FaultName] = frozenset()

    @property
    def fault(self) -> FaultName | None:
        """The fault to show instead of the stage's own screen, if one stops this stage."""
        stopping = sorted(f for f in self.faults if self.stage in BLOCKED[f])
        return stopping[0] if stopping else None

    @property
    def excused(self) -> frozenset[str]:
        """Rules that need not hold."""
        return self.waived | self.granted

    @property
    def helps_to_scan(self) -> bool:
        """Whether it is shown how one comes by a code that can be read."""
        return self.unread_times >= HELP_AFTER

    @property
    def waits_for_staff(self) -> bool:
        """Whether nobody may say that it is them before the staff have."""
        return self.proof == "staff" and IDENTITY not in self.granted

    @property
    def saying(self) -> Saying:
        """What the guide says."""
        return self.guidance.saying

    @property
    def instruction(self) -> Instruction | None:
        """What the student is told to mend now."""
        return self.saying.instruction if self.saying.name == "mend" else None

    @property
    def assessment(self) -> Assessment | None:
        """What was found in the last frame."""
        return self.guidance.assessment

    @property
    def groups(self) -> Mapping[Group, GroupState]:
        """How the five groups of rules stand, as they are shown."""
        return self.guidance.groups

    @property
    def terms(self) -> Terms:
        """On what terms the student is guided now."""
        return Terms(
            excused=self.excused,
            insisted=insisted(None if self.student is None else self.student.refused),
            lamps_lost="lamps" in self.faults,
            slower=self.view.larger,
            waiting=self.asking_leave,
        )

    @property
    def may_waive(self) -> bool:
        """Whether staff may decide about what the student cannot mend."""
        rule = self.guidance.stuck_on
        return rule is not None and find_rule(rule).staff_may_grant

    def count(self, at: float) -> int | None:
        """The countdown's number, or None."""
        return self.guidance.count(at)

    def help_level(self, at: float) -> int:
        """0; 1: show the instruction another way; 2: offer help."""
        if self.stage is not Stage.GUIDE:
            return 0
        stuck, slower = self.guidance.stuck_for(at), self._slower
        return (stuck >= SHOW_OTHERWISE * slower) + (stuck >= OFFER_HELP * slower)

    def helping(self, at: float) -> bool:
        """Whether help is offered."""
        return self.help_level(at) == 2

    def wiped_in(self, at: float) -> float | None:
        """Seconds until everything of a student who has gone is wiped; None: not gone for long."""
        left = self.wait_for_return - self.presence.unattended_for(at)
        return None if left > AWAY_END - AWAY_WARNING else max(left, 0.0)

    def away(self, at: float) -> bool:
        """Whether whoever was there is asked to come back."""
        watched = self.stage in ATTENDED or self.stage is Stage.GUIDE
        return watched and self.wiped_in(at) is not None

    @property
    def sitting_down(self) -> bool:
        """Whether a student who asked to be guided has yet to be seen."""
        return self.stage is Stage.GUIDE and self.guidance.began is None and not self.failures

    @property
    def wait_for_return(self) -> float:
        """Seconds without face and touch after which everything of the student is wiped."""
        return (SIT_DOWN if self.sitting_down else AWAY_END) * self._slower

    @property
    def patience(self) -> float | None:
        """Seconds that this stage waits; None: for ever."""
        seconds = PATIENCE.get(self.stage)
        if self.stage is Stage.WAITING and self.turn is not None:
            seconds = self.turn.seconds_left
        if self.stage is Stage.CONFIRM and self.waits_for_staff:
            seconds = FOR_STAFF
        slower = 1.0 if self.stage in OWN_WORK else self._slower
        return None if seconds is None else seconds * slower

    @property
    def _slower(self) -> float:
        return SLOWER if self.view.larger else 1.0
