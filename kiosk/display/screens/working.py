"""The screens on which the booth does something and the student waits."""

from kiosk.display.boxes import Column
from kiosk.display.buttons import put_way_out
from kiosk.display.canvas import Canvas
from kiosk.display.layout import Both, compose
from kiosk.display.parts import busy_sign, heading, open_page
from kiosk.display.regions import Regions
from kiosk.display.state import ScreenState


def resolving(canvas: Canvas, state: ScreenState) -> None:
    """The code is being checked."""
    regions = _busy(canvas, state, "reader", "resolving")
    put_way_out(canvas, "cancel", regions)


def standardising(canvas: Canvas, state: ScreenState) -> None:
    """The photo is being made."""
    _busy(canvas, state, "picture", "standardising")


def saving(canvas: Canvas, state: ScreenState) -> None:
    """The photo is being sealed."""
    _busy(canvas, state, "shield", "saving")


def _busy(canvas: Canvas, state: ScreenState, icon: str, stage: str) -> Regions:
    regions = open_page(canvas, state)
    title, note = f"{stage}.title", f"{stage}.note"
    canvas.speak(title, note)
    content = Column(busy_sign(icon, state.at), heading(title), Both(note), gap=1.0)
    compose(canvas, content, regions.whole_body)
    return regions
