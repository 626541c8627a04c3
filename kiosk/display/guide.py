"""The guide's screens: a mirror, and one thing to do."""

from kiosk.display.buttons import put_onward, put_way_out
from kiosk.display.canvas import Box, Canvas
from kiosk.display.layout import Both, Column, Drawing, compose
from kiosk.display.parts import heading, open_page
from kiosk.display.state import ScreenState
from kiosk.display.theme import Colour
from kiosk.pipeline.judge.rules import find_rule


def guide(canvas: Canvas, state: ScreenState) -> None:
    """Draw the guide's screen."""
    regions = open_page(canvas, state)
    name = _choose_phrase(state)
    canvas.speak(name)
    helping = state.visit.helping(state.at)
    body = regions.body if helping else regions.whole_body
    compose(canvas, Column(heading(name), _mirror(state)), body)
    put_way_out(canvas, "cancel", regions)
    if helping:
        waive = ("as_it_is",) if state.visit.may_waive else ()
        put_onward(canvas, regions, "staffed", *waive, "go_on")


def shutter(canvas: Canvas, state: ScreenState) -> None:
    """Draw the moment of the shot."""
    regions = open_page(canvas, state)
    canvas.speak("shutter.title")
    content = Column(heading("shutter.title"), Both("shutter.note"), _mirror(state))
    compose(canvas, content, regions.whole_body)


def _choose_phrase(state: ScreenState) -> str:
    saying = state.visit.saying
    if saying.name == "count":
        return f"count.{state.visit.count(state.at) or 3}"
    if saying.name == "mend" and saying.instruction is not None:
        told = saying.instruction
        return find_rule(told.rule).told(told.direction).phrase
    return f"guide.{saying.name}"


def _mirror(state: ScreenState) -> Drawing:
    def draw(canvas: Canvas, box: Box, paper: Colour) -> None:
        wide = min(box.width, box.height * 3 / 4)
        place = Box(box.centre[0] - wide / 2, box.y, wide, wide * 4 / 3)
        if state.preview is None:
            canvas.panel(place, canvas.theme.tint)
        else:
            canvas.picture(state.preview, place, mirrored=True)

    return Drawing(draw, 8)
