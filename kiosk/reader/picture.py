"""The camera as a reader, as the booth's loop still calls it."""

from kiosk.camera.frame import Picture
from kiosk.reader.qr import decode, decode_quickly
from kiosk.reader.reader import LONGEST_CODE, Debounce

__all__ = ["PictureReader", "decode"]


class PictureReader:
    """Pictures in, codes out."""

    def __init__(self) -> None:
        self._debounce = Debounce()
        self._turn = 0

    def feed(self, picture: Picture, at: float) -> str | None:
        """Find a code newly held out in a picture."""
        code = decode_quickly(picture, self._turn)
        self._turn += 1
        if not code or len(code) > LONGEST_CODE:
            return None
        return code if self._debounce.is_new(code, at) else None
