"""What the keys of a US keyboard type, by Linux's numbers for them (<linux/input-event-codes.h>).

A scanner that types sends the places of keys. Here they are read before any layout, input method,
CapsLock or NumLock of the system has changed them.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from kiosk.reader.reader import NOTHING

SHIFTS = frozenset({42, 54})
"""KEY_LEFTSHIFT, KEY_RIGHTSHIFT."""

COMMANDS = frozenset({29, 97, 56, 100, 125, 126})
"""Ctrl, Alt and Meta, left and right: with one held, a key types nothing that a scanner means."""

LOCKS = frozenset({58, 69, 70})
"""CapsLock, NumLock, ScrollLock. A scanner that sends them allows for a system that heeds them."""

ENTER, A = 28, 30
"""KEY_ENTER, KEY_A: a keyboard has both."""


def _keys() -> Iterator[tuple[int, str, str]]:
    rows = (
        (2, "1234567890-=", "!@#$%^&*()_+"),
        (16, "qwertyuiop[]", "QWERTYUIOP{}"),
        (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
        (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
        (57, " ", " "),
        (14, "\b", "\b"),
        (15, "\t", "\t"),
        (ENTER, "\r", "\r"),
        (1, "\x1b", "\x1b"),
        (111, "\x7f", "\x7f"),
        # The keypad, which types the same whatever NumLock says: a scanner means digits.
        (71, "789-456+1230.", "789-456+1230."),
        (55, "*", "*"),
        (98, "/", "/"),
        (96, "\r", "\r"),
    )
    for first, plain, shifted in rows:
        for code, each in enumerate(zip(plain, shifted, strict=True), first):
            yield code, *each


KEYS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {code: (plain, shifted) for code, plain, shifted in _keys()}
)
"""What each key types, without and with Shift."""


class Typist:
    """Keys going down and up, as the characters that they type.

    Each key that goes down was up, and comes up again before Enter is pressed: else a stroke was
    lost, of Shift perhaps, and what is typed may be another text.
    """

    def __init__(self) -> None:
        self._held: set[int] = set()

    def press(self, code: int) -> str:
        """The characters that a key types: "" of one that only changes others."""
        was_down = code in self._held
        self._held.add(code)
        if was_down:
            return NOTHING
        if code in SHIFTS | COMMANDS:
            return ""
        if code in LOCKS or self._held & COMMANDS or code not in KEYS:
            return NOTHING
        plain, shifted = KEYS[code]
        if not self._held & SHIFTS:
            return plain
        return NOTHING + plain if plain == "\r" else shifted

    def release(self, code: int) -> str:
        """A key goes up: "" or, where it was not known to be down, NOTHING."""
        if code not in self._held:
            return NOTHING
        self._held.remove(code)
        return ""
