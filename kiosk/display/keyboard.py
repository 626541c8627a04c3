"""The keyboard: what SDL says of its keys, as the characters that a scanner's keys mean.

A scanner sends the places of keys as they lie on a US keyboard, and the system makes characters of
them. A character is taken only where it is what its key says there: CapsLock, another layout or an
input method make another text of the same keys. In doubt NOTHING comes in the character's stead,
and the reader takes none of the scan.
"""

import logging
from collections.abc import Mapping
from typing import Literal

import pygame

from kiosk.reader.reader import ELSEWHERE as ELSEWHERE
from kiosk.reader.reader import NOTHING as NOTHING

REPEAT_DELAY = 0.2
"""Seconds for which no keyboard repeats a key that is held (Linux 0.25, X and Wayland 0.5 to 0.66).
A scanner that types a character twice within 2 ms looks to SDL on X as if the key were held."""

FourKeys = Literal["back", "onward", "press", "language"]

ARROWS: Mapping[int, FourKeys] = {
    pygame.K_LEFT: "back",
    pygame.K_RIGHT: "onward",
    pygame.K_DOWN: "press",
    pygame.K_UP: "language",
}
"""Four keys serve the whole booth for whoever does not touch it. No scanner sends them, and Enter,
which ends each scan, presses nothing."""

_log = logging.getLogger(__name__)


def find_arrow(event: pygame.Event) -> FourKeys | None:
    """Which of the four keys an event is; None where it is none of them, alone and pressed."""
    if event.type != pygame.KEYDOWN or getattr(event, "mod", 0) & _COMMANDS:
        return None
    return ARROWS.get(event.key)


class Keyboard:
    """SDL's events in, characters out. Behind a key's event its text comes as the very next."""

    def __init__(self) -> None:
        self._pressed: pygame.Event | None = None
        """The key whose text is due."""
        self._keys_tell = False
        """Whether a text has its key here, as it has where there is a real keyboard."""
        self._last: tuple[int, float] | None = None
        """The scancode of the last key with a text, and when it went down, in seconds."""
        self._warned = False

    def take(self, event: pygame.Event, at: float) -> str:
        """The characters that an event brings, with what the key before it leaves to be said."""
        match event.type:
            case pygame.KEYDOWN:
                return self.settle() + self._press(event)
            case pygame.TEXTINPUT:
                return self._type(event.text, at)
            case pygame.TEXTEDITING if event.text:  # an input method composes
                return self.settle() + NOTHING
            case _:
                return ""

    def settle(self) -> str:
        """End what was read at once: a key whose text has not come typed nothing."""
        pressed, self._pressed = self._pressed, None
        # Without NumLock a keypad's digits move a cursor; a scanner means the digits.
        return "" if pressed is None else _KEYPAD.get(pressed.key, NOTHING)

    def _press(self, event: pygame.Event) -> str:
        if event.key in _SILENT:
            return ""
        if getattr(event, "mod", 0) & _COMMANDS:
            return NOTHING
        if event.key in _CONTROLS:
            self._last = None  # what was typed up to there is nobody's business any more
            return _CONTROLS[event.key]
        self._pressed = event
        return ""

    def _type(self, text: str, at: float) -> str:
        pressed = self._pressed
        if pressed is None:
            taken = not self._keys_tell or self._is_quick_repeat(text, at)
            return self._without_caps(text, 0) if taken else NOTHING
        if pressed.key in _KEYPAD and text != _KEYPAD[pressed.key]:
            return self.settle() + self._type(text, at)
        self._pressed = None
        self._keys_tell = True
        scancode, mods = getattr(pressed, "scancode", 0), getattr(pressed, "mod", 0)
        self._last = scancode, at
        if _us_character(scancode, mods) not in (None, text):
            self._warn("a key types another character than a US keyboard's")
            return NOTHING
        return self._without_caps(text, mods)

    def _is_quick_repeat(self, text: str, at: float) -> bool:
        """Whether the last key was typed anew; else a text without a key is of one that is held,
        or of an input method."""
        if self._last is None:
            return False
        scancode, before = self._last
        return text in _US.get(scancode, ()) and at - before < REPEAT_DELAY

    def _without_caps(self, text: str, mods: int) -> str:
        """The text, unless CapsLock changed it; whether a scanner allows for that is unknown."""
        caps = (mods | pygame.key.get_mods()) & pygame.KMOD_CAPS
        if caps and text.lower() != text.upper():
            self._warn("CapsLock is on")
            return NOTHING
        return text

    def _warn(self, what: str) -> None:
        if not self._warned:
            _log.warning(
                "keyboard: %s, so no code is taken from its keys: switch CapsLock and input "
                "methods off, and set the system and the scanner to a US keyboard",
                what,
            )
        self._warned = True


def _us_character(scancode: int, mods: int) -> str | None:
    """What a US keyboard types at a place, CapsLock off; None where that is not known."""
    plain, shifted = _US.get(scancode, (None, None))
    return shifted if mods & pygame.KMOD_SHIFT else plain


_SILENT = frozenset(
    (
        *(pygame.K_LSHIFT, pygame.K_RSHIFT, pygame.K_LCTRL, pygame.K_RCTRL),
        *(pygame.K_LALT, pygame.K_RALT, pygame.K_LMETA, pygame.K_RMETA, pygame.K_MODE),
        *(pygame.K_CAPSLOCK, pygame.K_NUMLOCK, pygame.K_SCROLLLOCK),
    )
)
"""Keys that only change others; how the others come out is seen at those."""

_COMMANDS = pygame.KMOD_CTRL | pygame.KMOD_ALT | pygame.KMOD_META
"""With one of these held, a key types nothing that a scanner meant."""

_CONTROLS = {
    pygame.K_RETURN: "\r",
    pygame.K_KP_ENTER: "\r",
    pygame.K_TAB: "\t",
    pygame.K_BACKSPACE: "\b",
    pygame.K_ESCAPE: "\x1b",
    pygame.K_DELETE: "\x7f",
}
"""Keys that type no text, but matter to whoever reads what is typed."""

_KEYPAD = {getattr(pygame, f"K_KP_{digit}"): str(digit) for digit in range(10)}

_US: dict[int, tuple[str, str]] = {
    **{getattr(pygame, f"KSCAN_{c}"): (c.lower(), c) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **{
        getattr(pygame, f"KSCAN_{digit}"): (digit, shifted)
        for digit, shifted in zip("1234567890", "!@#$%^&*()", strict=True)
    },
    pygame.KSCAN_SPACE: (" ", " "),
    pygame.KSCAN_MINUS: ("-", "_"),
    pygame.KSCAN_EQUALS: ("=", "+"),
    pygame.KSCAN_LEFTBRACKET: ("[", "{"),
    pygame.KSCAN_RIGHTBRACKET: ("]", "}"),
    pygame.KSCAN_BACKSLASH: ("\\", "|"),
    pygame.KSCAN_SEMICOLON: (";", ":"),
    pygame.KSCAN_APOSTROPHE: ("'", '"'),
    pygame.KSCAN_GRAVE: ("`", "~"),
    pygame.KSCAN_COMMA: (",", "<"),
    pygame.KSCAN_PERIOD: (".", ">"),
    pygame.KSCAN_SLASH: ("/", "?"),
}
"""By SDL's scancode: what a US keyboard's key types, without and with Shift."""
