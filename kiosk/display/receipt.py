"""The receipt: a QR code with the submission's number and where to look; nothing personal."""

import numpy as np
import zxingcpp

from kiosk.display.canvas import Box, Canvas

CORRECTION = "M"
"""What of the code may be covered: 15 % (ISO/IEC 18004)."""


def receipt_text(number: str, url: str) -> str:
    """What the code says: the address with the number, or the number alone."""
    return f"{url}{number}" if url else number


def draw_receipt(canvas: Canvas, box: Box, text: str) -> None:
    """Draw the code as large as whole pixels allow, black on white in every theme."""
    kind = zxingcpp.BarcodeFormat.QRCode
    code = zxingcpp.create_barcode(text, kind, ec_level=CORRECTION)
    modules = np.asarray(zxingcpp.write_barcode_to_image(code, scale=1), np.uint8)
    scale = max(int(min(box.width, box.height)) // len(modules), 1)
    pixels = np.kron(modules, np.ones((scale, scale), np.uint8))
    side = len(pixels)
    x, y = box.centre
    place = Box(round(x - side / 2), round(y - side / 2), side, side)
    canvas.picture(np.repeat(pixels[..., None], 3, axis=2), place)
