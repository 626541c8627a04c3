"""How often rules err on judged pictures, with the intervals that so few pictures allow."""

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kiosk.evaluation.labelled import JudgedPicture
from kiosk.pipeline.specification import specification

Z_95 = 1.96
"""Standard deviations of a normal distribution within which 95 % lie."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened of how many times."""

    name: str
    hits: int
    total: int
    goal: float | None = None
    """Per cent."""
    at_most: bool = True
    """Whether the goal is an upper bound."""

    @property
    def share(self) -> float:
        """Hits over total, 0 to 1; NaN of none."""
        return self.hits / self.total if self.total else math.nan

    @property
    def holds(self) -> bool:
        """Whether the goal is kept; a rate of none keeps no goal."""
        if self.goal is None or not self.total:
            return False
        return 100 * self.share <= self.goal if self.at_most else 100 * self.share >= self.goal

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval, in which the true share lies with 95 % confidence.

        E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
        JASA 22 (1927).
        """
        if not self.total:
            return 0.0, 1.0
        n, p = self.total, self.share
        middle = (p + Z_95 * Z_95 / (2 * n)) / (1 + Z_95 * Z_95 / n)
        half = Z_95 / (1 + Z_95 * Z_95 / n)
        half *= math.sqrt(p * (1 - p) / n + Z_95 * Z_95 / (4 * n * n))
        return max(middle - half, 0.0), min(middle + half, 1.0)


def count_false_refusals(pictures: Iterable[JudgedPicture], rule: str) -> tuple[int, int]:
    """Of the pictures on which a rule holds: how many it refused or did not judge, and all."""
    hold = [picture for picture in pictures if picture.truth.get(rule) is True]
    return sum(picture.ok[rule] is not True for picture in hold), len(hold)


def count_caught(pictures: Iterable[JudgedPicture], rule: str) -> tuple[int, int]:
    """Of the pictures on which a rule is broken: how many it refused, and all."""
    broken = [picture for picture in pictures if picture.truth.get(rule) is False]
    return sum(picture.ok[rule] is False for picture in broken), len(broken)


def chance_of_difference(one: Rate, other: Rate) -> float:
    """Fisher's exact test, two-sided: how probable two shares so unlike, or more, are by chance.

    R. A. Fisher, Statistical Methods for Research Workers (1934).
    """
    hits, total = one.hits + other.hits, one.total + other.total

    def ways(first: int) -> int:
        return math.comb(one.total, first) * math.comb(other.total, hits - first)

    seen = ways(one.hits)
    possible = range(max(0, hits - other.total), min(hits, one.total) + 1)
    return sum(ways(k) for k in possible if ways(k) <= seen) / math.comb(total, hits)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A rule's bound chosen on one half of the people, and how it does on the other half."""

    rule: str
    bound: float
    specified: float
    """The specification's."""
    refused: Rate
    caught: Rate


HELD_OUT_RULES = ("eyes_open", "mouth_closed", "brows_clear", "ears_visible", "bareheaded",
                  "glasses_tint", "glare", "even_light", "highlight", "shadow")  # fmt: skip
"""Rules with pictures that keep them and pictures that break them."""

UNBOUNDED = 1.0
"""An upper limit from which on it only stands for none (`even_light` excepted)."""


def hold_out(pictures: Sequence[JudgedPicture]) -> Iterator[HeldOut]:
    """Choose each rule's bound on about half of the people, where it errs least, and try it on the
    others. A rule of which either half lacks a kept or a broken picture is left out.
    """
    for rule in HELD_OUT_RULES:
        limit = specification().rules[rule].limit
        if limit is None:
            continue
        low, high = limit
        # A bound that a photo's value has to stay above is turned round.
        is_lower = high >= UNBOUNDED and rule != "even_light"
        values: dict[tuple[bool, bool], list[float]] = {}
        for picture in pictures:
            value = picture.values.get(rule)
            if rule in picture.truth and value is not None:
                if rule == "even_light":
                    value = max(value, 1 / max(value, 1e-6))
                chosen_on = zlib.crc32(picture.person.encode()) % 2 == 0
                group = values.setdefault((chosen_on, picture.truth[rule]), [])
                group.append(-value if is_lower else value)
        kept, broken = values.get((True, True), []), values.get((True, False), [])
        other_kept, other_broken = values.get((False, True), []), values.get((False, False), [])
        if not (kept and broken and other_kept and other_broken):
            continue
        bound = _best_bound(kept, broken)
        yield HeldOut(
            rule,
            -bound if is_lower else bound,
            low if is_lower else high,
            Rate("refused", sum(value > bound for value in other_kept), len(other_kept)),
            Rate("caught", sum(value > bound for value in other_broken), len(other_broken)),
        )


def _best_bound(kept: Sequence[float], broken: Sequence[float]) -> float:
    """The bound with the fewest values on the wrong side, counted as shares of either group.

    It lies in the middle between two values; of several such gaps, in the widest.
    """
    values = sorted({*kept, *broken})

    def wrong(bound: float) -> float:
        missed = sum(value <= bound for value in broken) / len(broken)
        return missed + sum(value > bound for value in kept) / len(kept)

    middles = [((a + b) / 2, b - a) for a, b in pairwise(values)]
    return min(middles, key=lambda middle: (wrong(middle[0]), -middle[1]))[0]
