"""Line charts, one above the other on one course of frames, as a drawing in SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kiosk.drawing.svg import FAINT, INK, Drawing

INKS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#8a6d00")
"""Of the lines, in their order: Okabe and Ito's palette, which colour-blind eyes tell apart."""

DASHES = ("", "7 4", "2 4", "9 3 2 3", "", "7 4")
"""Of the lines, so that print without colours tells them apart."""

WIDTH, LEFT, RIGHT, TOP = 760.0, 90.0, 130.0, 46.0
HEIGHT, GAP = 150.0, 44.0
"""Of a chart, and between two, px."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its lines by name, each with a value a frame."""

    title: str
    lines: Mapping[str, Sequence[float]]
    low: float
    high: float
    """The values at the axis' ends; what lies beyond is drawn at the end."""
    bounds: Mapping[str, float]
    """Values that are marked right across, by what they are."""


@dataclass(frozen=True, slots=True)
class Phase:
    """What went on during some frames, from the first until before the last."""

    name: str
    first: int
    last: int


def draw_charts(charts: Sequence[Chart], phases: Sequence[Phase], frames: int) -> Drawing:
    """Draw charts of so many frames, with the phases as bands behind them."""
    drawing = Drawing(WIDTH)
    bottom = TOP + len(charts) * (HEIGHT + GAP) - GAP
    for number, phase in enumerate(phases):
        left, right = (_across(frame, frames) for frame in (phase.first, phase.last))
        fill = "#f3f5f7" if number % 2 == 0 else "#e6eaee"
        drawing.box(left, TOP - 22, right - left, bottom - TOP + 22, ink=fill, fill=fill, round_=0)
        drawing.label((left + right) / 2, TOP - 28, phase.name, size=11, anchor="middle")
    for number, chart in enumerate(charts):
        _draw(drawing, chart, TOP + number * (HEIGHT + GAP), frames)
    for frame in range(0, frames, 10):
        drawing.label(_across(frame, frames), bottom + 16, f"{frame}", size=11, anchor="middle")
    drawing.label(LEFT, bottom + 34, "frames, 30 a second", size=11, ink=FAINT)
    return drawing


def _draw(drawing: Drawing, chart: Chart, top: float, frames: int) -> None:
    drawing.label(LEFT, top - 6, chart.title, size=12, bold=True)
    right = _across(frames - 1, frames)
    for value in (chart.low, chart.high):
        y = _down(value, chart, top)
        drawing.path([(LEFT, y), (right, y)], ink=FAINT, thick=0.8)
        drawing.label(LEFT - 8, y + 4, f"{value:g}", size=11, anchor="end")
    for name, value in chart.bounds.items():
        y = _down(value, chart, top)
        drawing.path([(LEFT, y), (right, y)], ink=INK, thick=0.8, dashes="3 3")
        drawing.label(LEFT - 8, y + 4, f"{value:g}", size=11, anchor="end")
        drawing.label(LEFT - 8, y + 16, name, size=10, anchor="end", ink=FAINT)
    ends: list[float] = []
    for number, (name, values) in enumerate(chart.lines.items()):
        ink = INKS[number % len(INKS)]
        points = [
            (round(_across(frame, frames), 1), round(_down(value, chart, top), 1))
            for frame, value in enumerate(values)
        ]
        drawing.path(points, ink=ink, thick=2, dashes=DASHES[number % len(DASHES)])
        y = _free(points[-1][1] + 4, ends)
        ends.append(y)
        drawing.label(right + 8, y, name, size=11, ink=ink)


def _free(y: float, taken: Sequence[float]) -> float:
    """The nearest place below `y` that no other label has."""
    while any(abs(y - other) < 13 for other in taken):
        y += 1
    return y


def _across(frame: float, frames: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * frame / max(frames - 1, 1)


def _down(value: float, chart: Chart, top: float) -> float:
    share = (value - chart.low) / (chart.high - chart.low)
    return top + HEIGHT * (1 - min(max(share, 0.0), 1.0))
