"""The control law on people in the twin: how soon their light is even, and how it stays so.

Everything is judged by the truth of the light at the levels that the pins truly have, never by what
the booth measures.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.camera.frame import Frame
from kiosk.evaluation.lamps_booths import FACE_LAMPS
from kiosk.evaluation.light_truth import TrueLight
from kiosk.evaluation.lit_person import LitPerson
from kiosk.evaluation.summing_law import balance_key_lamps
from kiosk.lighting import control_law
from kiosk.lighting.attribution import SCREEN
from kiosk.lighting.lamps import Lamps
from kiosk.lighting.response import Levels, Response
from kiosk.pipeline.look.attendance import swing
from kiosk.pipeline.look.backdrop_light import measure_backdrop
from kiosk.pipeline.look.looker import Looker

Drive = Callable[[Frame], object]
"""Looks at a frame and sets the lamps."""

EVEN = 1.10
"""Ratio of the cheeks' light up to which a face is lit evenly."""

SAME = 0.05
"""Share by which the card's light may still differ from where it comes to rest."""

SETTLING, RESTING = 17, 6
"""Frames that are looked at after something changed; and how many of the last are at rest."""

LAST = 3
"""Frames at the end by which it is told whether cheeks are lit alike."""

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
    """The card's light at rest, as a share of what it was calibrated to."""
    bright_enough: bool
    """Whether the lamps, all full, could give the card its light."""

    @property
    def even(self) -> bool:
        """Whether the cheeks are lit alike."""
        return self.ratio <= EVEN


class Following:
    """Lets the lamps follow the face by the booth's own law."""

    def __init__(self, lamps: Lamps, looker: Looker, response: Response, usual: Levels) -> None:
        """`usual` are the levels from which a visit starts."""
        self._lamps, self._looker, self._response = lamps, looker, response
        self._usual = usual
        self.control = control_law.begin(lamps.levels, usual)

    def __call__(self, frame: Frame) -> None:
        """Look at a frame, and set the lamps."""
        measured = self._measure(frame)
        if measured is None:
            return
        self.control, wanted = control_law.follow(
            self.control,
            measured,
            self._lamps.levels_at(frame.time),
            self._response,
            self._lamps.limits,
        )
        self._lamps.set(wanted)

    def swing(self, frame: Frame, number: int) -> None:
        """Look at the frame of a number in an attendance call, which has the lamps."""
        measured = self._measure(frame)
        if measured is not None:
            under = self._lamps.levels_at(frame.time)
            self.control = control_law.hear(self.control, measured, under, self._response)
        self._lamps.set(swing(self.control.levels, number))

    def _measure(self, frame: Frame) -> control_law.Measured | None:
        seen = self._looker.follow(frame.preview, frame.time)
        if seen.skin is None:
            return None
        backdrop = float(np.mean(measure_backdrop(frame.preview)))
        cheeks = seen.skin.light_picture_left, seen.skin.light_picture_right
        return control_law.Measured(cheeks, backdrop, frame.time)


class Summing:
    """Lets the key lamps follow the face by the peer's law."""

    def __init__(self, lamps: Lamps, looker: Looker) -> None:
        self._lamps, self._looker = lamps, looker

    def __call__(self, frame: Frame) -> None:
        """Look at a frame, and set the lamps."""
        seen = self._looker.follow(frame.preview, frame.time)
        if seen.skin is not None:
            left, right = seen.skin.light_picture_left, seen.skin.light_picture_right
            self._lamps.set(balance_key_lamps(self._lamps.levels, left, right))


def random_start(person: LitPerson, rng: np.random.Generator) -> None:
    """Bring the lamps that light the face to levels at random."""
    lamps = [name for name in person.lamps.levels if name in FACE_LAMPS]
    person.settle_at({name: float(rng.uniform(*STARTS)) for name in lamps})


def change_by_half(person: LitPerson, rng: np.random.Generator, *, lamp: bool) -> None:
    """Let a key lamp lose half of its light, or all that no lamp gives change by half."""
    if lamp:
        name = str(rng.choice(["key_left", "key_right"]))
        person.wires.set_output(name, person.wires.outputs[name] / 2)
    else:
        share = float(rng.choice([0.5, 1.5]))
        person.wires.ambient = {
            name: level if name == SCREEN else share * level
            for name, level in person.wires.ambient.items()
        }


def settle(
    person: LitPerson, truth: TrueLight, drive: Drive, wanted: float, frames: int = SETTLING
) -> Settled:
    """Let so many frames be looked at, and tell how the light came to rest.

    `wanted` is the card's light as it was calibrated.
    """
    lit: list[Levels] = [person.truly_given]
    while len(lit) <= frames:
        frame = person.next_frame()
        if frame is not None:
            drive(frame)
            lit.append(person.truly_given)
    full = person.wires.outputs
    best = {name: full.get(name, 0.0) for name in FACE_LAMPS}
    return judge_course(lit, truth, best, wanted)


def judge_course(lit: Sequence[Levels], truth: TrueLight, best: Levels, wanted: float) -> Settled:
    """How the light came to rest that was lit by these levels, from the first look on.

    `best` is what each of the face's lamps gives where it is full; `wanted` as for `settle`.
    """
    cheeks = np.array([truth.cheeks(levels) for levels in lit])
    ratios = np.array([truth.cheeks_ratio(levels) for levels in lit])
    cards = np.array([truth.card_light(levels) for levels in lit])
    final, card = cheeks[-LAST:].mean(0), float(cards[-LAST:].mean())
    right = (ratios <= EVEN) & (np.abs(cards / card - 1) <= SAME)
    return Settled(
        frames=_stays_from(right),
        ratio=float(ratios[-LAST:].max()),
        least_ratio=truth.least_ratio(lit[-1], best, tuple(best)),
        overshoot=float(max(_overshoot(cheeks[:, side], final[side]) for side in (0, 1))),
        ripple=float((np.ptp(cheeks[-RESTING:], axis=0) / final).max()),
        card=card / wanted,
        bright_enough=truth.card_light({**lit[-1], **best}) >= wanted,
    )


def _stays_from(right: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> int | None:
    """From which look on it is right to the end."""
    wrong = np.nonzero(~right)[0]
    first = 0 if not len(wrong) else int(wrong[-1]) + 1
    return first if first < len(right) else None


def _overshoot(light: "np.ndarray[tuple[int], np.dtype[np.float64]]", final: float) -> float:
    way = math.copysign(1.0, final - light[0])
    return max(float((way * (light - final)).max()) / final, 0.0)
