"""The course of one visit, taken from what its screens showed, moment by moment. Pure."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kiosk.display.shown import Shown
from kiosk.evaluation.told_truth import TruthFile, was_true
from kiosk.twin.reading import INSTRUCTIONS, read_instructions
from kiosk.twin.wires import Posture
from kiosk.visit import Stage

CLOSE, FOLLOWED = 0.8, 2.0
"""Seconds within which two instructions are too close, and a fault belies a praise."""

PRAISE = ("guide.hold", "count.")
"""What phrases begin with that praise."""

AGAIN = "guide.again"
"""What stands beside the reason why a shot gave no photo."""

LONGEST_WITHOUT_BUTTON = 20.0
"""Seconds after which a screen without any button is a dead end."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What was shown at one time, and how the student stood."""

    at: float
    stage: Stage
    shown: Shown
    posture: Posture


@dataclass(frozen=True, slots=True)
class Told:
    """A phrase that stood on the screen without a pause."""

    phrase: str
    began: float
    ended: float
    """When it was shown last."""
    true: bool = True


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a visit. Plain values, for it comes from another process."""

    person: str
    temperament: str
    seed: int
    end: str
    """`photo`; `waived`, which is a photo with rules that staff decide about; a reason why there is
    none, as its phrase names it; `left`, where the booth went back to attract without a word; or
    `dead end`."""
    waited: float | None
    """Seconds from the scan to the first photo that was shown; None: none was."""
    told: tuple[Told, ...]
    too_close: int
    """Pairs of different instructions."""
    praises: int
    belied: int
    """Praises that a fault followed."""
    spoiled: int = 0
    """Times that it went from the shutter back to the guide."""

    @property
    def has_photo(self) -> bool:
        """Whether a photo was handed in."""
        return self.end in ("photo", "waived")

    @property
    def untrue(self) -> tuple[Told, ...]:
        """The instructions that were not true."""
        return tuple(told for told in self.told if not told.true)


def describe_end(moments: Sequence[Moment], *, ended: bool, waived: bool) -> str:
    """How a visit ended; `ended` is whether the booth went back to attract in time."""
    if not ended or has_dead_end(moments):
        return "dead end"
    if any(moment.stage is Stage.DONE for moment in moments):
        return "waived" if waived else "photo"
    for moment in reversed(moments):
        if moment.stage is Stage.TURNED_AWAY:
            said = [name for name in moment.shown.phrases if name.startswith("reason.")]
            return min(said).split(".")[1] if said else "turned away"
    return "left"


def has_dead_end(moments: Sequence[Moment]) -> bool:
    """Whether a screen without any button stayed for long."""
    since: float | None = None
    for moment in moments:
        if moment.shown.targets or moment.stage is Stage.IDLE:
            since = None
            continue
        since = moment.at if since is None else since
        if moment.at - since > LONGEST_WITHOUT_BUTTON:
            return True
    return False


def seconds_to_photo(moments: Sequence[Moment], scanned_at: float | None) -> float | None:
    """Seconds from the scan to the first review."""
    reviewed = (moment.at for moment in moments if moment.stage is Stage.REVIEW)
    first = next(reviewed, None)
    return None if first is None or scanned_at is None else first - scanned_at


def list_told(moments: Sequence[Moment], truths: Mapping[str, TruthFile]) -> tuple[Told, ...]:
    """Every instruction that the guide showed, in order, and whether it was true.

    What was the reason why a shot gave no photo may be asked for beyond its goal: that is true.
    """
    stood = [(moment.at, moment.posture) for moment in moments]
    reasons = _list_reasons(moments)
    found = [
        Told(
            name,
            began,
            ended,
            was_true(INSTRUCTIONS[name], began, stood, truths)
            or reasons.get(name, math.inf) < began,
        )
        for name, began, ended in _spans(moments, read_instructions)
    ]
    return tuple(sorted(found, key=lambda told: told.began))


def _list_reasons(moments: Sequence[Moment]) -> dict[str, float]:
    """The phrases that said why a shot gave no photo, and since when each did."""
    reasons: dict[str, float] = {}
    for moment in moments:
        if AGAIN in moment.shown.phrases:
            for name in moment.shown.phrases & INSTRUCTIONS.keys():
                reasons.setdefault(name, moment.at)
    return reasons


def list_praises(moments: Sequence[Moment]) -> tuple[Told, ...]:
    """Every time that the student was praised, from the first word to the last."""
    spans = _spans(
        moments,
        lambda shown: ("praise",) if any(n.startswith(PRAISE) for n in shown.phrases) else (),
    )
    return tuple(Told(name, began, ended) for name, began, ended in spans)


def count_too_close(told: Sequence[Told]) -> int:
    """Pairs of different instructions of which the second came too soon to read the first."""
    return sum(
        after.phrase != before.phrase and after.began - before.began < CLOSE
        for before, after in pairwise(told)
    )


def count_belied(praises: Sequence[Told], told: Sequence[Told]) -> int:
    """Praises within which, or soon after which, a fault was told."""
    return sum(
        any(praise.began <= fault.began <= praise.ended + FOLLOWED for fault in told)
        for praise in praises
    )


def count_spoiled(moments: Sequence[Moment]) -> int:
    """Times that a shot gave no photo, and the guide went on."""
    after_shutter = {Stage.SHUTTER, Stage.STANDARDISING}
    return sum(
        before.stage in after_shutter and after.stage is Stage.GUIDE
        for before, after in pairwise(moments)
    )


def _spans(
    moments: Sequence[Moment], read: Callable[[Shown], tuple[str, ...]]
) -> Iterator[tuple[str, float, float]]:
    """From when to when each name that is read of a screen of the guide stood there."""
    standing: dict[str, tuple[float, float]] = {}
    for moment in moments:
        names = read(moment.shown) if moment.stage is Stage.GUIDE else ()
        for name in names:
            standing[name] = standing.get(name, (moment.at, 0.0))[0], moment.at
        for name in [name for name in standing if name not in names]:
            yield name, *standing.pop(name)
    for name, (began, ended) in standing.items():
        yield name, began, ended
