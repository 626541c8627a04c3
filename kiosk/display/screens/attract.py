"""The screen that invites: what one needs, how long it takes, photos that pass and that fail."""

from kiosk.display.buttons import put_onward
from kiosk.display.canvas import Canvas
from kiosk.display.layout import Both, Column, compose
from kiosk.display.parts import heading, open_page, point
from kiosk.display.state import ScreenState


def attract(canvas: Canvas, state: ScreenState) -> None:
    """Tap, or scan."""
    regions = open_page(canvas, state)
    canvas.speak("idle.title", "idle.takes")
    content = Column(
        Both("idle.what", weight="bold"),
        heading("idle.title"),
        point("clock", "idle.takes"),
        point("phone", "idle.bring"),
    )
    compose(canvas, content, regions.body)
    put_onward(canvas, regions, "start")
