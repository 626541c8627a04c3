"""The keyboard: a scanner's keys come as what they say on a US keyboard, or as nothing."""

import logging
from collections.abc import Iterator

import pygame
import pytest

from kiosk.display.keyboard import ELSEWHERE, NOTHING, REPEAT_DELAY, Keyboard
from kiosk.display.window import Typed, Window
from kiosk.reader.reader import BROKEN_SCAN, Heard
from kiosk.reader.wedge import WedgeReader

CODE = "Ab3d5f7hJk9mNp2q"

ENTER = pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RETURN, mod=0, unicode="\r", scancode=40)


def text(typed: str) -> pygame.Event:
    return pygame.event.Event(pygame.TEXTINPUT, text=typed)


def key(char: str, mods: int = 0) -> pygame.Event:
    """The key on which a US keyboard has a letter or digit."""
    scancode = getattr(pygame, f"KSCAN_{char.upper()}")
    shift = pygame.KMOD_LSHIFT if char.isupper() else 0
    return pygame.event.Event(
        pygame.KEYDOWN, key=ord(char.lower()), mod=mods | shift, scancode=scancode, unicode=char
    )


def keypad(digit: str) -> pygame.Event:
    return pygame.event.Event(pygame.KEYDOWN, key=getattr(pygame, f"K_KP_{digit}"), mod=0)


def pressed(char: str, typed: str | None = None, mods: int = 0) -> list[pygame.Event]:
    """A key that goes down, and what the system makes of it."""
    return [key(char, mods), text(char if typed is None else typed)]


def hear(events: list[pygame.Event], gap: float = 0.005) -> str:
    keyboard = Keyboard()
    heard = "".join(keyboard.take(event, n * gap) for n, event in enumerate(events))
    return heard + keyboard.settle()


def scanned(events: list[pygame.Event]) -> str | None:
    """What the booth's reader makes of a scan's events, through its window."""
    window = Window((540, 960), fullscreen=False, title="booth", clock=lambda: 0.0)
    pygame.event.clear()
    try:
        for event in [*events, ENTER]:
            pygame.event.post(event)
        keys = tuple((e.char, e.at) for e in window.events() if isinstance(e, Typed))
    finally:
        window.close()
    reader = WedgeReader()
    assert reader.listen(Heard(keys, None, 0.0)) is None
    return reader.listen(Heard((), None, 1.0))


@pytest.fixture(autouse=True)
def _keyboard() -> Iterator[None]:
    """SDL's own, whose locks are off before and after."""
    pygame.display.init()
    pygame.key.set_mods(0)
    yield
    pygame.display.init()
    pygame.key.set_mods(0)


@pytest.fixture
def caps_lock() -> None:
    pygame.key.set_mods(pygame.KMOD_CAPS)


def test_what_a_scanner_types_is_its_code() -> None:
    assert scanned([event for char in CODE for event in pressed(char)]) == CODE


def test_text_without_keys_is_taken_where_keys_never_tell() -> None:
    assert scanned([text(char) for char in CODE]) == CODE


@pytest.mark.parametrize("tells", [True, False])
def test_a_keypad_without_num_lock_types_its_digits(tells: bool) -> None:
    def typed(char: str) -> list[pygame.Event]:
        if char.isdigit():
            return [keypad(char)]
        return pressed(char) if tells else [text(char)]

    assert scanned([event for char in CODE for event in typed(char)]) == CODE
    assert scanned([event for char in "1357" for event in [keypad(char)]]) == "1357"


def test_a_keypad_with_num_lock_types_each_digit_once() -> None:
    assert hear([event for digit in "2024" for event in (keypad(digit), text(digit))]) == "2024"


@pytest.mark.parametrize("tells", [True, False])
def test_with_caps_lock_no_letter_is_taken(
    tells: bool, caps_lock: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "kiosk")
    swapped = [
        event
        for char in CODE
        for event in (pressed(char, char.swapcase()) if tells else [text(char.swapcase())])
    ]
    assert scanned(swapped) == BROKEN_SCAN
    assert len(caplog.records) == 1
    assert "CapsLock" in caplog.text
    assert CODE[:3] not in caplog.text


def test_with_caps_lock_a_code_of_digits_is_taken(caps_lock: None) -> None:
    assert scanned([text(char) for char in "20240815"]) == "20240815"


@pytest.mark.parametrize(
    ("meant", "typed"),
    [("1", "&"), ("2", "é"), ("a", "q"), ("M", "?"), ("y", "z"), ("3", "Ａ"), ("a", "你好")],
)
def test_another_layout_or_an_input_method_spoils_the_scan(meant: str, typed: str) -> None:
    events = [event for char in "B4C5" for event in pressed(char)] + pressed(meant, typed)
    assert scanned(events) == BROKEN_SCAN


def test_what_an_input_method_composes_spoils_the_scan() -> None:
    composing = pygame.event.Event(pygame.TEXTEDITING, text="ni", start=0, length=2)
    assert scanned([*(text(char) for char in "B4C5"), composing, text("你")]) == BROKEN_SCAN


@pytest.mark.parametrize(
    "stray",
    [pygame.K_PAGEDOWN, pygame.K_F5, pygame.K_LEFT, pygame.K_HOME, pygame.K_UNKNOWN, pygame.K_TAB,
     pygame.K_BACKSPACE, pygame.K_DELETE, pygame.K_AC_BACK, pygame.K_KP_ENTER],
)  # fmt: skip
def test_a_stray_key_in_the_midst_spoils_the_scan(stray: int) -> None:
    for index in range(len(CODE)):
        events = [pressed(char) for char in CODE]
        events.insert(index, [pygame.event.Event(pygame.KEYDOWN, key=stray, mod=0, unicode="")])
        keys = hear([event for char in events for event in char])
        wedge = WedgeReader()
        wedge.listen(Heard((*((char, 0.0) for char in keys), ("\r", 0.0)), None, 0.0))
        assert wedge.listen(Heard((), None, 1.0)) == BROKEN_SCAN


def test_a_key_whose_text_never_comes_types_nothing() -> None:
    assert hear([*pressed("A"), key("b"), *pressed("c")]) == f"A{NOTHING}c"
    assert hear([*pressed("A"), key("b")]) == f"A{NOTHING}"


@pytest.mark.parametrize("mods", [pygame.KMOD_LCTRL, pygame.KMOD_RALT, pygame.KMOD_LMETA])
def test_a_command_types_nothing(mods: int) -> None:
    assert hear([key("c", mods), keypad("1")]) == f"{NOTHING}1"


def test_shift_and_locks_are_silent() -> None:
    silent = (pygame.K_LSHIFT, pygame.K_RSHIFT, pygame.K_CAPSLOCK, pygame.K_NUMLOCK, pygame.K_LALT)
    assert hear([pygame.event.Event(pygame.KEYDOWN, key=key, mod=0) for key in silent]) == ""


def test_a_key_that_is_held_types_nothing_more() -> None:
    held = [*pressed("a"), text("a"), text("a")]
    assert hear(held, gap=REPEAT_DELAY) == f"a{NOTHING}{NOTHING}"


def test_a_character_typed_twice_within_two_milliseconds_is_not_held() -> None:
    assert hear([*pressed("a"), text("a"), text("A"), *pressed("3"), text("3")], 0.001) == "aaA33"


def test_a_window_that_comes_to_the_fore_says_so() -> None:
    window = Window((540, 960), fullscreen=False, title="booth", clock=lambda: 0.0)
    pygame.event.clear()
    pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSGAINED))
    assert window.events() == [Typed(ELSEWHERE, 0.0)]
    window.close()


def test_escape_in_the_midst_of_a_booths_scan_spoils_it() -> None:
    escape = pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, mod=0, unicode="\x1b")
    assert hear([*pressed("A"), escape]) == "A\x1b"


def test_after_enter_nothing_of_what_was_typed_is_kept() -> None:
    keyboard = Keyboard()
    for event in (*pressed("A"), ENTER):
        keyboard.take(event, 0.0)
    assert (keyboard._pressed, keyboard._last) == (None, None)
