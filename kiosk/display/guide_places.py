"""Where things are on the guide's screen: by rule, from the monitor and the real lens's place.

The mirror stands at the screen's edge that is next to the lens, as large as what must be read
leaves it; the header gives way to it. Nothing moves while the guide says now this and now that: the
words' place is high enough for the longest.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import pygame

from kiosk.display.canvas import Box, Canvas
from kiosk.display.chips import Chips, chips_width
from kiosk.display.layout import Both
from kiosk.display.lens_arrow import find_lens
from kiosk.display.mirror import ASPECT
from kiosk.display.monitor import MAIN_ARC, Monitor
from kiosk.display.regions import Regions
from kiosk.display.state import LensPlace
from kiosk.display.typesetting import LARGER_SETTINGS, USUAL_SETTINGS, Setting
from kiosk.pipeline.judge.rules import RULES
from kiosk.visit import Visit
from kiosk.words import Languages

EDGE = 0.35
"""Between the mirror and the screen's edge, in units."""

GAP = 0.5
"""Between things, in units."""

LEAST_SIDE = 6.4
"""The least width of the column with gesture and chips, in units."""

LEAST_MIRRORS = ((20.5, True), (18.0, True), (17.0, False), (15.0, False), (0.0, False))
"""Heights of the mirror in portrait, in units, and whether the second language must be written:
rather than have a smaller one, less is written."""

FIXED_PHRASES = (
    "guide.sit", "guide.come_back", "guide.show_face", "guide.lamps", "guide.lamps_glasses",
    "guide.lamps_skin", "guide.checking", "guide.again", "guide.mended", "guide.hold", "count.look",
    "shutter.title",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Places:
    """Places in pixels; none over another."""

    header: Box
    mirror: Box
    gesture: Box
    chips: Box
    words: Box
    setting: Setting
    """How the words are set."""


def find_places(
    canvas: Canvas, regions: Regions, lens: LensPlace, *, onward: bool, words: float | None = None
) -> Places:
    """The places. `onward`: buttons that lead on have their row; `words`: how high what is to be
    read is, where that is not what the guide says."""
    edge = EDGE * canvas.unit
    body = regions.body if onward else regions.whole_body
    header, landscape = regions.header, canvas.monitor.is_landscape
    if landscape and not onward:
        header = regions.onward  # where nothing leads on there is room for it
        body = Box(body.x, edge, body.width, body.bottom - edge)
    elif lens.side == "top":
        high = header.height + 0.4 * canvas.unit
        header = header._replace(y=body.bottom - header.height)
        body = Box(body.x, edge, body.width, body.bottom - high - edge)
    if landscape:
        return _beside(canvas, body, header, lens)
    return _below(canvas, body, header, lens, words)


def _beside(canvas: Canvas, body: Box, header: Box, lens: LensPlace) -> Places:
    """Gesture and chips, mirror, and words beside each other."""
    gap = GAP * canvas.unit
    mirror = Box(body.x, body.y, body.height * ASPECT, body.height)
    chips = Chips(Visit())
    canvas.setting = Setting(1.0)
    low = chips.measure(canvas, body.width)
    side = max(chips_width(canvas), min(body.height - low - gap, 0.24 * body.width))
    rest = body.width - mirror.width - side - 2 * gap
    order = {"left": "mgw", "right": "gwm"}.get(lens.side, "gmw")
    widths = {"m": mirror.width, "g": side, "w": rest}
    columns, x = {}, body.x
    for column in order:
        columns[column] = Box(x, body.y, widths[column], body.height)
        x += widths[column] + gap
    gesture, chip_box = _split_column(canvas, columns["g"], low)
    words = columns["w"]
    setting, _ = fit_words(
        canvas.monitor, canvas.languages, canvas.larger, round(words.width), words.height
    )
    return Places(header, columns["m"], gesture, chip_box, words, setting)


def _below(canvas: Canvas, body: Box, header: Box, lens: LensPlace, high: float | None) -> Places:
    """Mirror with gesture and chips beside it, and the words below (or above, for a low lens)."""
    gap = GAP * canvas.unit
    canvas.setting = Setting(1.0)
    column = max(chips_width(canvas), LEAST_SIDE * canvas.unit)
    setting = Setting(1.0)
    if high is None:
        setting, high = _share(canvas, body)
    tall = min(body.height - high - gap, (body.width - column - gap) / ASPECT)
    mirror = Box(body.x, body.y, tall * ASPECT, tall)
    side = Box(mirror.right + gap, body.y, body.right - mirror.right - gap, tall)
    if find_lens(canvas, lens)[0] > 0.55 * canvas.width:
        mirror = mirror._replace(x=body.right - mirror.width)
        side = side._replace(x=body.x)
    words = Box(body.x, body.y + tall + gap, body.width, body.height - tall - gap)
    if lens.side == "bottom":
        down = words.height + gap
        mirror, side = (box._replace(y=box.y + down) for box in (mirror, side))
        words = words._replace(y=body.y)
    gesture, chips = _split_column(canvas, side, Chips(Visit()).measure(canvas, side.width))
    return Places(header, mirror, gesture, chips, words, setting)


def _split_column(canvas: Canvas, column: Box, low: float) -> tuple[Box, Box]:
    """The gesture's place, square, and the chips' below it."""
    side = min(column.width, column.height - low - GAP * canvas.unit)
    gesture = Box(column.x, column.y, column.width, side)
    top = gesture.bottom + GAP * canvas.unit
    return gesture, Box(column.x, top, column.width, min(column.bottom - top, 1.5 * low))


def _share(canvas: Canvas, body: Box) -> tuple[Setting, float]:
    """How the words are set, and how high they are, so that the mirror keeps a good height."""
    for least, second in LEAST_MIRRORS:
        most = body.height - (least + GAP) * canvas.unit
        setting, high = fit_words(
            canvas.monitor, canvas.languages, canvas.larger, round(body.width), most
        )
        if high <= most and not (second and setting.second == "none"):
            break
    return setting, high


@cache
def guide_phrases() -> tuple[str, ...]:
    """All that the guide can say in its largest letters."""
    told = {told.phrase for rule in RULES for told in rule.all_told}
    together = {rule.together.told.phrase for rule in RULES if rule.together is not None}
    return (*FIXED_PHRASES, *sorted(told | together))


@lru_cache(maxsize=32)
def fit_words(
    monitor: Monitor, languages: Languages, larger: bool, width: int, most: float
) -> tuple[Setting, float]:
    """The most generous way of setting in which all that the guide says is no higher than `most`,
    and how high that is; the last way where none is so low. Sizes in pixels."""
    canvas = Canvas(pygame.Surface(monitor.pixels), monitor, languages, larger=larger)
    high = 0.0
    for setting in LARGER_SETTINGS if larger else USUAL_SETTINGS:
        canvas.setting = setting
        high = max(say(name).measure(canvas, width) for name in guide_phrases())
        if high <= most:
            break
    return setting, high


def say(name: str) -> Both:
    """The one thing that is said."""
    return Both(name, arc=MAIN_ARC, weight="bold")
