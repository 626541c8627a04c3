"""The state of the booth towards the person before it. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.pipeline.assessment import Assessment
from kiosk.pipeline.judge.groups import GroupState, group_rules
from kiosk.pipeline.judge.rules import Group, find_rule
from kiosk.visit.guidance import (
    OFFER_HELP,
    SHOW_OTHERWISE,
    SLOWER,
    Guidance,
    Saying,
    Terms,
)
from kiosk.visit.instruction import Instruction
from kiosk.visit.stages import (
    BLOCKED,
    OWN_WORK,
    PATIENCE,
    FaultName,
    Reason,
    Stage,
    UnreadCode,
)
from protocol.student import Student

GONE = 1.5
"""Seconds without a face after which whoever is seen next may be somebody else."""

AWAY_WARNING = 3.0
"""Seconds without a face after which the student is asked to come back."""

AWAY_END = 8.0
"""Seconds without a face after which everything of the student is wiped."""

MOST_PHOTOS = 3
"""Photos that wait for review together: more to choose from was a complaint elsewhere."""

MOST_FAILURES = 4
"""Shots that gave no photo, after which a visit is the staff's."""


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
class Presence:
    """Whether somebody is before the camera. Times are monotonic seconds."""

    seen: bool = False
    """Whether a face was seen in this visit."""
    missing_since: float | None = None
    """Since when none is; None while one is, or before one was seen."""

    def after(self, faces: int, at: float) -> "Presence":
        """The presence after a look that found so many faces."""
        if faces > 0:
            return Presence(seen=True)
        if not self.seen or self.missing_since is not None:
            return self
        return Presence(seen=True, missing_since=at)

    def missing_for(self, at: float) -> float:
        """Seconds for which a face that was there has been gone."""
        return 0.0 if self.missing_since is None else at - self.missing_since


@dataclass(frozen=True, slots=True)
class Visit:
    """The state of the booth towards the person before it."""

    stage: Stage = Stage.IDLE
    code: str | None = None
    """A capture code that was scanned before consent, and waits for it."""
    student: Student | None = None
    reason: Reason | None = None
    unread: UnreadCode | None = None
    """What was scanned last, where it was no capture code."""
    view: View = USUAL_VIEW
    presence: Presence = Presence()
    guidance: Guidance = field(default_factory=Guidance)
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
    """Shots of this visit that gave no photo."""
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
        return group_rules(self.assessment, self.excused)

    @property
    def terms(self) -> Terms:
        """On what terms the student is guided now."""
        return Terms(
            excused=self.excused,
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
        stuck, slower = self.guidance.stuck_for(at), SLOWER if self.view.larger else 1.0
        return (stuck >= SHOW_OTHERWISE * slower) + (stuck >= OFFER_HELP * slower)

    def helping(self, at: float) -> bool:
        """Whether help is offered."""
        return self.help_level(at) == 2

    def away(self, at: float) -> bool:
        """Whether whoever was there is asked to come back."""
        return self.presence.missing_for(at) >= AWAY_WARNING

    @property
    def patience(self) -> float | None:
        """Seconds that this stage waits; None: for ever."""
        seconds = PATIENCE.get(self.stage)
        slower = self.view.larger and self.stage not in OWN_WORK
        return None if seconds is None else seconds * (SLOWER if slower else 1.0)
