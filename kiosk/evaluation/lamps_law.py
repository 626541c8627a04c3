"""The control law on people in the twin: how soon their light is even, and how it stays so.

Everything is judged by the truth of the light at the levels that the pins truly have, never by what
the booth measures.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.camera.frame import Frame
from kiosk.evaluation.light_truth import TrueLight
from kiosk.evaluation.lit_person import LitPerson

Levels = Mapping[str, float]

Drive = Callable[[Frame], object]
"""Looks at a frame and sets the lamps."""

FACE_LAMPS = ("key_left", "key_right", "fill")
"""The lamps that light a face."""

EVEN = 1.10
"""Ratio of the cheeks' light up to which a face is lit evenly."""

SAME = 0.05
"""Share by which the card's light may still differ from where it comes to rest."""

SETTLING, RESTING = 20, 8
"""Frames that are looked at after something changed; and how many of the last are at rest."""

STARTS = (0.15, 0.95)
"""Levels between which key and fill lamps start at random."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How the light on a face came to rest after something changed."""

    frames: int | None
    """Frames that were looked at until the light was right and stayed so; None: it never was."""
    ratio: float
    """The lighter cheek over the darker one, at rest."""
    least_ratio: float
    """What it could be at best, with any levels of the lamps."""
    overshoot: float
    """How far a cheek's light went beyond where it came to rest, as a share of that."""
    ripple: float
    """How far a cheek's light still goes up and down at rest, as a share of its mean."""
    card: float
    """The card's light at rest."""

    @property
    def even(self) -> bool:
        """Whether the cheeks are lit alike."""
        return self.ratio <= EVEN


def random_start(person: LitPerson, rng: np.random.Generator) -> None:
    """Set the lamps that light the face to levels at random, and let them get there."""
    lamps = [name for name in person.lamps.levels if name != "backdrop"]
    person.lamps.set({name: float(rng.uniform(*STARTS)) for name in lamps})
    for _ in range(30):
        person.clock.advance(1 / 30)
        person.lamps.pass_time(person.clock.at)


def settle(person: LitPerson, truth: TrueLight, drive: Drive, frames: int = SETTLING) -> Settled:
    """Let so many frames be looked at, and tell how the light came to rest."""
    lit: list[Levels] = [person.truly_given]
    while len(lit) <= frames:
        frame = person.next_frame()
        if frame is not None:
            drive(frame)
            lit.append(person.truly_given)
    return judge_course(lit, truth, person.limits)


def judge_course(lit: Sequence[Levels], truth: TrueLight, limits: Levels) -> Settled:
    """How the light came to rest that was lit by these levels, from the first look on."""
    cheeks = np.array([truth.cheeks(levels) for levels in lit])
    ratios = np.array([truth.cheeks_ratio(levels) for levels in lit])
    cards = np.array([truth.card_light(levels) for levels in lit])
    final, card = cheeks[-RESTING:].mean(0), float(cards[-RESTING:].mean())
    right = (ratios <= EVEN) & (np.abs(cards / card - 1) <= SAME)
    return Settled(
        frames=_stays_from(right),
        ratio=float(ratios[-RESTING:].max()),
        least_ratio=truth.least_ratio(lit[-1], limits, FACE_LAMPS),
        overshoot=float(max(_overshoot(cheeks[:, side], final[side]) for side in (0, 1))),
        ripple=float((np.ptp(cheeks[-RESTING:], axis=0) / final).max()),
        card=card,
    )


def _stays_from(right: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> int | None:
    """From which look on it is right to the end."""
    wrong = np.nonzero(~right)[0]
    first = 0 if not len(wrong) else int(wrong[-1]) + 1
    return first if first < len(right) else None


def _overshoot(light: "np.ndarray[tuple[int], np.dtype[np.float64]]", final: float) -> float:
    way = math.copysign(1.0, final - light[0])
    return max(float((way * (light - final)).max()) / final, 0.0)
