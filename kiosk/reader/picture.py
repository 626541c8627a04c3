"""Capture codes read from the camera's picture: QR codes, mostly on telephones' screens.

One reading is enough. A QR code carries Reed–Solomon parity over every word, so what decodes at all
is what was drawn; a vote over several frames would only make the student wait.
"""

from collections.abc import Callable

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from pyzbar import pyzbar

from kiosk.reader.reader import LIMIT, Debounce

Picture = NDArray[np.uint8]
"""Height × width × 3, colour order R, G, B."""

Grey = NDArray[np.uint8]
"""Height × width."""


def decode(picture: Picture) -> str | None:
    """Give the text of a QR code in a picture, with every effort, or None.

    At 480×640 it takes some 20 ms where there is no code; for a stream of pictures see
    `PictureReader`.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    texts = (attempt(np.asarray(grey, np.uint8)) for attempt in (_plain, *_HARDER))
    return next((text for text in texts if text), None)


class PictureReader:
    """Pictures in, codes out; for each picture the cheap attempt and, by turns, one harder one."""

    def __init__(self) -> None:
        self._debounce = Debounce()
        self._turn = 0

    def feed(self, picture: Picture, at: float) -> str | None:
        """Look at the next picture, taken at monotonic seconds; give a code newly held out."""
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        harder = _HARDER[self._turn % len(_HARDER)]
        self._turn += 1
        code = _plain(grey) or harder(grey)
        if not code or len(code) > LIMIT:
            return None
        return code if self._debounce.fresh(code, at) else None


def _plain(grey: Grey) -> str | None:
    """zxing-cpp turns, shrinks and inverts by itself. Only QR codes: that is 20 times faster."""
    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcode(grey, only, text_mode=zxingcpp.TextMode.Plain)
    return found.text if found else None


def _enlarged(grey: Grey) -> str | None:
    """For codes that are small or dark, with modules under two pixels wide, or in moiré."""
    return _plain(_doubled(cv2.normalize(grey, np.empty_like(grey), 0, 255, cv2.NORM_MINMAX)))


def _sharpened(grey: Grey) -> str | None:
    """For codes out of focus, as close ones are: a blur of up to 2/3 module, undone."""
    light = cv2.normalize(grey.astype(np.float32), np.empty(0), 0, 255, cv2.NORM_MINMAX)
    sharp = cv2.addWeighted(light, 5, cv2.GaussianBlur(light, (0, 0), 3), -4, 0)
    return _plain(_doubled(np.clip(sharp, 0, 255).astype(np.uint8)))


def _zbar(grey: Grey) -> str | None:
    """ZBar finds codes in its own way, and so at times one that zxing-cpp does not."""
    found = pyzbar.decode(grey, [pyzbar.ZBarSymbol.QRCODE])
    return found[0].data.decode("utf-8", "replace") if found else None


def _doubled(grey: object) -> Grey:
    picture = np.asarray(grey, np.uint8)
    large = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.uint8)


_HARDER: tuple[Callable[[Grey], str | None], ...] = (_enlarged, _sharpened, _zbar)
"""In the order of what they find more than those before, by measurement."""
