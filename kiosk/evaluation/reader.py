"""The cascade of decoders on a clear code in a preview, against ZBar alone."""

from collections.abc import Iterator

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

from kiosk.camera.frame import Picture
from kiosk.config import Config
from kiosk.errors import UsageError
from kiosk.evaluation.rows import Row
from kiosk.evaluation.timing import time_in_turns
from kiosk.reader.qr import decode


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Time both in turns on one picture."""
    picture = _picture_with_code()
    if decode(picture) is None:
        raise UsageError("the benchmark's own code cannot be read")
    times = time_in_turns(
        {"cascade": lambda: decode(picture), "zbar": lambda: pyzbar.decode(picture)},
        20 if quick else 200,
    )
    cascade, zbar = float(np.median(times["cascade"])), float(np.median(times["zbar"]))
    yield Row("reader", "a code in a preview, median", cascade, "ms", baseline=zbar)


def _picture_with_code() -> Picture:
    """A QR code, a little out of focus, on a grey preview."""
    code = zxingcpp.create_barcode("CHSI-0123456789-ABCDEF", zxingcpp.BarcodeFormat.QRCode)
    drawn = np.asarray(zxingcpp.write_barcode_to_image(code, scale=6))
    preview = np.full((640, 480), 90, np.uint8)
    preview[100 : 100 + drawn.shape[0], 100 : 100 + drawn.shape[1]] = drawn
    blurred = np.asarray(cv2.GaussianBlur(preview, (0, 0), 1.2), np.uint8)
    return np.repeat(blurred[..., None], 3, 2)
