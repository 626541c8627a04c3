"""The screens: one function for each stage, and one for the faults.

To add a screen: its stage in kiosk/visit/stages.py, a function in a module here with its line in
SCREENS, and its words in each file of kiosk/words.
"""

from collections.abc import Callable
from dataclasses import replace

import pygame

from kiosk.display.canvas import Canvas
from kiosk.display.guide import guide, shutter
from kiosk.display.parts import ask_leave, call_back
from kiosk.display.samples import find_turn
from kiosk.display.screen_light import darken
from kiosk.display.screens.asking import checklist, confirm, consent
from kiosk.display.screens.attract import attract
from kiosk.display.screens.ending import done, draw_fault, turned_away
from kiosk.display.screens.review import review
from kiosk.display.screens.scanning import scan
from kiosk.display.screens.working import resolving, saving, standardising, waiting
from kiosk.display.shown import Shown
from kiosk.display.staff_screens import draw_staff
from kiosk.display.state import ScreenState
from kiosk.display.theme import HIGH_CONTRAST, USUAL
from kiosk.visit import Stage

Screen = Callable[[Canvas, ScreenState], None]

SCREENS: dict[Stage, Screen] = {
    Stage.IDLE: attract,
    Stage.CONSENT: consent,
    Stage.SCAN: scan,
    Stage.RESOLVING: resolving,
    Stage.WAITING: waiting,
    Stage.CONFIRM: confirm,
    Stage.CHECKLIST: checklist,
    Stage.GUIDE: guide,
    Stage.SHUTTER: shutter,
    Stage.STANDARDISING: standardising,
    Stage.REVIEW: review,
    Stage.SAVING: saving,
    Stage.DONE: done,
    Stage.TURNED_AWAY: turned_away,
}
"""Each stage's screen."""


def draw_screen(surface: pygame.Surface, state: ScreenState) -> Shown:
    """Draw a state over the whole surface; returns what is shown.

    Raises TextOverflow where a phrase does not fit its place: it is too long.
    """
    canvas = open_canvas(surface, state)
    draw_on(canvas, state)
    darken(surface, state.brightness)
    return canvas.shown


def still_look(state: ScreenState) -> tuple[ScreenState, object] | None:
    """What an idle screen looks like: where two states have the same, their pictures are the same.

    None where the picture depends on the moment in other ways.
    """
    visit = state.visit
    still = visit.stage is Stage.IDLE and state.staff is None and state.preview is None
    if not still or visit.asking_leave or visit.away(state.at) or state.remaining is not None:
        return None
    return replace(state, at=0.0), None if visit.fault else find_turn(state.at)


def draw_on(canvas: Canvas, state: ScreenState) -> None:
    """Draw a state: the visit's screen, or the staff's over it."""
    if state.staff is not None:
        draw_staff(canvas, state.staff, state.at)
    else:
        draw_visit(canvas, state)


def open_canvas(surface: pygame.Surface, state: ScreenState) -> Canvas:
    """A canvas that looks as the student wants."""
    view = state.visit.view
    theme = HIGH_CONTRAST if view.high_contrast else USUAL
    return Canvas(surface, state.monitor, state.languages, theme, larger=view.larger)


def draw_visit(canvas: Canvas, state: ScreenState) -> None:
    """Draw a visit's screen, and what is asked over it."""
    visit = state.visit
    if visit.fault is not None:
        draw_fault(canvas, state, visit.fault)
        return
    SCREENS[visit.stage](canvas, state)
    if visit.asking_leave:
        ask_leave(canvas, state)
    elif visit.away(state.at):
        call_back(canvas, state)
