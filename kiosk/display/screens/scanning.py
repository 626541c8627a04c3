"""The screen on which the student scans their code."""

from kiosk.display.art import draw_saving, draw_scanning
from kiosk.display.boxes import Column, Drawing, Element, Row, Spare
from kiosk.display.buttons import put_way_out
from kiosk.display.canvas import Box, Canvas
from kiosk.display.layout import Sign, compose
from kiosk.display.parts import heading, open_page, point
from kiosk.display.regions import Regions
from kiosk.display.state import ScreenState
from kiosk.display.theme import Colour


def scan(canvas: Canvas, state: ScreenState) -> None:
    """How the code is held, what helps where it is not read, and what that was, if another."""
    regions = open_page(canvas, state)
    if state.visit.helps_to_scan:
        _help(canvas, state, regions)
        return
    unread = state.visit.unread
    title = "scan.title" if unread is None else f"scan.{unread}"
    canvas.speak(title, f"scan.{state.reader_faces}", "scan.live")

    def show(canvas: Canvas, box: Box, paper: Colour) -> None:
        draw_scanning(canvas, box, state.at, state.reader_faces, paper)

    points: list[Element] = [
        Spare(point("reader", f"scan.{state.reader_faces}")),
        point("mobile", "scan.live"),
        point("lamp", "scan.bright"),
    ]
    if state.camera_reads:
        points.append(point("lens", "scan.camera"))
    points.append(point("people", "scan.staff"))
    told: Element = heading(title)
    if unread is not None:
        told = Row((Sign("info", 3.2, "alert", "fill"), 3.2), (heading(title, align="left"), None))
    roomy = unread is None and not canvas.monitor.is_landscape
    drawing = Drawing(show, 8 if roomy else 6)
    if canvas.monitor.is_landscape:
        texts = Column(*points, gap=0.35)
        content = Column(told, Row((drawing, 11), (texts, None), grows=1))
    else:
        content = Column(told, drawing, *points, gap=0.35)
    compose(canvas, content, regions.whole_body)
    put_way_out(canvas, "cancel", regions)


HELP: tuple[tuple[str, str], ...] = (
    ("school", "scan_help.where"),
    ("mobile", "scan_help.save"),
    ("lamp", "scan_help.open"),
    ("cross", "scan_help.shot"),
)
"""How one comes by a code that can be read: icon and phrase. That a screenshot often cannot be, and
that one presses the code to save it, universities' notices say, as do they where the code is:
CHSI's web site, its WeChat account, and its app (tstc.edu.cn, hfut.edu.cn, cslg.edu.cn)."""


def _help(canvas: Canvas, state: ScreenState, regions: Regions) -> None:
    """After scans that were none: how to come by a code that is one; what was scanned last."""
    unread = state.visit.unread
    canvas.speak("scan_help.title", *(name for _, name in HELP))

    def show(canvas: Canvas, box: Box, paper: Colour) -> None:
        draw_saving(canvas, box, state.at, paper)

    points: list[Element] = [point(icon, name) for icon, name in HELP]
    points.append(Spare(point("people", "scan.staff")))
    said = f"scan.{unread}" if unread is not None else "scan.code_unreadable"
    told = Column(heading("scan_help.title"), Spare(point("info", said)), gap=0.35)
    if canvas.monitor.is_landscape:
        texts = Column(*points, gap=0.35)
        content = Column(told, Row((Drawing(show, 6), 11), (texts, None), grows=1))
    else:
        content = Column(told, Drawing(show, 6), *points, gap=0.35)
    compose(canvas, content, regions.whole_body)
    put_way_out(canvas, "cancel", regions)
