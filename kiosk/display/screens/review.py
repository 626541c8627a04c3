"""The screen on which the student chooses a photo, and sees why it is as it is."""

from kiosk.display.boxes import Column, Drawing, Element, Row, Spare
from kiosk.display.buttons import put_onward, put_way_out
from kiosk.display.canvas import Box, Canvas
from kiosk.display.layout import Datum, compose
from kiosk.display.monitor import LEAST_TARGET_MM
from kiosk.display.parts import heading, open_page, point
from kiosk.display.state import ScreenState
from kiosk.display.theme import Colour
from kiosk.visit import Button

SHOTS: tuple[Button, ...] = ("shot_1", "shot_2", "shot_3")


def review(canvas: Canvas, state: ScreenState) -> None:
    """Up to three photos to choose from, the chosen one large."""
    regions = open_page(canvas, state)
    visit = state.visit
    several = len(state.photos) > 1
    title = "review.choose" if several else "review.title"
    canvas.speak(title, "review.passed", "review.note")
    excused = bool(visit.excused)
    facts: list[Element] = []
    if visit.student is not None:
        facts.append(Datum(visit.student.name, 30))
    facts += [
        point("people", "review.for_staff", size=1.8)
        if excused
        else point("check", "review.passed", size=1.8),
        point("person", "review.cropped", size=1.8),
        Spare(point("retake", "review.note", size=1.8)),
    ]

    def show_large(canvas: Canvas, box: Box, paper: Colour) -> None:
        if visit.chosen < len(state.photos):
            _frame(canvas, state, visit.chosen, box)

    def show_choice(canvas: Canvas, box: Box, paper: Colour) -> None:
        _offer(canvas, state, box)

    choice = Drawing(show_choice, _thumb(canvas) / canvas.unit, 0)
    photo = Drawing(show_large, 9 if several or canvas.monitor.is_landscape else 11)
    if canvas.monitor.is_landscape:
        parts: list[Element] = [Column(heading(title, align="left"), *facts, gap=0.3, grows=1)]
        if several:
            parts.append(choice)
        content: Element = Row((photo, 11), (Column(*parts, gap=0.3), None), grows=1)
    else:
        content = Column(
            heading(title),
            photo,
            Column(*facts, gap=0.3),
            *([choice] if several else []),
            gap=0.4,
        )
    compose(canvas, content, regions.body)
    put_way_out(canvas, "cancel", regions)
    put_onward(canvas, regions, "retake", "approve")


def _thumb(canvas: Canvas) -> float:
    return max(canvas.mm(LEAST_TARGET_MM + 0.5), 4.4 * canvas.unit)


def _offer(canvas: Canvas, state: ScreenState, box: Box) -> None:
    """Show the photos side by side, each to be tapped; the chosen one has a frame and a tick."""
    side, gap, theme = _thumb(canvas), 0.6 * canvas.unit, canvas.theme
    count = len(state.photos)
    x = box.x + (box.width - count * side - (count - 1) * gap) / 2
    y = box.bottom - side
    for number, button in enumerate(SHOTS[:count]):
        place = Box(x, y, side, side)
        chosen = number == state.visit.chosen
        edge = 0.28 * canvas.unit
        canvas.block(place, theme.accent if chosen else theme.edge)
        canvas.picture(state.photos[number], place.inset(edge if chosen else 0.06 * canvas.unit))
        if chosen:
            radius = 0.8 * canvas.unit
            canvas.badge("check", place.right - radius, place.bottom - radius, radius, theme.accent)
        canvas.target(button, place)
        x += side + gap


def _frame(canvas: Canvas, state: ScreenState, number: int, box: Box) -> None:
    """Show a photo whole, in a thin edge: its background may be as white as paper."""
    photo = state.photos[number]
    height, width = photo.shape[:2]
    edge = max(0.1 * canvas.unit, 1)
    tall = min(box.height - 2 * edge, (box.width - 2 * edge) * height / width)
    wide = tall * width / height
    x, y = box.centre
    place = Box(x - wide / 2, y - tall / 2, wide, tall)
    canvas.block(place.inset(-edge), canvas.theme.edge)
    canvas.picture(photo, place)
