"""The rows of the lamps' bench, from what became of each person in each booth. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.evaluation.lamps_glare import Asked
from kiosk.evaluation.lamps_law import EVEN, SETTLING, Settled
from kiosk.evaluation.lamps_relief import Relieved
from kiosk.evaluation.rates import Rate
from kiosk.evaluation.rows import Row

BENCH = "lamps"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one person in one booth. Plain values, for it comes from another process."""

    person: str
    seed: int
    changed_lamp: bool
    """Whether a lamp was halved; else the room's light was changed by half."""
    started: Settled
    """From levels at random."""
    changed: Settled
    """After a lamp or the room changed by half."""
    summing: Settled | None
    """From the same start under the peer's law, where it was tried."""
    asked: tuple[Asked, ...]
    relieved: tuple[Relieved, ...]


def list_rows(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    """All rows that people in booths at random give."""
    yield from _attribution(outcomes)
    yield from _relief(outcomes)
    yield from _law(outcomes)


# ---- shares, with their intervals ----


def share(
    name: str, hits: int, total: int, goal: float | None = None, *, peer: float | None = None,
    at_most: bool = False,
) -> Row:  # fmt: skip
    """A share in per cent, with Wilson's interval in its unit; `peer` in per cent, too."""
    rate = Rate(name, hits, total, goal, at_most=at_most)
    low, high = rate.interval
    unit = f"% of {total} ({100 * low:.0f} to {100 * high:.0f})"
    ok = None if goal is None or not total else rate.holds
    return Row(BENCH, name, 100 * rate.share, unit, goal, ok, peer)


# ---- attribution ----


def _attribution(outcomes: Iterable[Outcome]) -> Iterator[Row]:
    asked = [spot for outcome in outcomes for spot in outcome.asked]
    known = [spot for spot in asked if spot.counts]
    yield share("highlights attributed right", _right(known), len(known), 95)
    for place in ("lens", "skin"):
        here = [spot for spot in known if spot.place == place]
        yield share(f"those on {_PLACES[place]}", _right(here), len(here), 95)
    for source in sorted({name for spot in known for name in spot.true}):
        here = [spot for spot in known if spot.true == {source}]
        yield share(f"those that mirror {_said(source)}", _right(here), len(here))
    answered = [spot for spot in known if spot.named is not None]
    yield share("of what was answered, right", _right(answered), len(answered))
    yield share("highlights without an answer", len(known) - len(answered), len(known))
    frames = [spot.frames for spot in answered]
    if frames:
        yield Row.at_most(BENCH, "frames to an answer, most", float(max(frames)), "frames", 15)
        yield Row(BENCH, "frames to an answer, median", float(np.median(frames)), "frames")
    none = [spot for spot in asked if not spot.true]
    wrongly = sum(spot.named is not None for spot in none)
    yield share("spots that mirror nothing, given a source", wrongly, len(none))


def _right(asked: Sequence[Asked]) -> int:
    return sum(spot.right for spot in asked)


_PLACES: Mapping[str, str] = {"lens": "lenses", "skin": "skin"}


def _said(source: str) -> str:
    return source if source in ("room", "screen") else f"the lamp {source}"


# ---- relief ----


def _relief(outcomes: Iterable[Outcome]) -> Iterator[Row]:
    relieved = [each for outcome in outcomes for each in outcome.relieved]
    for what, name, goal in (
        ("glare", "glare on lenses", 90),
        ("much glare", "glare beyond the rule's limit", 90),
        ("shine", "shine on skin", None),
    ):
        here = [each for each in relieved if each.what == what]
        there = [each for each in here if each.there]
        can = [each for each in there if each.possible]
        # Lamps that stay as they are remove nothing that is there.
        peer = 0.0 if can else None
        gone = sum(each.gone for each in can)
        yield share(f"{name} removed, where lamps can", gone, len(can), goal, peer=peer)
        yield share(f"{name}: lamps can remove it", len(can), len(there))
        free = sum(not each.there for each in here)
        fixed = 100 * free / len(here) if here else None
        yield share(f"without {name} at the end", sum(e.gone for e in here), len(here), peer=fixed)


# ---- the law ----


def _law(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    peers = [outcome.summing for outcome in outcomes if outcome.summing is not None]
    started = [outcome.started for outcome in outcomes]
    settled = [*started, *(outcome.changed for outcome in outcomes)]
    can = [each for each in settled if each.least_ratio <= EVEN]
    yield share(
        "cheeks lit alike at rest, within 1.10",
        sum(each.even for each in can),
        len(can),
        98,
        peer=100 * sum(each.even for each in peers) / len(peers) if peers else None,
    )
    yield share("lamps could not light cheeks alike", len(settled) - len(can), len(settled))
    yield from _frames("from a random start", started, peers, (6, 10))
    for halved, name in ((True, "a lamp"), (False, "the room")):
        changed = [outcome.changed for outcome in outcomes if outcome.changed_lamp is halved]
        yield from _frames(f"after {name} changed by half", changed, [], (None, 6))
    for name, goal in (("overshoot", 5), ("ripple", 1)):
        # Soon after a change nothing is at rest yet.
        of = settled if name == "overshoot" else started
        value = _percentile([100 * getattr(each, name) for each in of], 95)
        peer = _percentile([100 * getattr(each, name) for each in peers], 95) if peers else None
        yield Row.at_most(BENCH, f"{name}, 95th percentile", value, "%", goal, peer)
    cards = [100 * abs(each.card - 1) for each in settled if each.bright_enough]
    yield Row(BENCH, "card's light off its target, 95th percentile", _percentile(cards, 95), "%")


def _frames(
    name: str,
    settled: Iterable[Settled],
    peers: Iterable[Settled],
    goals: tuple[float | None, float | None],
) -> Iterator[Row]:
    ours, theirs = _frames_of(settled), _frames_of(peers)
    for percent, word, goal in ((50, "median", goals[0]), (95, "95th percentile", goals[1])):
        value = _percentile(ours, percent)
        peer = _percentile(theirs, percent) if theirs else None
        row = f"frames {name}, {word}"
        ok = None if goal is None else value <= goal
        yield Row(BENCH, row, value, "frames", goal, ok, peer)


def _frames_of(settled: Iterable[Settled]) -> list[float]:
    """Frames until the light was right, of all whom lamps can light evenly; more than were looked
    at where it never was."""
    return [
        float(SETTLING + 1) if each.frames is None else float(each.frames)
        for each in settled
        if each.least_ratio <= EVEN
    ]


def _percentile(values: Sequence[float], percent: float) -> float:
    """The value, one of these, that so many per cent do not exceed."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(int(np.ceil(percent / 100 * len(ordered))), len(ordered)) - 1]
