"""The screens on which the booth does something and the student waits."""

import math

from kiosk.display.boxes import Column, Element, Row, Spare
from kiosk.display.buttons import put_way_out
from kiosk.display.canvas import Canvas
from kiosk.display.layout import Both, compose
from kiosk.display.parts import Labelled, busy_sign, heading, open_page
from kiosk.display.regions import Regions
from kiosk.display.state import ScreenState
from kiosk.display.turns import tell_turn


def resolving(canvas: Canvas, state: ScreenState) -> None:
    """The code is being checked."""
    regions = _busy(canvas, state, "reader", "resolving")
    put_way_out(canvas, "cancel", regions)


def waiting(canvas: Canvas, state: ScreenState) -> None:
    """It is not the student's turn yet: when it is, and that it goes on by itself."""
    regions = open_page(canvas, state)
    canvas.speak("waiting.title", "waiting.note")
    told: list[Element] = [heading("waiting.title")]
    if (turn := state.visit.turn) is not None:
        told.append(tell_turn(canvas, turn))
    if state.remaining is not None:
        minutes, seconds = divmod(math.ceil(state.remaining), 60)
        told.append(Labelled("waiting.left", f"{minutes}:{seconds:02}", 26))
    told.append(Spare(Both("waiting.note")))
    sign = busy_sign("clock", state.at)
    if canvas.monitor.is_landscape:
        content: Element = Row((Spare(sign), 6), (Column(*told, gap=0.4), None), grows=1)
    else:
        content = Column(Spare(sign), *told)
    compose(canvas, content, regions.whole_body)
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
