"""What is known of one person's spots: since when, what was asked and found, what is left. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kiosk.booth.reflections import Found, place_of, way_out
from kiosk.pipeline.judge.rules import Way
from kiosk.pipeline.look.highlights import PERSISTENCE, worth_asking
from kiosk.pipeline.observation import Spot

GLARE, SHINE = "glare", "highlight"
"""The rules that spots on lenses and on skin break."""

PERSISTS = 0.3
"""Seconds for which a spot must be there before it is asked after: who moves through a light is
not."""

PATIENCE = 8.0
"""Seconds for which a spot may wait to be asked after: then it is the student's."""

MOST_ASKED = 3
"""Questions about one person's spots at most: what is not gone by then no lamp takes off."""

AGAIN = 20.0
"""Seconds after which what the lamps have left to the student may be asked after again."""

SPOT_GONE = 1.0
"""Seconds without a spot after which one that comes is a new one."""

NO_TIMES: Mapping[str, float] = {}
NOTHING_LEFT: Mapping[str, "Left"] = {}


@dataclass(frozen=True, slots=True)
class Left:
    """A rule that the lamps have left to the student."""

    since: float
    way: Way | None = None
    """The way out of what is mirrored, where that is known."""


@dataclass(frozen=True, slots=True)
class SpotNotes:
    """What was noted of one person's spots, up to the last frame."""

    history: tuple[tuple[Spot, ...], ...] = ()
    """The lenses' spots in the last frames."""
    now: frozenset[str] = frozenset()
    """Which of GLARE and SHINE are there."""
    since: Mapping[str, float] = field(default_factory=lambda: NO_TIMES)
    """Since when each has been."""
    last: Mapping[str, float] = field(default_factory=lambda: NO_TIMES)
    """When each was seen last."""
    asked: int = 0
    """How many questions were heard out."""
    left: Mapping[str, Left] = field(default_factory=lambda: NOTHING_LEFT)
    found: tuple[Found, ...] = ()
    """What this frame told to be mirrored, for the first time of this person."""
    known: frozenset[Found] = frozenset()


def note_spots(
    notes: SpotNotes, spots: Sequence[Spot] | None, broken: frozenset[str], at: float, *, asks: bool
) -> SpotNotes:
    """The notes after a frame taken at `at` s; `broken` are the rules that do not hold, and `asks`
    says whether the lamps are dithered in it."""
    history = notes.history
    if not asks:
        lenses = tuple(spot for spot in spots or () if place_of(spot) == "lens")
        history = (*history, lenses)[-PERSISTENCE:]
    now = broken & {GLARE, SHINE}
    if worth_asking(history):
        now |= {GLARE}
    last = {**notes.last, **dict.fromkeys(now, at)}
    there = {rule for rule, when in last.items() if at - when < SPOT_GONE}
    since = {rule: notes.since.get(rule, at) for rule in there}
    left = {
        rule: one for rule, one in notes.left.items() if rule in there and at - one.since < AGAIN
    }
    return replace(notes, history=history, now=now, since=since, last=last, left=left, found=())


def wait_for_lamps(notes: SpotNotes, broken: frozenset[str], at: float) -> frozenset[str]:
    """The rules whose spots are to be asked after."""
    if notes.asked >= MOST_ASKED:
        return frozenset()
    # A small spot is asked after once; then only what breaks a rule.
    now = broken if notes.asked else notes.now
    return frozenset(
        rule
        for rule, since in notes.since.items()
        if rule in now and rule not in notes.left and at - since < PATIENCE
    )


def have_lasted(notes: SpotNotes, rules: Iterable[str], at: float) -> bool:
    """Whether spots that break one of these rules have been there for long enough to be asked
    after."""
    return any(at - notes.since[rule] >= PERSISTS for rule in rules)


def note_sources(notes: SpotNotes, found: Iterable[Found]) -> SpotNotes:
    """The notes after a question that found this to be mirrored."""
    new = tuple(dict.fromkeys(one for one in found if one not in notes.known))
    return replace(notes, asked=notes.asked + 1, found=new, known=notes.known | set(new))


def leave_spots(notes: SpotNotes, at: float, sources: Iterable[Found]) -> SpotNotes:
    """The notes where all that is there is left to the student from now on."""
    way = way_out(sources)
    left = {rule: Left(at, way if rule == GLARE else None) for rule in notes.since}
    return replace(notes, left={**notes.left, **left})
