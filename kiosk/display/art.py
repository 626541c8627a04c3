"""The idle screen's picture: a phone holds its code before the reader."""

import math

from kiosk.display import theme
from kiosk.display.canvas import Box, Canvas

_CODE_MODULES = (
    "1111111010101111111",
    "1000001001101000001",
    "1011101011001011101",
    "1011101000101011101",
    "1011101010101011101",
    "1000001011001000001",
    "1111111010101111111",
    "0000000011000000000",
    "1101011100110101011",
    "0110100101101100101",
    "1011011010010111010",
    "0101100110101001101",
    "1100111011010110011",
    "0000000010110010101",
    "1111111001001101100",
    "1000001010110100110",
    "1011101011010011011",
    "1000001001101101001",
    "1111111010011010110",
)
"""It looks like a code and is none: a reader finds nothing in it."""


def draw_scanning(canvas: Canvas, box: Box, at: float) -> None:
    """Draw a phone with a code over a reader whose light sweeps it."""
    middle = box.x + box.width / 2
    canvas.disc(middle, box.y + box.height / 2, box.height / 2, theme.TINT)
    _draw_reader(canvas, Box(middle - 230, box.bottom - 190, 460, 150))
    # The phone comes a little nearer and back again.
    lift = 10 * math.sin(2 * math.pi * (at / 3.2 % 1.0))
    phone = Box(middle - 165, box.y + 16 + lift, 330, 500)
    canvas.panel(phone, theme.INK, radius=44)
    canvas.panel(Box(phone.x + 14, phone.y + 14, 302, 472), theme.CARD, radius=32)
    canvas.panel(Box(phone.x + 115, phone.y + 30, 100, 18), theme.INK, radius=9)
    canvas.panel(Box(phone.x + 70, phone.y + 424, 190, 22), theme.LINE, radius=11)
    _draw_code(canvas, Box(phone.x + 43, phone.y + 104, 244, 244))
    sweep = 0.5 - 0.5 * math.cos(2 * math.pi * (at / 3.2 % 1.0))
    y = phone.y + 96 + 256 * sweep
    canvas.panel(Box(phone.x + 28, y, 274, 8), theme.ALERT, radius=4)


def _draw_reader(canvas: Canvas, box: Box) -> None:
    canvas.panel(box, theme.INK, radius=40)
    window = Box(box.x + 60, box.y + 24, box.width - 120, 44)
    canvas.panel(window, theme.ALERT, radius=22)
    canvas.disc(box.x + box.width / 2, box.y + 108, 12, theme.CARD)


def _draw_code(canvas: Canvas, box: Box) -> None:
    module = box.width / len(_CODE_MODULES)
    for row, line in enumerate(_CODE_MODULES):
        for column, char in enumerate(line):
            if char == "1":
                x, y = box.x + column * module, box.y + row * module
                canvas.block(Box(x, y, module, module), theme.INK)
