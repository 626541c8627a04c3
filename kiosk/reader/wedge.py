"""A scanner that types (a keyboard wedge): tells its codes from a person's typing.

What keys came within LONGEST_PAUSE of each other are one burst. A burst is a code when it is text
and Enter, and nothing else: of one in which a key typed nothing, or whose Enter never came, not
even the rest is taken, until the next Enter has passed.
"""

from kiosk.reader.reader import (
    BROKEN_SCAN,
    LONGEST_PAUSE,
    SHORTEST_CODE,
    Debounce,
    Framing,
    Heard,
    ReaderSettings,
)

SECONDS_PER_CHARACTER = 0.04
"""What a scan takes at most on average, over the whole code (scanners need 1 to 20 ms, people 80
and more). The average forgives the moment in which the booth was busy."""

_ENTER = ("\r", "\n")

_PLAIN = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: ord(" ")}
"""Full-width characters, as an input method types them, and what the scanner meant."""


class WedgeReader:
    """Characters in, codes out; pure but for what it remembers of the last seconds.

    A code is handed on once nothing has followed its Enter for LONGEST_PAUSE: an Enter in the midst
    of a scan must not make two codes of one.
    """

    def __init__(self, framing: Framing | None = None) -> None:
        self._framing = framing or Framing()
        self._debounce = Debounce()
        self._left_over = False
        """Whether a burst before ended without its Enter, so that its rest may yet come."""
        self._begin()

    @classmethod
    def open(cls, settings: ReaderSettings) -> "WedgeReader":
        """A wedge whose scanner sends what is configured."""
        return cls(Framing.of(settings))

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
        ended: list[str | None] = []
        for char, at in heard.keys:
            if at - self._last > LONGEST_PAUSE:
                ended.append(self._end_burst())
            self._take_key(char, at)
        if heard.at - self._last > LONGEST_PAUSE:
            ended.append(self._end_burst())
        return next((text for text in ended if text is not None), None)

    def close(self) -> None:
        """Forget what was typed; may be called twice."""
        self._begin()

    def _begin(self) -> None:
        self._characters: list[str] = []
        self._keys = 0
        self._spoilt = self._entered = False
        self._first = self._last = float("-inf")

    def _take_key(self, char: str, at: float) -> None:
        if self._last == float("-inf"):
            self._first = at
        self._last = at
        if char == "":
            self._spoilt = True
            return
        self._keys += 1
        if char in _ENTER:
            self._entered = True
            return
        char = char.translate(_PLAIN)
        # The prefix or the suffix may hold a Tab, say. Else a scanner's keys type what can be
        # printed, in ASCII: of anything else an input method or a person is the author.
        typed = char.isascii() and char.isprintable()
        expected = typed or char in self._framing.prefix + self._framing.suffix
        # After Enter only another may follow (CR and LF, each a key).
        self._spoilt = self._spoilt or self._entered or not expected
        # A text too long is kept up to there, so that it is still known as too long at its end.
        if len(self._characters) <= self._framing.longest:
            self._characters.append(char)

    def _end_burst(self) -> str | None:
        """The code that the burst was; BROKEN_SCAN where a scanner must have typed it; or None."""
        text, keys, entered, at = "".join(self._characters), self._keys, self._entered, self._last
        quick = at - self._first <= SECONDS_PER_CHARACTER * keys
        # Where the length is known, no rest of a scan is as long as a code.
        rest = self._left_over and not self._framing.length
        whole = entered and not self._spoilt and not rest
        self._begin()
        if keys == 0:
            return None
        self._left_over = not entered
        if not quick:
            return None
        code = self._framing.find_code(text) if whole else None
        if code is None or len(code) < SHORTEST_CODE:
            return BROKEN_SCAN if keys > SHORTEST_CODE else None
        return code if self._debounce.is_new(code, at) else None
