"""The screen that invites: what one needs, how long it takes, photos that pass and that fail."""

from kiosk.display.boxes import Column, Element, Row, Spare
from kiosk.display.buttons import put_onward
from kiosk.display.canvas import Align, Canvas
from kiosk.display.layout import Both, compose
from kiosk.display.parts import heading, open_page, point
from kiosk.display.samples import show_samples
from kiosk.display.state import ScreenState
from kiosk.display.turns import tell_agenda


def attract(canvas: Canvas, state: ScreenState) -> None:
    """Tap, or scan: whoever scans begins, too."""
    regions = open_page(canvas, state)
    title = "idle.title" if state.in_reach else "idle.title_keys"
    canvas.speak(title, "idle.takes", "idle.bring")
    landscape = canvas.monitor.is_landscape
    align: Align = "left" if landscape else "centre"
    told: list[Element] = [
        Spare(Both("idle.what", weight="bold", role="accent", align=align)),
        heading(title, align=align),
    ]
    needs: list[Element] = [point("clock", "idle.takes"), point("mobile", "idle.bring")]
    if (agenda := tell_agenda(canvas, state.agenda)) is not None:
        needs = [agenda, Spare(needs[0]), needs[1]]
    samples = show_samples(state.at)
    if landscape:
        content: Element = Row((samples, 17), (Column(*told, *needs), None), gap=1.2, grows=1)
    else:
        content = Column(*told, samples, *needs, gap=0.45)
    compose(canvas, content, regions.body)
    put_onward(canvas, regions, "start")
