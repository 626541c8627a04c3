"""Where things are on a screen: header, body, and all that can be tapped, in reach of who sits.

By rule, from the monitor's size: in landscape all buttons stand in one row at the bottom; in
portrait what leads on has a row of its own above it. The way out is always on the left, what leads
on always on the right or above, so that none ever lies where the other does on another screen.
"""

from dataclasses import dataclass

from kiosk.display.canvas import Box, Canvas
from kiosk.display.monitor import LEAST_TARGET_MM

REACH = 0.55
"""Of the height: what can be tapped lies below, for who sits or is small."""

ROW = 4.3
"""A row of buttons in units: two lines."""

HIGH_ROW = 5.2
"""The same where there is room, and no need to keep low."""


@dataclass(frozen=True, slots=True)
class Regions:
    """Places in pixels; none over another."""

    header: Box
    body: Box
    """Above what leads on."""
    whole_body: Box
    """Where nothing leads on: its place, too."""
    way_out: Box
    onward: Box
    view: tuple[Box, Box, Box]
    """Language, contrast, larger."""


def find_regions(canvas: Canvas, *, low_reach: bool, steps: bool = True) -> Regions:
    """The places on a canvas; `steps`: the header says how far the visit is."""
    unit, width, height = canvas.unit, canvas.width, canvas.height
    margin, gap = 0.7 * unit, 0.5 * unit
    least = canvas.mm(LEAST_TARGET_MM + 0.5)
    across = width - 2 * margin
    portrait = not canvas.monitor.is_landscape
    row = max(least, ROW * unit)
    bottom = height - margin - row
    # Language, contrast and larger keep their size; the way out takes what they leave in portrait,
    # and its share of it in landscape.
    language, icon = max(least, 6.0 * unit), max(least, (4.0 if portrait else 3.2) * unit)
    rest = across - language - 2 * icon - (3 if portrait else 4) * gap
    way_out = Box(margin, bottom, rest if portrait else max(0.33 * rest, 7.2 * unit), row)
    x = way_out.right + gap
    view = (
        Box(x, bottom, language, row),
        Box(x + language + gap, bottom, icon, row),
        Box(x + language + icon + 2 * gap, bottom, icon, row),
    )
    if portrait:
        high = row if low_reach else max(row, HIGH_ROW * unit)
        onward = Box(margin, bottom - gap - high, across, high)
    else:
        left = view[2].right + gap
        onward = Box(left, bottom, width - margin - left, row)
    header = Box(margin, 0.5 * unit, across, (4.6 if portrait and steps else 2.5) * unit)
    top = header.bottom + 0.4 * unit
    above, low = onward.y - gap, bottom - gap
    return Regions(
        header=header,
        body=Box(margin, top, across, above - top),
        whole_body=Box(margin, top, across, low - top),
        way_out=way_out,
        onward=onward,
        view=view,
    )
