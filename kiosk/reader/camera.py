"""The camera as a reader: QR codes in its previews, decoded on a thread of their own.

One reading is enough. A QR code carries Reed–Solomon parity over every word, so what decodes at all
is what was drawn; a vote over several frames would only make the student wait.
"""

import hashlib
import logging
import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from kiosk.reader.capture_code import CaptureCodeError, parse_capture_code
from kiosk.reader.reader import Debounce, Heard, ReaderSettings
from kiosk.reader.wrong_code import kind_of_wrong_code

if TYPE_CHECKING:
    from kiosk.camera.frame import Picture

HELD = 1.0
"""Seconds."""

_log = logging.getLogger(__name__)


class CameraReader:
    """Pictures in, codes out.

    Of several codes in view the one is taken that can be a capture code. One that cannot, or leads
    elsewhere, was held out where it stays in view for HELD, and is handed on then to be told of.

    A picture takes 20 to 50 ms, so they are decoded one at a time beside the booth's loop. While
    one is at work the newest of those that came waits, and the others are let go.
    """

    def __init__(self) -> None:
        from kiosk.reader.qr import decode_quickly  # loads OpenCV

        self._decode = decode_quickly
        self._debounce = Debounce()
        self._held = Held()
        self._turn = 0
        self._thread: ThreadPoolExecutor | None = ThreadPoolExecutor(1, "camera-reader")
        self._waiting: tuple[Picture, float] | None = None
        self._decoding: tuple[Future[tuple[str, ...]], float] | None = None
        self._fault: str | None = None

    @classmethod
    def open(cls, settings: ReaderSettings) -> "CameraReader":
        """A reader of the booth's own camera; it needs no settings."""
        return cls()

    @property
    def available(self) -> bool:
        """Whether the last picture could be looked at; the camera has a fault of its own."""
        return self._fault is None

    @property
    def fault(self) -> str | None:
        """Why it could not, in words for staff."""
        return self._fault

    def listen(self, heard: Heard) -> str | None:
        """Take the picture offered, and find the code of one offered before."""
        if heard.picture is not None:
            self._waiting = heard.picture, heard.at
        code = self._take_result()
        if self._decoding is None and self._waiting is not None and self._thread is not None:
            picture, at = self._waiting
            self._waiting = None
            self._decoding = (
                self._thread.submit(self._decode, picture, self._turn, _is_likely),
                at,
            )
            self._turn += 1
        return code

    def close(self) -> None:
        """End the thread, and forget every picture; may be called twice."""
        if self._thread is not None:
            self._thread.shutdown(wait=True, cancel_futures=True)
        self._thread = self._waiting = self._decoding = None

    def _take_result(self) -> str | None:
        """The new code in the picture that was decoded, once that is done."""
        if self._decoding is None or not self._decoding[0].done():
            return None
        (future, at), self._decoding = self._decoding, None
        error = future.exception()
        if error is not None:
            fault = f"codes cannot be read from the camera's picture ({error}): run `kiosk doctor`"
            if fault != self._fault:
                _log.error("reader: %s", fault)
            self._fault = fault
            return None
        self._fault = None
        code = min(future.result(), key=_unlikeliness, default=None)
        if code is None or (not _is_likely(code) and not self._held.is_held(code, at)):
            return None
        return code if self._debounce.is_new(code, at) else None


class Held:
    """Tells a code that is held out from one that happens to be in view. Keeps no code."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._code: bytes | None = None
        self._since = self._last = float("-inf")

    def is_held(self, code: str, at: float) -> bool:
        """Whether a code read at that time (monotonic seconds) has been in view for HELD."""
        digest = hashlib.blake2b(code.encode("utf-8", "surrogatepass"), key=self._key).digest()
        if digest != self._code or at - self._last > HELD:
            self._since = at
        self._code, self._last = digest, at
        return at - self._since >= HELD


def _unlikeliness(code: str) -> int:
    """0 of what can be a capture code, 1 of what can and looks like something else, 2 of others."""
    try:
        parse_capture_code(code)
    except CaptureCodeError:
        return 2
    return int(kind_of_wrong_code(code) != "code_unreadable")


def _is_likely(code: str) -> bool:
    return _unlikeliness(code) == 0
