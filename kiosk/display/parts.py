"""What screens are put together from: pages, headings, points, who helps, dialogs, busy signs."""

import math

from kiosk.display.boxes import Card, Column, Drawing, Element, Row
from kiosk.display.buttons import put_onward, put_view_buttons, put_way_out
from kiosk.display.canvas import Align, Box, Canvas
from kiosk.display.fonts import Weight
from kiosk.display.header import draw_header, find_step
from kiosk.display.layout import Both, Datum, Sign, Words, compose, measure_words
from kiosk.display.monitor import MAIN_ARC, TEXT_ARC
from kiosk.display.regions import Regions, find_regions
from kiosk.display.state import BoothLabels, ScreenState
from kiosk.display.text import load_font
from kiosk.display.theme import Colour
from kiosk.display.typesetting import find_em
from kiosk.visit.presence import AWAY_END, AWAY_WARNING


def open_page(canvas: Canvas, state: ScreenState) -> Regions:
    """Clear the canvas, and draw what is on every screen; where the rest goes."""
    canvas.clear(canvas.theme.paper)
    steps = find_step(state.visit.stage) is not None
    regions = find_regions(canvas, low_reach=state.low_reach, steps=steps)
    draw_header(canvas, state, regions.header)
    put_view_buttons(canvas, state, regions)
    return regions


def heading(name: str, *, align: Align = "centre") -> Both:
    """The one phrase that a screen is about."""
    return Both(name, arc=MAIN_ARC, weight="bold", align=align)


def point(icon: str, name: str, *, size: float = 2.2, weight: Weight = "regular") -> Row:
    """A phrase beside an icon."""
    return Row((Sign(icon, size), size), (Both(name, align="left", weight=weight), None))


def show_heading(canvas: Canvas, name: str) -> Both:
    """The heading, which is read aloud, too."""
    canvas.speak(name)
    return heading(name)


class Labelled:
    """What others set, after a phrase that says what it is: in one line, or below it."""

    grows = 0.0

    def __init__(self, name: str, value: str, arc: float = TEXT_ARC) -> None:
        self.name, self.value, self.arc = name, value, arc

    def measure(self, canvas: Canvas, width: float) -> float:
        """One line, or more."""
        return self._lay_out(canvas, width).measure(canvas, width)

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Write both."""
        self._lay_out(canvas, box.width).draw(canvas, box, paper)

    def _lay_out(self, canvas: Canvas, width: float) -> Element:
        label = Words(self.name, role="quiet", align="left")
        datum = Datum(self.value, self.arc)
        wide = measure_words(canvas, canvas.texts(self.name)[0]) + 4
        em = canvas.em(self.value, self.arc, "bold")
        if wide + canvas.unit + load_font("bold").width(self.value, em) <= width:
            return Row((label, wide / canvas.unit), (datum, None), gap=1.0)
        return Column(label, datum, gap=0.0)


def support_panel(canvas: Canvas, booth: BoothLabels) -> Card:
    """Say who helps, when, and which booth to name."""
    phone = Labelled("support.phone", booth.support_phone, 26)
    hours = Labelled("support.hours", booth.support_hours)
    name = Labelled("support.booth", booth.name)
    if canvas.monitor.is_landscape:
        told: Element = Row((phone, None), (Column(hours, name, gap=0.1), None))
    else:
        told = Column(phone, hours, name, gap=0.1)
    return Card(Row((Sign("phone", 2.8, disc="fill"), 2.8), (told, None)), padding=0.45)


def busy_sign(icon: str, at: float) -> Drawing:
    """Show that something is being done: dots go calmly round an icon; `at` in seconds."""

    def draw(canvas: Canvas, box: Box, paper: Colour) -> None:
        theme, (x, y) = canvas.theme, box.centre
        radius = 0.43 * min(box.width, box.height, 12 * canvas.unit)
        line = 0.05 * radius
        canvas.disc(x, y, 0.78 * radius, theme.tint)
        canvas.icon(icon, x, y, 0.86 * radius, theme.accent, theme.tint)
        canvas.ring(x, y, radius, 1.0, theme.line, line)
        for tail in range(5):
            turn = 2 * math.pi * (at / 2.4 % 1.0) - 0.16 * tail
            canvas.disc(
                x + radius * math.sin(turn),
                y - radius * math.cos(turn),
                (0.1 - 0.014 * tail) * radius,
                theme.accent,
            )

    return Drawing(draw, 6)


# ---- over the present screen ----


def ask_leave(canvas: Canvas, state: ScreenState) -> None:
    """Ask once before everything is dropped."""
    canvas.cover(150)
    regions = find_regions(canvas, low_reach=state.low_reach)
    content = Column(
        Sign("info", 4, "alert", "fill"),
        show_heading(canvas, "leave.title"),
        Both("leave.note"),
    )
    canvas.speak("leave.note")
    _dialog(canvas, content, regions.body)
    put_way_out(canvas, "leave", regions)
    put_onward(canvas, regions, "stay")
    put_view_buttons(canvas, state, regions)


def call_back(canvas: Canvas, state: ScreenState) -> None:
    """Ask whoever has gone to come back, and hide what was theirs."""
    canvas.cover(255)
    regions = find_regions(canvas, low_reach=state.low_reach)
    left = state.visit.wiped_in(state.at) or 0.0

    def count(canvas: Canvas, box: Box, paper: Colour) -> None:
        (x, y), radius = box.centre, 0.4 * box.height
        theme = canvas.theme
        canvas.ring(x, y, radius, 1.0, theme.line, 0.14 * radius)
        part = left / (AWAY_END - AWAY_WARNING)
        canvas.ring(x, y, radius, min(part, 1.0), theme.alert, 0.14 * radius)
        digit = str(math.ceil(left))
        em = find_em(digit, canvas.monitor.from_arc(MAIN_ARC), "bold")
        canvas.line(digit, box, em, ink=theme.ink, paper=paper, weight="bold", arc=MAIN_ARC)

    content = Column(Drawing(count, 5.5, 0), show_heading(canvas, "away.title"), Both("away.note"))
    canvas.speak("away.note")
    _dialog(canvas, content, regions.body)
    put_view_buttons(canvas, state, regions)


def _dialog(canvas: Canvas, content: Element, box: Box) -> None:
    compose(canvas, Card(content, padding=0.8), box)
