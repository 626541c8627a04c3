"""Relief on people in the twin: whether the booth's own watch takes glare and shine off by lamps.

The watch is the real one: it follows, asks and relieves as it does in a visit. Whether a spot could
be taken off is looked for in the truth, among all levels that light the face as before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kiosk.booth.watch import Watch
from kiosk.evaluation.lamps_booths import FACE_LAMPS, LitBooth
from kiosk.evaluation.light_truth import TrueLight
from kiosk.evaluation.lit_person import LitPerson
from kiosk.lighting.response import Levels
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.specification import specification

What = Literal["glare", "much glare", "shine"]
"""Glare or shine beyond what the booth guides to; glare beyond the rule's limit."""

LIMIT = (specification().rules["glare"].limit or (0.0, 1.0))[1]
"""Share of an eye's zone that the rule on glare allows at most."""

PATIENCE = 90
"""Frames, 3 s, within which a spot must be gone: it is seen to last, asked after, and taken off, in
up to three goes."""

STAYS = 12
"""Frames for which it must be gone while the lamps do nothing but follow."""

FIRST = 20
"""Frames before which nothing is over: a booth looks whether a spot lasts."""


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
    frames: int
    """Frames that were looked at."""
    ratio: float
    """The lighter cheek over the darker one then."""
    card: float
    """The card's light then, as a share of what it was calibrated to."""


def watch_person(
    booth: LitBooth, truth: TrueLight, looker: Looker, seed: int, what: Sequence[What]
) -> tuple[Relieved, ...]:
    """Let the booth watch a person from its working light on, and see what it comes to."""
    person = booth.place_person(seed)
    watch = Watch(looker, booth.light_of(person), specification())
    lit = person.truly_given
    before = {each: (_is_there(truth, lit, each), _can_go(person, truth, each)) for each in what}
    looked = free = 0
    while looked < PATIENCE and not (looked >= FIRST and free >= STAYS):
        frame = person.next_frame()
        if frame is None:
            continue
        watch.look(frame)
        looked += 1
        gone = not any(_is_there(truth, person.truly_given, each) for each in what)
        free = free + 1 if gone and watch.phase == "following" else 0
    end = person.truly_given
    watch.forget()
    person.close()
    ratio, card = truth.cheeks_ratio(end), truth.card_light(end) / booth.wanted
    return tuple(
        Relieved(each, *before[each], not _is_there(truth, end, each), looked, ratio, card)
        for each in what
    )


def _can_go(person: LitPerson, truth: TrueLight, what: What) -> bool:
    """Whether any levels of the lamps keep the rules, at the light that the card has."""
    best = {name: person.wires.outputs[name] for name in FACE_LAMPS}
    most = LIMIT if what == "much glare" else None
    return next(truth.remedies(person.truly_given, best, FACE_LAMPS, most), None) is not None


def _is_there(truth: TrueLight, levels: Levels, what: What) -> bool:
    if what == "shine":
        return truth.shines(levels)
    return truth.glares(levels, LIMIT if what == "much glare" else None)
