"""A scanner that types: tells its codes from a person's typing."""

import unicodedata

from kiosk.reader.reader import LIMIT, Debounce

PAUSE = 0.3
"""Seconds without a key after which a code begins anew. Not less: keys are seen once a picture, so
a booth that is busy for a moment sees a pause in the midst of a scan."""

PACE = 0.04
"""Seconds a character that a scan takes at most on average, over the whole code (scanners need
1 to 20 ms, people 80 and more). The average forgives the moment in which the booth was busy."""

SHORTEST = 4
"""Fewer characters could be a person who hits several keys at once."""


class Wedge:
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

    def feed(self, char: str, at: float) -> str | None:
        """Take what one key typed, at monotonic seconds; give a code if this Enter ended one.

        Keys that type nothing (Shift) give an empty `char`. An active IME types full-width
        characters; they are given as the scanner meant them (NFKC).
        """
        if at - self._last > PAUSE:
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
        if len(self._characters) <= LIMIT + len(self._prefix) + len(self._suffix):
            self._characters.extend(char)
        return None

    def _begin(self) -> None:
        self._characters.clear()
        self._spoilt = False

    def _end(self, at: float) -> str | None:
        text = "".join(self._characters)
        if self._spoilt or not (text.startswith(self._prefix) and text.endswith(self._suffix)):
            return None
        code = text.removeprefix(self._prefix).removesuffix(self._suffix)
        if not SHORTEST <= len(code) <= LIMIT or at - self._first > PACE * len(text):
            return None
        return code if self._debounce.fresh(code, at) else None
