"""Plots as SVG, made here: bars that a page shows, in the page's own colours and type."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a plot, in its drawing's units."""

    x: float
    y: float
    width: float
    height: float
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Upright bars over a row of labels, with lines of reference behind them."""

    width: float
    height: float
    bars: list[Bar]
    lines: list[tuple[float, int]]
    """y and count of each line."""
    every: int
    """Of how many labels one is shown, so that they do not run into each other."""
    bottom: float


LEFT, TOP, FOOT = 48.0, 20.0, 26.0
"""Room for the counts, above, and for the labels."""


def columns(
    counts: Sequence[tuple[str, int]], width: float, height: float, label_width: float = 44.0
) -> Columns:
    """Lay out upright bars; `label_width` is how much room a label takes."""
    top = tick_above(max((count for _, count in counts), default=0))
    room, tall = width - LEFT, height - TOP - FOOT
    step = room / max(len(counts), 1)
    bars = [
        Bar(
            round(LEFT + step * at + step * 0.12, 1),
            round(TOP + tall * (1 - count / top), 1),
            round(min(step * 0.76, 60.0), 1),
            round(tall * count / top, 1),
            label,
            count,
        )
        for at, (label, count) in enumerate(counts)
    ]
    parts = 4 if top >= 4 else top
    lines = [
        (round(TOP + tall * (1 - part / parts), 1), top * part // parts)
        for part in range(parts + 1)
        if top * part % parts == 0
    ]
    return Columns(width, height, bars, lines, math.ceil(label_width / step), TOP + tall)


def tick_above(count: int) -> int:
    """The least round number that is no smaller: 1, 2, 4, 5, 8 or 10 with zeros behind it."""
    if count <= 1:
        return 1
    power = int(10 ** (len(str(count)) - 1))
    return next(power * step for step in (1, 2, 4, 5, 8, 10) if power * step >= count)
