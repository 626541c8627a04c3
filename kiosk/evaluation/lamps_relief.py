"""Relief on people in the twin: whether the booth's own watch takes glare and shine off by lamps.

The watch is the real one: it follows, asks and relieves as it does in a visit. Whether a spot could
be taken off is looked for in the truth, among all levels that light the face as before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kiosk.booth.watch import Watch
from kiosk.evaluation.lamps_booths import FACE_LAMPS
from kiosk.evaluation.light_truth import TrueLight
from kiosk.evaluation.lit_person import LitPerson

Levels = Mapping[str, float]

What = Literal["glare", "shine"]

PATIENCE = 70
"""Frames within which a spot must be gone: it is seen to last, asked after, and taken off."""


@dataclass(frozen=True, slots=True)
class Relieved:
    """What became of glare or shine that was there, or might have come."""

    what: What
    there: bool
    """Whether it is there while the lamps stay as a visit starts: so it is for every peer."""
    possible: bool
    """Whether lamps alone can take it off at equal light of the face, by the truth."""
    gone: bool
    """Whether it is not there once the booth has done what it does."""
    card: float
    """The card's light then, as a share of what it was."""


def watch_person(person: LitPerson, truth: TrueLight, watch: Watch, what: What) -> Relieved:
    """Let the booth watch a person from its working light on, and see what it comes to."""
    lit = person.truly_given
    there = _is_there(truth, lit, what)
    possible = next(truth.remedies(lit, person.limits, FACE_LAMPS), None) is not None
    looked = 0
    while looked < PATIENCE:
        frame = person.next_frame()
        if frame is not None:
            watch.look(frame)
            looked += 1
    end = person.truly_given
    watch.forget()
    card = truth.card_light(end) / truth.card_light(lit)
    return Relieved(what, there, possible, not _is_there(truth, end, what), card)


def _is_there(truth: TrueLight, levels: Levels, what: What) -> bool:
    return truth.glares(levels) if what == "glare" else truth.shines(levels)
