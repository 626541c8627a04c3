"""What screens are put together from: header, headings, notes, buttons, who helps."""

import math

from kiosk.display import theme
from kiosk.display.canvas import HEIGHT, WIDTH, Align, Box, Canvas
from kiosk.display.state import BoothLabels
from kiosk.display.theme import Colour
from kiosk.visit import Button
from kiosk.words.catalogue import words
from kiosk.words.phrase import Words

MARGIN = 72.0
ROOM = WIDTH - 2 * MARGIN
"""The width that is written on."""

TITLE = HEIGHT / 17.5
"""What the student must read from three metres: over 1/18 of the height."""

BUTTONS = Box(MARGIN, 1590, ROOM, 210)
"""The row of buttons: within reach from a wheelchair."""

ICONS: dict[Button, str] = {
    "yes": "check",
    "no": "cross",
    "agree": "check",
    "decline": "cross",
    "ready": "check",
    "approve": "check",
    "retake": "retake",
    "close": "check",
    "cancel": "cross",
}


def header(canvas: Canvas, booth: BoothLabels) -> None:
    """Say whose booth this is."""
    canvas.icon("degree", MARGIN + 30, 88, 64, theme.ACCENT)
    canvas.datum(booth.institution, MARGIN + 82, 58, ROOM - 82, 46, weight="bold", align="left")


def heading(canvas: Canvas, said: Words, y: float) -> float:
    """Write the one thing that the screen says; gives where it ends."""
    y = canvas.text(said.zh, 48, y, WIDTH - 96, TITLE, weight="bold")
    return canvas.text(said.en, MARGIN, y + 8, ROOM, 54, colour=theme.QUIET)


def note(
    canvas: Canvas,
    said: Words,
    x: float,
    y: float,
    width: float,
    *,
    size: float = 54,
    align: Align = "centre",
    lines: int = 2,
) -> float:
    """Write something smaller in both languages; gives where it ends."""
    y = canvas.text(said.zh, x, y, width, size, align=align, lines=lines)
    small = size * 0.68
    return canvas.text(
        said.en, x, y + 2, width, small, colour=theme.QUIET, align=align, lines=lines
    )


def question(canvas: Canvas, yes: Button, no: Button) -> None:
    """Put two buttons side by side: on with it on the right, and wider."""
    gap, narrow = 32.0, 400.0
    x, y, width, height = BUTTONS
    secondary(canvas, no, Box(x, y, narrow, height))
    primary(canvas, yes, Box(x + narrow + gap, y, width - narrow - gap, height))


def primary(canvas: Canvas, button: Button, box: Box = BUTTONS) -> None:
    """Put the button that leads on."""
    canvas.panel(box, theme.ACCENT, radius=44)
    _label(canvas, button, box, theme.CARD, theme.CARD, theme.ACCENT)


def secondary(canvas: Canvas, button: Button, box: Box) -> None:
    """Put the button that leads away."""
    canvas.panel(box, theme.CARD, radius=44, border=theme.QUIET, line=4)
    _label(canvas, button, box, theme.INK, theme.QUIET, theme.CARD)


def _label(
    canvas: Canvas, button: Button, box: Box, ink: Colour, quiet: Colour, paper: Colour
) -> None:
    """Write a button's two languages beside its icon, the three centred together."""
    canvas.target(button, box)
    said = words(f"button.{button}")
    zh, en = box.height * 0.335, box.height * 0.175
    wide = max(canvas.measure(said.zh, zh, "bold"), canvas.measure(said.en, en, "regular")) + 8
    icon = box.height * 0.36
    gap = box.height * 0.14
    x = box.x + (box.width - icon - gap - wide) / 2
    canvas.icon(ICONS[button], x + icon / 2, box.centre[1], icon, ink, paper)
    x += icon + gap
    y = box.y + box.height * 0.15
    y = canvas.text(said.zh, x, y, wide, zh, weight="bold", colour=ink, align="left", lines=1)
    canvas.text(said.en, x, y + 2, wide, en, colour=quiet, align="left", lines=1)


def support(canvas: Canvas, booth: BoothLabels, y: float) -> None:
    """Say who helps, when, and what booth to name."""
    box = Box(MARGIN, y, ROOM, 270)
    canvas.panel(box, border=theme.LINE)
    canvas.badge("phone", box.x + 120, box.centre[1], 72)
    x, width = box.x + 232, box.width - 264
    phone, hours = words("support.phone"), words("support.hours")
    label = f"{phone.zh}  {phone.en}"
    canvas.text(label, x, y + 30, width / 2, 36, colour=theme.QUIET, align="left", lines=1)
    place = words("support.booth")
    label = f"{place.zh}  {place.en} {booth.name}"
    canvas.datum(label, x + width / 2, y + 30, width / 2, 36, colour=theme.QUIET, align="right")
    canvas.datum(booth.support_phone, x, y + 76, width, 80, weight="bold", align="left")
    label = f"{hours.zh} {hours.en}  {booth.support_hours}"
    canvas.datum(label, x, y + 190, width, 36, colour=theme.QUIET, align="left")


def working(canvas: Canvas, icon: str, at: float) -> None:
    """Show that something is being done: a dot goes calmly about an icon."""
    x, y, radius = WIDTH / 2, 620.0, 220.0
    canvas.disc(x, y, radius - 46, theme.TINT)
    canvas.icon(icon, x, y, 190, theme.ACCENT, theme.TINT)
    canvas.ring(x, y, radius, 1.0, theme.LINE, 10)
    for tail in range(5):
        turn = 2 * math.pi * (at / 2.4 % 1.0) - 0.16 * tail
        canvas.disc(
            x + radius * math.sin(turn), y - radius * math.cos(turn), 22 - 3 * tail, theme.ACCENT
        )
