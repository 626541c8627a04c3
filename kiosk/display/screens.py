"""The screens: one small function for each stage, and one for the faults.

To add a screen: its stage in kiosk/visit.py, a function here with its line in SCREENS, and its
words in each file of kiosk/words.
"""

from collections.abc import Callable

import pygame

from kiosk.display import theme
from kiosk.display.art import draw_scanning
from kiosk.display.canvas import WIDTH, Box, Canvas, Target
from kiosk.display.guide import guide
from kiosk.display.parts import (
    BUTTON_ROW,
    CONTENT_WIDTH,
    MARGIN,
    WAY_OUT,
    busy_sign,
    header,
    heading,
    label_text,
    note,
    primary_button,
    question_buttons,
    secondary_button,
    support_panel,
)
from kiosk.display.state import ScreenState
from kiosk.visit import FaultName, Reason, Stage


def draw_screen(surface: pygame.Surface, state: ScreenState) -> list[Target]:
    """Draw a state over the whole surface; returns where its buttons are.

    Raises TextOverflow where a phrase does not fit its place: it is too long.
    """
    canvas = Canvas(surface, state.booth.languages)
    canvas.clear(theme.PAPER)
    if state.visit.fault is not None:
        _fault(canvas, state, state.visit.fault)
    else:
        SCREENS[state.visit.stage](canvas, state)
    return canvas.targets


def _idle(canvas: Canvas, state: ScreenState) -> None:
    header(canvas, state.booth)
    large, small = canvas.phrase("idle.what")
    y = canvas.text(large, MARGIN, 190, CONTENT_WIDTH, 76, weight="bold", lines=1)
    canvas.text(small, MARGIN, y, CONTENT_WIDTH, 46, colour=theme.QUIET, lines=1)
    draw_scanning(canvas, Box(150, 380, 780, 700), state.at)
    y = heading(canvas, "idle.title", 1120)
    note(canvas, "idle.how", MARGIN, y + 36, CONTENT_WIDTH)
    box = Box(MARGIN, 1590, CONTENT_WIDTH, 250)
    canvas.panel(box, theme.TINT)
    canvas.icon("info", box.x + 92, box.centre[1], 96, theme.ACCENT, theme.TINT)
    note(canvas, "idle.live", box.x + 170, box.y + 28, box.width - 200, size=44, align="left")


def _resolving(canvas: Canvas, state: ScreenState) -> None:
    _busy(canvas, state, "reader", "resolving")
    secondary_button(canvas, "cancel", WAY_OUT)


def _confirm(canvas: Canvas, state: ScreenState) -> None:
    header(canvas, state.booth)
    heading(canvas, "confirm.title", 220)
    if (student := state.visit.student) is not None:
        box = Box(MARGIN, 500, CONTENT_WIDTH, 814)
        canvas.panel(box, border=theme.LINE)
        x, width = box.x + 56, box.width - 112
        rows = (
            ("confirm.name", student.name, 104.0),
            ("confirm.student_no", student.student_no, 68.0),
            ("confirm.institution", student.institution, 68.0),
            ("confirm.college", student.college, 68.0),
        )
        y = box.y + 44
        for name, value, size in rows:
            label = label_text(canvas, name)
            y = canvas.text(label, x, y, width, 36, colour=theme.QUIET, align="left", lines=1)
            y = canvas.datum(value, x, y, width, size, weight="bold", align="left") + 46
    note(canvas, "confirm.note", MARGIN, 1386, CONTENT_WIDTH, size=46)
    question_buttons(canvas, "yes", "no")


def _consent(canvas: Canvas, state: ScreenState) -> None:
    header(canvas, state.booth)
    y = heading(canvas, "consent.title", 170) + 36
    points = (
        ("degree", "consent.purpose", 1),
        ("lock", "consent.kept", 2),
        ("no_face", "consent.no_recognition", 1),
        ("school", "consent.sent", 1),
        ("people", "consent.staffed", 1),
    )
    x, width = MARGIN + 176, CONTENT_WIDTH - 206
    for icon, name, lines in points:
        height = 118 + 90 * lines
        canvas.panel(Box(MARGIN, y, CONTENT_WIDTH, height - 20), border=theme.LINE, radius=30)
        canvas.icon(icon, MARGIN + 88, y + (height - 20) / 2, 96, theme.ACCENT, theme.CARD)
        top = y + (27 if lines == 2 else 33)
        note(canvas, name, x, top, width, size=48, align="left", lines=lines)
        y += height
    question_buttons(canvas, "agree", "decline")


CHECKLIST: tuple[tuple[str, str], ...] = (
    ("shirt", "checklist.shirt"),
    ("no_hat", "checklist.bare"),
    ("hair", "checklist.hair"),
    ("glasses", "checklist.glasses"),
)
"""What the student is asked before the photo: icon and phrase."""


def _checklist(canvas: Canvas, state: ScreenState) -> None:
    header(canvas, state.booth)
    top = heading(canvas, "checklist.title", 180) + 40
    gap = 32.0
    width, height = (CONTENT_WIDTH - gap) / 2, 516.0
    for number, (icon, name) in enumerate(CHECKLIST):
        x = MARGIN + number % 2 * (width + gap)
        y = top + number // 2 * (height + gap)
        canvas.panel(Box(x, y, width, height), border=theme.LINE)
        canvas.disc(x + width / 2, y + 128, 98, theme.TINT)
        canvas.icon(icon, x + width / 2, y + 128, 132, theme.ACCENT, theme.TINT)
        large, small = canvas.phrase(name)
        y = canvas.text(large, x + 20, y + 240, width - 40, 60, weight="bold")
        canvas.text(small, x + 20, y + 6, width - 40, 34, colour=theme.QUIET)
    question_buttons(canvas, "ready", "cancel")


def _shutter(canvas: Canvas, state: ScreenState) -> None:
    canvas.icon("lens", WIDTH / 2, 560, 620, theme.ACCENT)
    y = heading(canvas, "shutter.title", 1000)
    note(canvas, "shutter.note", MARGIN, y + 60, CONTENT_WIDTH)


def _standardising(canvas: Canvas, state: ScreenState) -> None:
    _busy(canvas, state, "picture", "standardising")


def _review(canvas: Canvas, state: ScreenState) -> None:
    heading(canvas, "review.title", 80)
    if state.photo is not None:
        height, width = state.photo.shape[:2]
        tall = 1100.0
        box = Box((WIDTH - tall * width / height) / 2, 344, tall * width / height, tall)
        # A thin edge, for a photo's background may be as white as paper.
        canvas.block(Box(box.x - 4, box.y - 4, box.width + 8, box.height + 8), theme.QUIET)
        canvas.picture(state.photo, box)
    retakes = label_text(canvas, "review.note")
    canvas.text(retakes, MARGIN, 1482, CONTENT_WIDTH, 46, colour=theme.QUIET, lines=1)
    question_buttons(canvas, "approve", "retake")


def _saving(canvas: Canvas, state: ScreenState) -> None:
    _busy(canvas, state, "shield", "saving")


def _busy(canvas: Canvas, state: ScreenState, icon: str, stage: str) -> None:
    header(canvas, state.booth)
    busy_sign(canvas, icon, state.at)
    y = heading(canvas, f"{stage}.title", 1000)
    note(canvas, f"{stage}.note", MARGIN, y + 60, CONTENT_WIDTH)


def _done(canvas: Canvas, state: ScreenState) -> None:
    header(canvas, state.booth)
    canvas.badge("check", WIDTH / 2, 470, 190, theme.GOOD)
    y = heading(canvas, "done.title", 740) + 70
    x, width = MARGIN + 210, CONTENT_WIDTH - 240
    for icon, name in (("clock", "done.review"), ("bag", "done.things")):
        canvas.panel(Box(MARGIN, y, CONTENT_WIDTH, 200), border=theme.LINE)
        canvas.icon(icon, MARGIN + 110, y + 100, 104, theme.ACCENT, theme.CARD)
        note(canvas, name, x, y + 34, width, align="left", lines=1)
        y += 232
    primary_button(canvas, "close")


REASON_ICONS: dict[Reason, str] = {
    "code_unknown": "reader",
    "code_unreadable": "reader",
    "already_photographed": "picture",
    "record_abnormal": "card",
    "other_institution": "school",
    "not_me": "person",
    "no_consent": "shield",
    "no_answer": "clock",
    "registrar_unreachable": "school",
    "cannot_standardise": "picture",
    "cannot_save": "disk",
}
"""What each reason is about; one that is not named shows a person."""


def _turned_away(canvas: Canvas, state: ScreenState) -> None:
    header(canvas, state.booth)
    if (reason := state.visit.reason) is not None:
        _sign(canvas, REASON_ICONS.get(reason, "person"))
        y = heading(canvas, f"reason.{reason}.title", 520)
        note(canvas, f"reason.{reason}.remedy", MARGIN, y + 44, CONTENT_WIDTH, size=60)
    support_panel(canvas, state.booth, 1270)
    primary_button(canvas, "close")


FAULT_ICONS: dict[FaultName, str] = {
    "camera": "camera",
    "clock": "clock",
    "colour": "camera",
    "disk": "disk",
    "models": "chip",
    "reader": "reader",
}
"""What has failed, for the faults that stop the booth; one that is not named shows a chip."""


def _fault(canvas: Canvas, state: ScreenState, fault: FaultName) -> None:
    header(canvas, state.booth)
    _sign(canvas, FAULT_ICONS.get(fault, "chip"))
    y = heading(canvas, "fault.title", 520)
    y = note(canvas, f"fault.{fault}", MARGIN, y + 44, CONTENT_WIDTH, size=64, lines=1)
    note(canvas, "fault.staff", MARGIN, y + 36, CONTENT_WIDTH, size=50)
    support_panel(canvas, state.booth, 1270)
    if state.visit.stage is Stage.GUIDE:
        secondary_button(canvas, "cancel", BUTTON_ROW)


def _sign(canvas: Canvas, icon: str) -> None:
    """Show what it is about, and that it did not go well."""
    x, y = WIDTH / 2, 340.0
    canvas.disc(x, y, 140, theme.TINT)
    canvas.icon(icon, x, y, 150, theme.INK, theme.TINT)
    canvas.disc(x + 106, y + 92, 58, theme.PAPER)
    canvas.badge("info", x + 106, y + 92, 50, theme.ALERT)


Screen = Callable[[Canvas, ScreenState], None]

SCREENS: dict[Stage, Screen] = {
    Stage.IDLE: _idle,
    Stage.RESOLVING: _resolving,
    Stage.CONFIRM: _confirm,
    Stage.CONSENT: _consent,
    Stage.CHECKLIST: _checklist,
    Stage.GUIDE: guide,
    Stage.SHUTTER: _shutter,
    Stage.STANDARDISING: _standardising,
    Stage.REVIEW: _review,
    Stage.SAVING: _saving,
    Stage.DONE: _done,
    Stage.TURNED_AWAY: _turned_away,
}
"""Each stage's screen."""
