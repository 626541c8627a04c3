"""Faults of the light on the usual stage: whether the booth names them, and whether it copes.

What the booth names is what its control law notices while it follows a person. Whether a photo
would pass is asked of the truth at the levels that it comes to, where any levels could.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from kiosk.config import Config
from kiosk.evaluation.lamps_booths import FACE_LAMPS, LitBooth, usual_booth
from kiosk.evaluation.lamps_law import EVEN, Following
from kiosk.evaluation.lamps_rows import BENCH, share
from kiosk.evaluation.lit_face import find_true_light
from kiosk.evaluation.lit_person import LitPerson
from kiosk.evaluation.rows import Row
from kiosk.pipeline.look.attendance import VOTE_FRAMES
from kiosk.pipeline.look.looker import Looker

PATIENCE = 40
"""Frames within which a fault must be named, and the light be as good as it can."""

CALLED = 20
"""Frames after which an attendance call swings the lamps, as in every visit: a face alike on both
sides tells nothing of lamps that are exchanged while they give the same light."""

CLOUDS = 3.0
"""Seconds from one cloud before the window to the next."""

LESS, MORE = 0.1, 0.5
"""Levels of a key lamp's picture between which clouds let the window's light go."""

NOTHING = "nothing wrong"

DARKEST, LIGHTEST = "kofi", "anna"
"""Whose skin is the darkest, and the lightest, of the twelve."""

FAULT_PEOPLE = ("lin", DARKEST, LIGHTEST, "wei")
"""Before whom each fault is tried."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that may be wrong with a booth's light."""

    name: str
    notice: str | None
    """What the control law is to notice; None: nothing, for it is no fault of the booth."""
    change: Callable[[LitBooth], LitBooth]
    live: Callable[[LitPerson], None] | None = None
    """What happens at each step of the time."""


@dataclass(frozen=True, slots=True)
class Coped:
    """How the booth coped with one fault before one person."""

    fault: str
    person: str
    notices: frozenset[str]
    named: bool
    """Whether it was named; where there is nothing to name, whether nothing was."""
    possible: bool
    """Whether any levels light cheeks alike."""
    passes: bool
    """Whether the light keeps the rules on evenness, glare and shine at the end."""
    card: float
    """The card's light, as a share of what it was calibrated to."""


def _output(lamp: str, share: float) -> Callable[[LitBooth], LitBooth]:
    return lambda booth: replace(booth, outputs={**booth.outputs, lamp: share})


def _swap(booth: LitBooth) -> LitBooth:
    left, right = booth.pins["key_left"], booth.pins["key_right"]
    return replace(booth, wired={**booth.pins, "key_left": right, "key_right": left})


def _drift_clouds(person: LitPerson) -> None:
    share = 0.5 + 0.5 * math.sin(2 * math.pi * person.clock.at / CLOUDS)
    person.wires.ambient = {"room": 1.0, "key_left": LESS + (MORE - LESS) * share}


FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(NOTHING, None, lambda booth: booth),
        Fault("a dead lamp", "dead key_left", _output("key_left", 0.0)),
        Fault("a lamp at half power", "weak key_right", _output("key_right", 0.5)),
        Fault("two lamps wired the wrong way round", "swapped", _swap),
        Fault("a window with moving clouds", None, lambda booth: booth, _drift_clouds),
        Fault("PWM of 170 Hz", None, lambda booth: replace(booth, frequency=170)),
    )
}
"""By what they are called."""


def try_fault(name: str, person: str, config: Config, looker: Looker) -> Coped:
    """Let one person stand in a booth with a fault, in this process."""
    fault = FAULTS[name]
    booth = fault.change(usual_booth(person, config))
    truth = find_true_light(booth.subject, looker, booth.card)
    stands = booth.place_person(100)
    following = Following(stands.lamps, looker, booth.response, booth.working)
    looked = 0
    while looked < PATIENCE:
        frame = stands.next_frame(
            None if fault.live is None else lambda: fault.live and fault.live(stands)
        )
        if frame is not None:
            if CALLED <= looked < CALLED + VOTE_FRAMES:
                following.swing(frame, looked - CALLED + 1)
            else:
                following(frame)
            looked += 1
    lit = stands.truly_given
    best = {name: stands.wires.outputs[name] for name in FACE_LAMPS}
    stands.close()
    looker.forget()
    notices = following.control.notices
    faults = frozenset(notice for notice in notices if notice != "out of reach")
    return Coped(
        fault.name,
        person,
        notices,
        fault.notice in notices if fault.notice else not faults,
        truth.least_ratio(lit, best, FACE_LAMPS) <= EVEN,
        truth.passes(lit),
        truth.card_light(lit) / booth.wanted,
    )


def list_fault_rows(coped: list[Coped]) -> Iterator[Row]:
    """The rows of faults."""
    for fault in FAULTS.values():
        here = [each for each in coped if each.fault == fault.name]
        named = "named" if fault.notice else "no lamp accused"
        yield share(f"{fault.name}: {named}", sum(e.named for e in here), len(here), 100)
        can = [each for each in here if each.possible]
        yield share(
            f"{fault.name}: the light passes, where it can", sum(e.passes for e in can), len(can),
            100,
        )  # fmt: skip
    well = {each.person: each.card for each in coped if each.fault == NOTHING}
    if {DARKEST, LIGHTEST} <= well.keys():
        off = abs(_lightness(well[DARKEST]) - _lightness(well[LIGHTEST]))
        yield Row.at_most(BENCH, "grey card, darkest skin against lightest", off, "L*", 1.5)


def _lightness(card: float) -> float:
    """CIE L* of a card of 18 % that has so much of its light."""
    return 116 * math.cbrt(0.18 * card) - 16
