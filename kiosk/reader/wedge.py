"""A scanner that types (a keyboard wedge): tells its codes from a person's typing."""

import unicodedata

from kiosk.reader.reader import LONGEST_CODE, Debounce, Heard, ReaderSettings, strip_frame

PAUSE_BETWEEN_SCANS = 0.3
"""Seconds without a key after which a code begins anew. Not less: keys are seen once a picture, so
a booth that is busy for a moment sees a pause in the midst of a scan."""

SECONDS_PER_CHARACTER = 0.04
"""What a scan takes at most on average, over the whole code (scanners need 1 to 20 ms, people 80
and more). The average forgives the moment in which the booth was busy."""

SHORTEST_CODE = 4
"""Fewer characters could be a person who hits several keys at once."""


class WedgeReader:
    """Characters in, codes out; pure but for what it remembers of the last seconds.

    `prefix` and `suffix` are what the scanner is set up to send around each code. With a prefix,
    what does not begin with it is no scan. A control character (a person's backspace, say) spoils
    everything up to Enter or a pause.
    """

    def __init__(self, prefix: str = "", suffix: str = "") -> None:
        self._prefix = prefix
        self._suffix = suffix
        self._debounce = Debounce()
        self._characters: list[str] = []
        self._spoilt = False
        self._first = self._last = float("-inf")

    @classmethod
    def open(cls, settings: ReaderSettings) -> "WedgeReader":
        """A wedge with the prefix and the suffix that its scanner is set up to send."""
        return cls(settings.prefix, settings.suffix)

    @property
    def available(self) -> bool:
        """Always: a keyboard that is not there cannot be told from one that is silent."""
        return True

    @property
    def fault(self) -> str | None:
        """None, for the same reason."""
        return None

    def listen(self, heard: Heard) -> str | None:
        """Take the keys, and find the code that they made up: the first, should there be two."""
        codes = [code for char, at in heard.keys if (code := self._take_key(char, at)) is not None]
        if heard.at - self._last > PAUSE_BETWEEN_SCANS:
            self._begin()
        return codes[0] if codes else None

    def close(self) -> None:
        """Forget what was typed; may be called twice."""
        self._begin()

    def _take_key(self, char: str, at: float) -> str | None:
        """Take what one key typed; returns a code if this Enter ended one.

        Keys that type nothing (Shift) give an empty `char`. An active IME types full-width
        characters, which are changed back to those that the scanner meant (NFKC).
        """
        if at - self._last > PAUSE_BETWEEN_SCANS:
            self._begin()
        if not self._characters:
            self._first = at
        self._last = at
        if char in ("\r", "\n"):
            code = self._end(at)
            self._begin()
            return code
        char = unicodedata.normalize("NFKC", char)
        # The suffix may be a Tab; nothing else that cannot be printed comes from a scanner.
        if not (char.isprintable() or char in self._suffix):
            self._spoilt = True
        # A text too long is kept up to there, so that it is still known as too long at its end.
        if len(self._characters) <= LONGEST_CODE + len(self._prefix) + len(self._suffix):
            self._characters.extend(char)
        return None

    def _begin(self) -> None:
        self._characters.clear()
        self._spoilt = False

    def _end(self, at: float) -> str | None:
        text = "".join(self._characters)
        code = None if self._spoilt else strip_frame(text, self._prefix, self._suffix)
        if code is None or not SHORTEST_CODE <= len(code) <= LONGEST_CODE:
            return None
        if at - self._first > SECONDS_PER_CHARACTER * len(text):
            return None
        return code if self._debounce.is_new(code, at) else None
