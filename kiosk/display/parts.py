"""What screens are put together from: header, headings, notes, buttons, who helps."""

import math

from kiosk.display import theme
from kiosk.display.canvas import HEIGHT, WIDTH, Align, Box, Canvas
from kiosk.display.state import BoothLabels
from kiosk.display.theme import Colour
from kiosk.visit import Button

MARGIN = 72.0
CONTENT_WIDTH = WIDTH - 2 * MARGIN

TITLE_SIZE = HEIGHT / 17.5
"""What the student must read from three metres: over 1/18 of the height."""

BUTTON_ROW = Box(MARGIN, 1590, CONTENT_WIDTH, 210)
"""Within reach from a wheelchair."""

WAY_OUT = Box(BUTTON_ROW.x, BUTTON_ROW.y, 400, BUTTON_ROW.height)
"""Where the button that leads away stands on every screen that asks or waits: a tap that comes too
late for one screen never answers yes on the next."""

BUTTON_ICONS: dict[Button, str] = {
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
    x, width = MARGIN + 82, CONTENT_WIDTH - 82
    canvas.datum(booth.institution, x, 58, width, 46, weight="bold", align="left")


def heading(canvas: Canvas, name: str, y: float) -> float:
    """Write the one phrase that the screen is about; the y at which it ends."""
    large, small = canvas.phrase(name)
    y = canvas.text(large, 48, y, WIDTH - 96, TITLE_SIZE, weight="bold", lines=1)
    return canvas.text(small, MARGIN, y + 8, CONTENT_WIDTH, 54, colour=theme.QUIET)


def note(
    canvas: Canvas,
    name: str,
    x: float,
    y: float,
    width: float,
    *,
    size: float = 54,
    align: Align = "centre",
    lines: int = 2,
) -> float:
    """Write a smaller phrase; the y at which it ends."""
    large, small = canvas.phrase(name)
    y = canvas.text(large, x, y, width, size, align=align, lines=lines)
    return canvas.text(
        small, x, y + 2, width, size * 0.68, colour=theme.QUIET, align=align, lines=lines
    )


def label_text(canvas: Canvas, name: str) -> str:
    """Both texts of a phrase in one line, the larger language first."""
    return "  ".join(canvas.phrase(name))


def question_buttons(canvas: Canvas, yes: Button, no: Button) -> None:
    """Put two buttons side by side: the one that leads on is on the right, and wider."""
    gap = 32.0
    x, y, width, height = BUTTON_ROW
    secondary_button(canvas, no, WAY_OUT)
    narrow = WAY_OUT.width + gap
    primary_button(canvas, yes, Box(x + narrow, y, width - narrow, height))


def primary_button(canvas: Canvas, button: Button, box: Box = BUTTON_ROW) -> None:
    """Put the button that leads on."""
    canvas.panel(box, theme.ACCENT, radius=44)
    _label_button(canvas, button, box, theme.CARD, theme.CARD, theme.ACCENT)


def secondary_button(canvas: Canvas, button: Button, box: Box) -> None:
    """Put the button that leads away."""
    canvas.panel(box, theme.CARD, radius=44, border=theme.QUIET, line=4)
    _label_button(canvas, button, box, theme.INK, theme.QUIET, theme.CARD)


def _label_button(
    canvas: Canvas, button: Button, box: Box, ink: Colour, quiet: Colour, paper: Colour
) -> None:
    """Write a button's two texts beside its icon, the three centred together."""
    canvas.target(button, box)
    large, small = canvas.phrase(f"button.{button}")
    icon = box.height * 0.36
    gap = box.height * 0.14
    most = box.width - icon - gap - 48
    large_size = canvas.fit(large, box.height * 0.335, most, "bold", lines=1)
    small_size = canvas.fit(small, box.height * 0.175, most, "regular", lines=1)
    wide = 8 + max(
        canvas.measure(large, large_size, "bold"), canvas.measure(small, small_size, "regular")
    )
    x = box.x + (box.width - icon - gap - wide) / 2
    canvas.icon(BUTTON_ICONS[button], x + icon / 2, box.centre[1], icon, ink, paper)
    x += icon + gap
    y = box.y + box.height * 0.15
    y = canvas.text(large, x, y, wide, large_size, weight="bold", colour=ink, align="left", lines=1)
    canvas.text(small, x, y + 2, wide, small_size, colour=quiet, align="left", lines=1)


def support_panel(canvas: Canvas, booth: BoothLabels, y: float) -> None:
    """Say who helps, when, and which booth to name."""
    box = Box(MARGIN, y, CONTENT_WIDTH, 270)
    canvas.panel(box, border=theme.LINE)
    canvas.badge("phone", box.x + 120, box.centre[1], 72)
    x, width = box.x + 232, box.width - 264
    quiet = theme.QUIET
    phone = label_text(canvas, "support.phone")
    canvas.text(phone, x, y + 30, width / 2, 36, colour=quiet, align="left", lines=1)
    name = f"{label_text(canvas, 'support.booth')} {booth.name}"
    canvas.datum(name, x + width / 2, y + 30, width / 2, 36, colour=quiet, align="right")
    canvas.datum(booth.support_phone, x, y + 76, width, 80, weight="bold", align="left")
    hours = f"{' '.join(canvas.phrase('support.hours'))}  {booth.support_hours}"
    canvas.datum(hours, x, y + 190, width, 36, colour=quiet, align="left")


def busy_sign(canvas: Canvas, icon: str, at: float) -> None:
    """Show that something is being done: a dot goes calmly round an icon; `at` in seconds."""
    x, y, radius = WIDTH / 2, 620.0, 220.0
    canvas.disc(x, y, radius - 46, theme.TINT)
    canvas.icon(icon, x, y, 190, theme.ACCENT, theme.TINT)
    canvas.ring(x, y, radius, 1.0, theme.LINE, 10)
    for tail in range(5):
        turn = 2 * math.pi * (at / 2.4 % 1.0) - 0.16 * tail
        canvas.disc(
            x + radius * math.sin(turn), y - radius * math.cos(turn), 22 - 3 * tail, theme.ACCENT
        )
