"""The screen on which the student scans their code."""

from kiosk.display.art import draw_scanning
from kiosk.display.buttons import put_way_out
from kiosk.display.canvas import Box, Canvas
from kiosk.display.layout import Column, Drawing, Row, compose
from kiosk.display.parts import heading, open_page, point
from kiosk.display.state import ScreenState
from kiosk.display.theme import Colour


def scan(canvas: Canvas, state: ScreenState) -> None:
    """How the code is held, what helps where it is not read, and what that was, if another."""
    regions = open_page(canvas, state)
    unread = state.visit.unread
    title = "scan.title" if unread is None else f"scan.{unread}"
    canvas.speak(title, f"scan.{state.reader_faces}", "scan.live")

    def show(canvas: Canvas, box: Box, paper: Colour) -> None:
        draw_scanning(canvas, box, state.at, state.reader_faces, paper)

    points = [
        point("reader", f"scan.{state.reader_faces}"),
        point("phone", "scan.live"),
        point("lamp", "scan.bright"),
    ]
    if state.camera_reads:
        points.append(point("lens", "scan.camera"))
    points.append(point("people", "scan.staff"))
    told = heading(title) if unread is None else point("info", title)
    drawing = Drawing(show, 7)
    if canvas.monitor.is_landscape:
        texts = Column(*points, gap=0.35)
        content = Column(told, Row((drawing, 11), (texts, None), grows=1))
    else:
        content = Column(told, drawing, *points, gap=0.4)
    compose(canvas, content, regions.whole_body)
    put_way_out(canvas, "cancel", regions)
