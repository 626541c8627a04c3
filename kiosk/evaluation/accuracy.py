"""How often the rules err: labelled portraits and rendered people against what is true of them."""

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from kiosk.evaluation.labelled import Judged, empty, judged
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import specification

PORTRAITS = Path("../shared/data/portraits")
"""Where labelled portraits lie beside the project; nothing of them is kept."""

Z = 1.96
"""Of a normal distribution: 95 % lie within."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened of how many times."""

    says: str
    hits: int
    of: int
    goal: float | None = None
    """Per cent."""
    at_most: bool = True
    """Whether the goal is an upper bound."""

    @property
    def share(self) -> float:
        """Hits of all; NaN of none."""
        return self.hits / self.of if self.of else math.nan

    @property
    def holds(self) -> bool:
        """Whether the goal is kept."""
        if self.goal is None or not self.of:
            return False
        return 100 * self.share <= self.goal if self.at_most else 100 * self.share >= self.goal

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval in which the true share lies with 95 % confidence."""
        if not self.of:
            return 0.0, 1.0
        n, p = self.of, self.share
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return max(middle - half, 0.0), min(middle + half, 1.0)


def false_refusals(pictures: Iterable[Judged], rule: str) -> tuple[int, int]:
    """Give how many pictures on which a rule holds it refused, and how many there are."""
    hold = [picture for picture in pictures if picture.truth.get(rule) is True]
    return sum(picture.ok[rule] is not True for picture in hold), len(hold)


def caught(pictures: Iterable[Judged], rule: str) -> tuple[int, int]:
    """Give how many pictures on which a rule is broken it refused, and how many there are."""
    broken = [picture for picture in pictures if picture.truth.get(rule) is False]
    return sum(picture.ok[rule] is False for picture in broken), len(broken)


STUDIO = ("yaw", "pitch", "roll", "eyes_open", "mouth_closed", "neutral", "gaze")
"""Rules that studio portraits of neutral people keep."""

CAUGHT = {
    "eyes_open": 95.0,
    "mouth_closed": 95.0,
    "gaze": 85.0,
    "yaw": None,
    "roll": None,
    "brows_clear": 90.0,
    "ears_visible": 85.0,
    "bareheaded": 95.0,
    "glasses_tint": 95.0,
    "glare": 95.0,
    "even_light": 95.0,
    "highlight": 95.0,
    "shadow": 95.0,
}
"""Rules that some pictures break, and how many of them are to be caught, per cent."""

REFUSED = {
    "brows_clear": 5.0,
    "ears_visible": 5.0,
    "bareheaded": 5.0,
    "glasses_tint": 3.0,
    "glare": 3.0,
}
"""Rules that labelled portraits and rendered people keep, and how many of these may be refused."""


def measure(looker: Looker, portraits: Path, *, quick: bool) -> Iterator[Rate]:
    """Judge the pictures, and give the rates that the booth is held to."""
    return rates(list(judged(looker, portraits, quick=quick)), looker, portraits)


def rates(pictures: Sequence[Judged], looker: Looker, portraits: Path) -> Iterator[Rate]:
    """Give the rates of pictures that were judged, and of pairs made of the portraits."""
    studio = [picture for picture in pictures if picture.set == "london_neutral"]
    for rule in STUDIO:
        yield Rate(f"{rule}: studio portraits refused", *false_refusals(studio, rule), 2.0)
    any_of = sum(any(picture.ok[rule] is not True for rule in STUDIO) for picture in studio)
    yield Rate("any of these: studio portraits refused", any_of, len(studio), 6.0)
    found, of = false_refusals(pictures, "one_face")
    yield Rate("one_face: one face seen as one", of - found, of, 99.0, at_most=False)
    yield Rate("one_face: an empty booth seen as empty", *empty(looker), 99.0, at_most=False)
    yield Rate("one_face: two people seen", *_pairs(looker, portraits), 99.0, at_most=False)
    props = [picture for picture in pictures if picture.set == "props"]
    own = [picture for picture in pictures if picture.set != "props"]
    for rule, goal in CAUGHT.items():
        yield Rate(f"{rule}: broken, and caught", *caught(own, rule), goal, at_most=False)
        yield Rate(f"{rule}: broken by a prop, and caught", *caught(props, rule), goal,
                   at_most=False)  # fmt: skip
    twins = [picture for picture in pictures if picture.set == "twin"]
    for rule in ("eyes_open", "mouth_closed", "gaze", "yaw", "roll"):
        yield Rate(f"{rule}: rendered people refused", *false_refusals(twins, rule))
    for rule, goal in REFUSED.items():
        yield Rate(f"{rule}: kept, and refused", *false_refusals(own, rule), goal)


@dataclass(frozen=True, slots=True)
class Halved:
    """A rule's bound chosen on one half of the people, and what it does on the other."""

    rule: str
    bound: float
    own: float
    """The specification's."""
    refused: Rate
    caught: Rate


HALVED = ("eyes_open", "mouth_closed", "brows_clear", "ears_visible", "bareheaded", "glasses_tint",
          "glare", "even_light", "highlight", "shadow")  # fmt: skip
"""Rules with pictures that keep them and pictures that break them."""


def halves(pictures: Sequence[Judged]) -> Iterator[Halved]:
    """Choose each rule's bound anew, where it tells best, on every second person only."""
    for rule in HALVED:
        low, high = specification().rules[rule].limit
        # A bound that a photo's value has to stay above is turned round.
        below = high >= UNBOUNDED and rule != "even_light"
        known: dict[tuple[bool, bool], list[float]] = {}
        for picture in pictures:
            value = picture.values.get(rule)
            if rule in picture.truth and value is not None:
                if rule == "even_light":
                    value = max(value, 1 / max(value, 1e-6))
                half = zlib.crc32(picture.person.encode()) % 2 == 0
                known.setdefault((half, picture.truth[rule]), []).append(-value if below else value)
        kept, broken = known.get((True, True), []), known.get((True, False), [])
        others = known.get((False, True), []), known.get((False, False), [])
        if not kept or not broken or not all(others):
            continue
        bound = _between(kept, broken)
        refused = Rate("refused", sum(value > bound for value in others[0]), len(others[0]))
        caught_ = Rate("caught", sum(value > bound for value in others[1]), len(others[1]))
        own = low if below else high
        yield Halved(rule, -bound if below else bound, own, refused, caught_)


UNBOUNDED = 1.0
"""An upper limit from which on it only stands for none (`even_light` excepted)."""


def _between(kept: Sequence[float], broken: Sequence[float]) -> float:
    """The middle of the widest gap in which the fewest values stand on the wrong side, by share."""
    values = sorted({*kept, *broken})

    def wrong(bound: float) -> float:
        missed = sum(value <= bound for value in broken) / len(broken)
        return missed + sum(value > bound for value in kept) / len(kept)

    middles = [((a + b) / 2, b - a) for a, b in pairwise(values)]
    return min(middles, key=lambda middle: (wrong(middle[0]), -middle[1]))[0]


def _pairs(looker: Looker, portraits: Path) -> tuple[int, int]:
    """Stand neighbours of the studio's portraits side by side, and count who is seen as two."""
    files = sorted(portraits.glob("london_neutral-*.jpg"))[:20]
    pictures = [read_picture(file)[:, 200:1150] for file in files]
    pairs = [np.hstack(pair) for pair in pairwise(pictures)]
    return sum(looker.look(pair).faces == 2 for pair in pairs), len(pairs)
