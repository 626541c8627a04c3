"""QR codes in pictures, mostly on telephones' screens."""

from collections.abc import Callable
from contextlib import suppress

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

from kiosk.camera.frame import Picture
from kiosk.reader.qr_grid import QR_CODES, Grey, decode_by_grid, mend


def decode(picture: Picture) -> str | None:
    """Find the text of a QR code in a picture, with every effort, or None.

    At 480×640 it takes some 20 ms where there is no code; for a stream of pictures see
    `decode_quickly`.
    """
    grey = _to_grey(picture)
    texts = (attempt(grey) for attempt in (_decode_as_it_is, *_HARDER))
    return next((text for text in texts if text), None)


def decode_quickly(picture: Picture, turn: int) -> str | None:
    """Find the text of a QR code with the cheap attempt and one harder one, or None.

    `turn` counts the pictures of a stream: each harder attempt has its turn.
    """
    grey = _to_grey(picture)
    return _decode_as_it_is(grey) or _HARDER[turn % len(_HARDER)](grey)


def _to_grey(picture: Picture) -> Grey:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def _decode_as_it_is(grey: Grey) -> str | None:
    """zxing-cpp turns, shrinks and inverts by itself. Only QR codes: that is 20 times faster."""
    found = zxingcpp.read_barcode(grey, QR_CODES, text_mode=zxingcpp.TextMode.Plain)
    return found.text if found else None


def _decode_enlarged(grey: Grey) -> str | None:
    """For codes that are small or dark, with modules under two pixels wide, or in moiré."""
    return _decode_as_it_is(_double_size(_stretch(grey)))


def _decode_sharpened(grey: Grey) -> str | None:
    """For codes out of focus, as close ones are: a blur of up to 2/3 module, undone."""
    light = cv2.normalize(grey.astype(np.float32), np.empty(0), 0, 255, cv2.NORM_MINMAX)
    sharp = cv2.addWeighted(light, 5, cv2.GaussianBlur(light, (0, 0), 3), -4, 0)
    return _decode_as_it_is(_double_size(np.clip(sharp, 0, 255).astype(np.uint8)))


def _decode_softened(grey: Grey) -> str | None:
    """For codes in low light, whose noise is as strong as what it hides."""
    softened = cv2.GaussianBlur(_double_size(_stretch(grey)), (0, 0), 2)
    return _decode_as_it_is(np.asarray(softened, np.uint8))


def _decode_mended(grey: Grey) -> str | None:
    """For codes behind glass that has thin cracks."""
    texts = (_decode_as_it_is(mended) for mended in mend(grey))
    return next((text for text in texts if text), None)


def _decode_with_zbar(grey: Grey) -> str | None:
    """ZBar finds codes in its own way, and so at times one that zxing-cpp does not."""
    found = pyzbar.decode(grey, [pyzbar.ZBarSymbol.QRCODE])
    with suppress(UnicodeDecodeError):  # a character replaced would make another code of it
        return found[0].data.decode("utf-8") if found else None
    return None


def _stretch(grey: Grey) -> Grey:
    """From the darkest to the lightest there is, as from black to white."""
    return np.asarray(cv2.normalize(grey, np.empty_like(grey), 0, 255, cv2.NORM_MINMAX), np.uint8)


def _double_size(grey: object) -> Grey:
    picture = np.asarray(grey, np.uint8)
    large = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.uint8)


_HARDER: tuple[Callable[[Grey], str | None], ...] = (
    _decode_enlarged,
    _decode_sharpened,
    _decode_softened,
    _decode_mended,
    decode_by_grid,
    _decode_with_zbar,
)
"""In the order of what they find more than those before, by measurement."""
