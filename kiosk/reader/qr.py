"""QR codes in pictures, mostly on telephones' screens."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

from kiosk.camera.frame import Picture
from kiosk.reader.qr_blur import LENGTHS, find_motion, sharpen, undo_motion
from kiosk.reader.qr_modules import QR_CODES, Corners, Grey, read_at
from kiosk.reader.qr_patterns import find_by_patterns

Wanted = Callable[[str], bool]
"""Whether a text may be what is looked for."""


def decode(picture: Picture) -> str | None:
    """Find the text of a QR code in a picture, with every effort, or None.

    At 480×640 it takes some 100 ms where there is no code; for a stream of pictures see
    `decode_quickly`.
    """
    grey = _to_grey(picture)
    texts = (text for attempt in (_decode_as_it_is, *_HARDER) for text in attempt(grey))
    return next(texts, None)


def decode_quickly(picture: Picture, turn: int, wanted: Wanted = lambda _: True) -> tuple[str, ...]:
    """Find the texts of all QR codes in a picture, by the cheap attempt and one harder one.

    The harder one is left out where a text is found that is `wanted`. `turn` counts the pictures of
    a stream: each harder attempt has its turn.
    """
    grey = _to_grey(picture)
    found = dict.fromkeys(_decode_as_it_is(grey))
    if not any(map(wanted, found)):
        found |= dict.fromkeys(_HARDER[turn % len(_HARDER)](grey))
    return tuple(found)


def _to_grey(picture: Picture) -> Grey:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def _decode_as_it_is(grey: Grey) -> Iterator[str]:
    """zxing-cpp turns, shrinks and inverts by itself. Only QR codes: that is 20 times faster."""
    found = zxingcpp.read_barcodes(grey, QR_CODES, text_mode=zxingcpp.TextMode.Plain)
    return (each.text for each in found if each.text)


def _decode_enlarged(grey: Grey) -> Iterator[str]:
    """For codes that are small or dark, with modules under two pixels wide, or in moiré."""
    return _decode_as_it_is(_double_size(_stretch(grey)))


def _decode_sharpened(grey: Grey) -> Iterator[str]:
    """For codes out of focus, as close ones are: a blur of up to 3/4 module, undone."""
    return _decode_as_it_is(_double_size(sharpen(_stretch(grey))))


def _decode_stilled(grey: Grey) -> Iterator[str]:
    """For codes that move, by up to three modules while the picture is taken."""
    angle = find_motion(grey)
    if angle is not None:
        for length in LENGTHS:
            yield from _decode_as_it_is(undo_motion(grey, angle, length))


def _decode_softened(grey: Grey) -> Iterator[str]:
    """For codes in low light, whose noise is as strong as what it hides."""
    softened = cv2.GaussianBlur(_double_size(_stretch(grey)), (0, 0), 2)
    return _decode_as_it_is(np.asarray(softened, np.uint8))


def _decode_mended(grey: Grey) -> Iterator[str]:
    """For codes behind glass that has thin cracks."""
    for mended in _mend(grey):
        yield from _decode_as_it_is(mended)


def _decode_by_modules(grey: Grey) -> Iterator[str]:
    """For codes behind broken glass, which are found and cannot be read as they are."""
    return _first(read_at(grey, corners) for corners in _find_unread(grey))


def _decode_by_patterns(grey: Grey) -> Iterator[str]:
    """For codes with a finder pattern that a crack runs through, or on which a light lies."""
    return _first(read_at(grey, corners, (size,)) for corners, size in find_by_patterns(grey))


def _decode_with_zbar(grey: Grey) -> Iterator[str]:
    """ZBar finds codes in its own way, and so at times one that zxing-cpp does not."""
    for found in pyzbar.decode(grey, [pyzbar.ZBarSymbol.QRCODE]):
        with suppress(UnicodeDecodeError):  # a character replaced would make another code of it
            yield found.data.decode("utf-8")


def _find_unread(grey: Grey) -> Iterator[Corners]:
    """Where codes lie that could not be read, in the picture as it is and mended."""
    for picture in (grey, *_mend(grey)):
        for found in zxingcpp.read_barcodes(picture, QR_CODES, return_errors=True):
            at = found.position
            ends = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
            yield np.array([(end.x, end.y) for end in ends], np.float32)


def _first(texts: Iterator[str | None]) -> Iterator[str]:
    """The first code that could be read, if there is one."""
    text = next((text for text in texts if text), None)
    return iter(() if text is None else (text,))


def _mend(grey: Grey) -> Iterator[Grey]:
    """The picture without what is thinner than three pixels: bright cracks first, then dark."""
    kernel = np.ones((3, 3), np.uint8)
    for first, then in ((cv2.MORPH_OPEN, cv2.MORPH_CLOSE), (cv2.MORPH_CLOSE, cv2.MORPH_OPEN)):
        opened = cv2.morphologyEx(grey, first, kernel)
        yield np.asarray(cv2.morphologyEx(opened, then, kernel), np.uint8)


def _stretch(grey: Grey) -> Grey:
    """From the darkest to the lightest there is, as from black to white."""
    return np.asarray(cv2.normalize(grey, np.empty_like(grey), 0, 255, cv2.NORM_MINMAX), np.uint8)


def _double_size(grey: object) -> Grey:
    picture = np.asarray(grey, np.uint8)
    large = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.uint8)


_HARDER: tuple[Callable[[Grey], Iterator[str]], ...] = (
    _decode_enlarged,
    _decode_sharpened,
    _decode_softened,
    _decode_stilled,
    _decode_mended,
    _decode_by_modules,
    _decode_with_zbar,
    _decode_by_patterns,
)
"""In the order of what they find more than those before, by measurement."""
