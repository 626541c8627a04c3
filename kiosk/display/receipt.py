"""The receipt: a QR code with the submission's number and where to look; nothing personal."""

import cv2
import numpy as np

from kiosk.display.canvas import Box, Canvas

QUIET = 4
"""Modules of white about a code (ISO/IEC 18004)."""

LEAST_MODULE_MM = 0.8
"""A telephone's camera reads smaller ones, but not from where one sits."""


def receipt_text(number: str, url: str) -> str:
    """What the code says: the address with the number, or the number alone."""
    return f"{url}{number}" if url else number


def draw_receipt(canvas: Canvas, box: Box, text: str) -> None:
    """Draw the code as large as whole pixels allow, black on white in every theme."""
    modules = np.asarray(cv2.QRCodeEncoder.create().encode(text), np.uint8)
    # OpenCV's own margin differs between versions.
    inked = np.argwhere(modules == 0)
    (top, left), (bottom, right) = inked.min(axis=0), inked.max(axis=0)
    code = np.pad(modules[top : bottom + 1, left : right + 1], QUIET, constant_values=255)
    pixels = int(min(box.width, box.height)) // len(code)
    scaled = np.kron(code, np.ones((max(pixels, 1),) * 2, np.uint8))
    side = len(scaled)
    x, y = box.centre
    place = Box(round(x - side / 2), round(y - side / 2), side, side)
    canvas.picture(np.repeat(scaled[..., None], 3, axis=2), place)
