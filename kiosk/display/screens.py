"""The screens: one small function for each stage, and one for the faults.

To add a screen: a function here, its line in SCREENS, and its words in words.toml.
"""

from collections.abc import Callable

import pygame

from kiosk.display import theme
from kiosk.display.art import scanning
from kiosk.display.canvas import WIDTH, Box, Canvas, Target
from kiosk.display.guide import guide
from kiosk.display.parts import (
    BUTTONS,
    MARGIN,
    ROOM,
    header,
    heading,
    note,
    primary,
    question,
    secondary,
    support,
    working,
)
from kiosk.display.state import ScreenState
from kiosk.visit import FaultName, Reason, Stage
from kiosk.words.catalogue import words


def draw(surface: pygame.Surface, scene: ScreenState) -> list[Target]:
    """Draw a scene over the whole surface, and give where its buttons are.

    Raises TextOverflow if a text of the booth's own has no room: a mistake in the words.
    """
    canvas = Canvas(surface)
    canvas.clear(theme.PAPER)
    if scene.visit.fault is not None:
        _fault(canvas, scene, scene.visit.fault)
    else:
        SCREENS[scene.visit.stage](canvas, scene)
    return canvas.targets


def _idle(canvas: Canvas, scene: ScreenState) -> None:
    header(canvas, scene.booth)
    y = canvas.text(words("idle.what").zh, MARGIN, 190, ROOM, 76, weight="bold", lines=1)
    canvas.text(words("idle.what").en, MARGIN, y, ROOM, 46, colour=theme.QUIET, lines=1)
    scanning(canvas, Box(150, 380, 780, 700), scene.at)
    y = heading(canvas, words("idle.title"), 1120)
    note(canvas, words("idle.how"), MARGIN, y + 36, ROOM)
    box = Box(MARGIN, 1590, ROOM, 250)
    canvas.panel(box, theme.TINT)
    canvas.icon("info", box.x + 92, box.centre[1], 96, theme.ACCENT, theme.TINT)
    live = words("idle.live")
    note(canvas, live, box.x + 170, box.y + 28, box.width - 200, size=44, align="left")


def _resolving(canvas: Canvas, scene: ScreenState) -> None:
    _busy(canvas, scene, "reader", "resolving")


def _confirm(canvas: Canvas, scene: ScreenState) -> None:
    header(canvas, scene.booth)
    heading(canvas, words("confirm.title"), 220)
    if (student := scene.visit.student) is not None:
        box = Box(MARGIN, 500, ROOM, 814)
        canvas.panel(box, border=theme.LINE)
        x, width = box.x + 56, box.width - 112
        rows = (
            ("name", student.name, 104.0),
            ("student_no", student.student_no, 68.0),
            ("institution", student.institution, 68.0),
            ("college", student.college, 68.0),
        )
        y = box.y + 44
        for key, value, size in rows:
            label = words(f"confirm.{key}")
            said = f"{label.zh}  {label.en}"
            y = canvas.text(said, x, y, width, 36, colour=theme.QUIET, align="left", lines=1)
            y = canvas.datum(value, x, y, width, size, weight="bold", align="left") + 46
    note(canvas, words("confirm.note"), MARGIN, 1386, ROOM, size=46)
    question(canvas, "yes", "no")


def _consent(canvas: Canvas, scene: ScreenState) -> None:
    header(canvas, scene.booth)
    y = heading(canvas, words("consent.title"), 170) + 36
    points = (
        ("degree", "purpose", 1),
        ("lock", "kept", 2),
        ("no_face", "no_recognition", 1),
        ("school", "sent", 1),
        ("people", "staffed", 1),
    )
    for icon, key, lines in points:
        height = 118 + 90 * lines
        canvas.panel(Box(MARGIN, y, ROOM, height - 20), border=theme.LINE, radius=30)
        canvas.icon(icon, MARGIN + 88, y + (height - 20) / 2, 96, theme.ACCENT, theme.CARD)
        said = words(f"consent.{key}")
        top = y + (27 if lines == 2 else 33)
        note(canvas, said, MARGIN + 176, top, ROOM - 206, size=48, align="left", lines=lines)
        y += height
    question(canvas, "agree", "decline")


def _checklist(canvas: Canvas, scene: ScreenState) -> None:
    header(canvas, scene.booth)
    top = heading(canvas, words("checklist.title"), 180) + 40
    gap = 32.0
    width, height = (ROOM - gap) / 2, 516.0
    cells = (("shirt", "shirt"), ("no_hat", "bare"), ("hair", "hair"), ("glasses", "glasses"))
    for number, (icon, key) in enumerate(cells):
        x = MARGIN + number % 2 * (width + gap)
        y = top + number // 2 * (height + gap)
        canvas.panel(Box(x, y, width, height), border=theme.LINE)
        canvas.disc(x + width / 2, y + 128, 98, theme.TINT)
        canvas.icon(icon, x + width / 2, y + 128, 132, theme.ACCENT, theme.TINT)
        said = words(f"checklist.{key}")
        y = canvas.text(said.zh, x + 20, y + 240, width - 40, 60, weight="bold")
        canvas.text(said.en, x + 20, y + 6, width - 40, 34, colour=theme.QUIET)
    question(canvas, "ready", "cancel")


def _shutter(canvas: Canvas, scene: ScreenState) -> None:
    canvas.icon("lens", WIDTH / 2, 560, 620, theme.ACCENT)
    y = heading(canvas, words("shutter.title"), 1000)
    note(canvas, words("shutter.note"), MARGIN, y + 60, ROOM)


def _standardising(canvas: Canvas, scene: ScreenState) -> None:
    _busy(canvas, scene, "picture", "standardising")


def _review(canvas: Canvas, scene: ScreenState) -> None:
    heading(canvas, words("review.title"), 80)
    if scene.photo is not None:
        height, width = scene.photo.shape[:2]
        tall = 1100.0
        box = Box((WIDTH - tall * width / height) / 2, 344, tall * width / height, tall)
        # A thin edge, for a photo's background may be as white as paper.
        canvas.block(Box(box.x - 4, box.y - 4, box.width + 8, box.height + 8), theme.QUIET)
        canvas.picture(scene.photo, box)
    said = words("review.note")
    label = f"{said.zh}  {said.en}"
    canvas.text(label, MARGIN, 1482, ROOM, 46, colour=theme.QUIET, lines=1)
    question(canvas, "approve", "retake")


def _saving(canvas: Canvas, scene: ScreenState) -> None:
    _busy(canvas, scene, "shield", "saving")


def _busy(canvas: Canvas, scene: ScreenState, icon: str, stage: str) -> None:
    header(canvas, scene.booth)
    working(canvas, icon, scene.at)
    y = heading(canvas, words(f"{stage}.title"), 1000)
    note(canvas, words(f"{stage}.note"), MARGIN, y + 60, ROOM)


def _done(canvas: Canvas, scene: ScreenState) -> None:
    header(canvas, scene.booth)
    canvas.badge("check", WIDTH / 2, 470, 190, theme.GOOD)
    y = heading(canvas, words("done.title"), 740) + 70
    for icon, key in (("clock", "review"), ("bag", "things")):
        canvas.panel(Box(MARGIN, y, ROOM, 200), border=theme.LINE)
        canvas.icon(icon, MARGIN + 110, y + 100, 104, theme.ACCENT, theme.CARD)
        note(canvas, words(f"done.{key}"), MARGIN + 210, y + 34, ROOM - 240, align="left", lines=1)
        y += 232
    primary(canvas, "close")


REASONS: dict[Reason, str] = {
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
"""Each reason's icon."""


def _turned_away(canvas: Canvas, scene: ScreenState) -> None:
    header(canvas, scene.booth)
    if (reason := scene.visit.reason) is not None:
        _sign(canvas, REASONS[reason])
        y = heading(canvas, words(f"reason.{reason}.title"), 520)
        note(canvas, words(f"reason.{reason}.remedy"), MARGIN, y + 44, ROOM, size=60)
    support(canvas, scene.booth, 1270)
    primary(canvas, "close")


FAULTS: dict[FaultName, str] = {
    "camera": "camera",
    "disk": "disk",
    "models": "chip",
    "reader": "reader",
}
"""The icon of each fault that stops the booth."""


def _fault(canvas: Canvas, scene: ScreenState, fault: FaultName) -> None:
    header(canvas, scene.booth)
    _sign(canvas, FAULTS[fault])
    y = heading(canvas, words("fault.title"), 520)
    y = note(canvas, words(f"fault.{fault}"), MARGIN, y + 44, ROOM, size=64, lines=1)
    note(canvas, words("fault.staff"), MARGIN, y + 36, ROOM, size=50)
    support(canvas, scene.booth, 1270)
    if scene.visit.stage is Stage.GUIDE:
        secondary(canvas, "cancel", BUTTONS)


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
