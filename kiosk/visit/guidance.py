"""The guide's course: what it says at each frame, and when the shutter may be released. Pure.

What is decided here is what the screen shows and the voice speaks: nothing that was not judged on
this person, no blink, and no praise before every rule was judged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.visit.events import Head
from kiosk.visit.instruction import Instruction

HOLD = 0.9
"""Seconds for which a student is asked to hold still before the countdown."""

COUNT = 0.8
"""Seconds for each of the countdown's numbers."""

COUNTS = 3

SETTLED = 0.4
"""Seconds for which all must be good before it is praised."""

BLINK = 0.35
"""Seconds for which rules may fail without the hold starting again (a blink lasts 0.1–0.3 s)."""

NOTICED = 0.5
"""Seconds for which a rule must be broken before it is spoken of."""

EYES_NOTICED = 0.9
"""The same for closed eyes: the longest blink, and what smoothing adds to it, must be over."""

READING = 1.5
"""Seconds for which an instruction stays, so that it can be read."""

MENDED = 0.7
"""Seconds for which it is shown, ticked off, that an instruction was followed."""

STRIVE = 15.0
"""Seconds for which the booth guides to every rule's goal; after them what a photo may have will
do, for a face's own asymmetry cannot be mended by its owner."""

LAMPS_TRY = 8.0
"""Seconds for which the lamps may try to mend the light before the student is asked to help."""

SHOW_OTHERWISE = 15.0
"""Seconds with the same instruction after which it is shown another way."""

OFFER_HELP = 30.0
"""Seconds with the same instruction after which help is offered."""

STILL_STUCK = 4.0
"""Seconds for which a rule must hold before it counts as mended, and its time starts anew."""

SLOWER = 1.8
"""By how much times to read are longer for who wants it slower."""

SayingName = Literal["sit", "come_back", "lamps", "checking", "mend", "mended", "hold", "count"]


@dataclass(frozen=True, slots=True)
class Saying:
    """What the guide says at a moment."""

    name: SayingName
    instruction: Instruction | None = None
    """Of `mend` and `mended`."""


SIT = Saying("sit")

TOLD_TOGETHER: Mapping[str, str] = {"brows_clear": "ears_visible"}
"""Rules that are mended in one: the later is told with the earlier where both are broken."""

NO_TIMES: Mapping[str, float] = {}


@dataclass(frozen=True, slots=True)
class Guidance:
    """How far the guide has come with the person before it. Times are monotonic seconds."""

    saying: Saying = SIT
    saying_since: float = 0.0
    opening: Instruction | None = None
    """Why the last shot was none: told first."""
    assessment: Assessment | None = None
    head: Head | None = None
    began: float | None = None
    """When the first frame with a face was judged."""
    broken_since: Mapping[str, float] = field(default_factory=lambda: NO_TIMES)
    """Since when each rule has been broken without a pause."""
    good_since: float | None = None
    held_since: float | None = None
    slipped_since: float | None = None
    """When a rule failed during the hold; None while all hold."""
    held_once: bool = False
    """Whether all was good once: what a photo may have will do from then on."""
    stuck_on: str | None = None
    """The rule that was told last."""
    stuck_since: float = 0.0
    last_broken: float = 0.0
    """When that rule was last broken."""

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
        return min((at - self.held_since) / (HOLD + COUNTS * COUNT), 1.0)

    def stuck_for(self, at: float) -> float:
        """Seconds for which the same instruction has not been followed."""
        told = self.saying.name in ("mend", "mended", "checking", "lamps")
        return at - self.stuck_since if self.stuck_on is not None and told else 0.0

    def insist_anew(self, at: float) -> "Guidance":
        """The same, with the time of the present instruction started anew."""
        return replace(self, stuck_since=at)


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a student is guided."""

    excused: frozenset[str] = frozenset()
    """Rules that need not hold."""
    lamps_lost: bool = False
    slower: bool = False
    waiting: bool = False
    """Whether the shutter must wait: something is being asked."""


def shows_nobody(assessment: Assessment) -> bool:
    """Whether a frame shows no face at all."""
    faces = next((rule.value for rule in assessment.rules if rule.id == "one_face"), None)
    size = next((rule.value for rule in assessment.rules if rule.id == "face_size"), None)
    return faces == 0 or (faces is None and size is None)


def follow(
    guidance: Guidance, assessment: Assessment, at: float, head: Head | None, terms: Terms
) -> tuple[Guidance, bool]:
    """The guidance after a frame judged at `at` s, and whether the shutter is to be released."""
    seen = replace(guidance, assessment=assessment, head=head)
    if shows_nobody(assessment):
        return _await(seen, at), False
    if seen.began is None:
        seen = replace(seen, began=at)
    broken = _find_broken(seen, assessment, at, terms)
    seen = replace(
        seen,
        broken_since={rule.id: guidance.broken_since.get(rule.id, at) for rule in broken},
    )
    seen = _count_stuck(seen, at)
    fine = not broken and not _find_open(assessment, terms)
    good_since = (at if seen.good_since is None else seen.good_since) if fine else None
    seen = replace(seen, good_since=good_since)
    if seen.held_since is not None:
        return _hold(seen, at, fine=fine, broken=broken, terms=terms)
    settled = good_since is not None and at - good_since >= SETTLED
    if settled and not terms.waiting and _may_change(seen, at, terms):
        holding = replace(seen, held_since=at, slipped_since=None, held_once=True, opening=None)
        return _say(holding, Saying("hold"), at), False
    return _instruct(seen, broken, at, terms), False


def _await(guidance: Guidance, at: float) -> Guidance:
    """Nobody is there: nothing that was found counts any more."""
    saying = SIT if guidance.began is None else Saying("come_back")
    waiting = replace(
        guidance,
        broken_since=NO_TIMES,
        good_since=None,
        held_since=None,
        slipped_since=None,
        stuck_on=None,
    )
    return _say(waiting, saying, at)


def _find_broken(
    guidance: Guidance, assessment: Assessment, at: float, terms: Terms
) -> list[RuleResult]:
    """The rules that were judged and do not hold as well as is asked for now."""
    strove = guidance.began is not None and at - guidance.began >= STRIVE
    lenient = strove or guidance.held_once
    return [
        rule
        for rule in assessment.rules
        if rule.id not in terms.excused
        and (rule.ok is False if lenient else rule.good is False)
        and rule.hinders
    ]


def _find_open(assessment: Assessment, terms: Terms) -> bool:
    """Whether something that a photo needs was not judged yet."""
    unjudged = any(
        rule.force == "required" and rule.ok is None and rule.id not in terms.excused
        for rule in assessment.rules
    )
    return unjudged or not assessment.complete


def _count_stuck(guidance: Guidance, at: float) -> Guidance:
    if guidance.stuck_on is None:
        return guidance
    if guidance.stuck_on in guidance.broken_since:
        return replace(guidance, last_broken=at)
    mended = at - guidance.last_broken >= STILL_STUCK
    return replace(guidance, stuck_on=None) if mended else guidance


def _hold(
    guidance: Guidance, at: float, *, fine: bool, broken: list[RuleResult], terms: Terms
) -> tuple[Guidance, bool]:
    """Go on with the hold while all rules hold, but for a blink."""
    if terms.waiting:
        return _instruct(_let_go(guidance), broken, at, terms), False
    if not fine:
        slipped = at if guidance.slipped_since is None else guidance.slipped_since
        if at - slipped > BLINK:
            return _instruct(_let_go(guidance), broken, at, terms), False
        return replace(guidance, slipped_since=slipped), False
    guidance = replace(guidance, slipped_since=None)
    since = at if guidance.held_since is None else guidance.held_since
    if at - since >= HOLD + COUNTS * COUNT:
        return guidance, True
    counting = guidance.count(at) is not None
    return _say(guidance, Saying("count" if counting else "hold"), at), False


def _let_go(guidance: Guidance) -> Guidance:
    return replace(guidance, held_since=None, slipped_since=None)


def _may_change(guidance: Guidance, at: float, terms: Terms) -> bool:
    """Whether what is said could be read by now."""
    if guidance.saying.name not in ("mend", "mended"):
        return True
    return at - guidance.saying_since >= _reading(guidance.saying, terms)


def _reading(saying: Saying, terms: Terms) -> float:
    seconds = MENDED if saying.name == "mended" else READING
    return seconds * (SLOWER if terms.slower else 1.0)


def _instruct(guidance: Guidance, broken: list[RuleResult], at: float, terms: Terms) -> Guidance:
    """Change what is said only once it could be read; what is followed at once is ticked off."""
    if guidance.opening is not None:
        opening = Saying("mend", guidance.opening)
        return replace(_tell(guidance, opening, at), opening=None)
    saying = guidance.saying
    told = saying.instruction
    readable = _may_change(guidance, at, terms)
    if saying.name == "mend" and told is not None and not _is_broken(guidance, told):
        # However soon: it is done, and that is shown.
        return _say(guidance, Saying("mended", told), at)
    if not readable:
        return guidance
    return _tell(guidance, _choose_saying(guidance, broken, at, terms), at)


def _is_broken(guidance: Guidance, told: Instruction) -> bool:
    return told.rule in guidance.broken_since or (
        told.also is not None and told.also in guidance.broken_since
    )


def _choose_saying(guidance: Guidance, broken: list[RuleResult], at: float, terms: Terms) -> Saying:
    began = at if guidance.began is None else guidance.began
    tried = terms.lamps_lost or at - began >= LAMPS_TRY
    noticed = [rule for rule in broken if _was_noticed(guidance, rule.id, at)]
    mine = [rule for rule in noticed if rule.who == "student"]
    if not mine and tried:
        mine = noticed
    if mine:
        return Saying("mend", _instruction(mine))
    if any(rule.who == "lamps" for rule in noticed):
        return Saying("lamps")
    return Saying("checking")


def _was_noticed(guidance: Guidance, rule: str, at: float) -> bool:
    least = EYES_NOTICED if rule == "eyes_open" else NOTICED
    return at - guidance.broken_since.get(rule, at) >= least


def _instruction(broken: list[RuleResult]) -> Instruction:
    first = broken[0]
    also = TOLD_TOGETHER.get(first.id)
    together = also if any(rule.id == also for rule in broken) else None
    return Instruction(first.id, first.direction, together)


def _tell(guidance: Guidance, saying: Saying, at: float) -> Guidance:
    """Say something; of an instruction it is kept since when it is the same one."""
    told = saying.instruction
    if saying.name == "mend" and told is not None and told.rule != guidance.stuck_on:
        guidance = replace(guidance, stuck_on=told.rule, stuck_since=at, last_broken=at)
    return _say(guidance, saying, at)


def _say(guidance: Guidance, saying: Saying, at: float) -> Guidance:
    if saying == guidance.saying:
        return guidance
    return replace(guidance, saying=saying, saying_since=at)
