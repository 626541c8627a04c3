"""A whole code or none: sessions of scans, stroke by stroke, through each reader that has a wire.

Each session has a roster and a scanner of its own. What is handed on is what a booth would ask
about: what the reader found, and what looks like a code of the roster.
"""

import fcntl
import sys
import termios
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random
from typing import Protocol

import pygame
import pytest

from kiosk.display.keyboard import _US, ELSEWHERE, Keyboard
from kiosk.reader import CaptureCodeError, Heard, parse_capture_code
from kiosk.reader.evdev import DOWN, EV_KEY, EV_SYN, RETRY, SYN_DROPPED, UP, EvdevReader
from kiosk.reader.reader import BROKEN_SCAN, Framing
from kiosk.reader.serial import SerialReader
from kiosk.reader.wedge import WedgeReader
from tests.reader import test_serial
from tests.reader.scans import DAMAGES, Act, Damage, Roster, Stroke, draw_act, draw_roster
from tests.reader.test_evdev import CAPS, PLACES, SHIFT, CountingPump, Scanner

ACTS = 20
"""In a session."""

SILENCE = 3.0
"""Seconds after each act; a code that is read again within 2 s is the same scan."""

FAST = 300
MANY = 10_000


class Wire(Protocol):
    """A scanner on its wire, and the reader at the other end."""

    damages: dict[str, Damage]

    def play(self, act: Act, rng: Random) -> list[str]:
        """All that the reader hands on, up to the silence after the act."""
        ...


# ---- the wires ----


class WedgeWire:
    """Keys as SDL tells them to a window, whose loop is busy for a moment now and then."""

    def __init__(self, framing: Framing) -> None:
        self._keyboard, self._reader = Keyboard(), WedgeReader(framing)
        self._now = 0.0
        self.damages = {
            **DAMAGES,
            "CapsLock": _same,
            "German layout": _same,
            "French layout": _same,
            "input method": _same,
            "window lost": _same,
            "Ctrl held": _same,
        }

    def play(self, act: Act, rng: Random) -> list[str]:
        due, at = [], self._now
        spoilt_at = rng.randrange(len(act.strokes))
        for number, stroke in enumerate(act.strokes):
            at += stroke.gap
            due += [
                (at, event) for event in _sdl_events(stroke.char, act.what, number == spoilt_at)
            ]
        end, heard = at + SILENCE, []
        while self._now < end:
            self._now += 1 / 30 if rng.random() < 0.98 else rng.uniform(0.03, 0.2)
            keys = ""
            elsewhere: list[tuple[str, float]] = []
            while due and due[0][0] <= self._now:
                event = due.pop(0)[1]
                if event is None:
                    elsewhere.append((ELSEWHERE, self._now))
                else:
                    keys += self._keyboard.take(event, self._now)
            keys += self._keyboard.settle()
            typed = (*elsewhere, *((char, self._now) for char in keys))
            heard.append(self._reader.listen(Heard(typed, None, self._now)))
        return [text for text in heard if text is not None]


GERMAN = dict(zip("yzYZ-/+=&?:_\\]}", "zyZY'-`´/_Ö?#+*", strict=True))
FRENCH = dict(zip("aqwzAQWZm,;.-1234567890", "qazwQAZW,;m:)&é\"'(-è_çà", strict=True))


def _sdl_events(char: str, what: str, spoilt: bool) -> Iterator[pygame.Event | None]:
    """What SDL tells of one stroke on a system that may be set up otherwise; None: it is lost."""
    if spoilt and what == "window lost":
        yield None
        return
    if spoilt and what == "input method":
        yield pygame.event.Event(pygame.TEXTEDITING, text="ni", start=0, length=2)
        return
    if char in "\r\t":
        key = pygame.K_RETURN if char == "\r" else pygame.K_TAB
        yield pygame.event.Event(pygame.KEYDOWN, key=key, mod=0, unicode=char, scancode=0)
        return
    scancode, plain, shifted = _KEYS[char]
    mods = pygame.KMOD_LSHIFT * shifted
    typed = char
    if what == "CapsLock":
        mods |= pygame.KMOD_CAPS
        typed = char.swapcase()
    elif what == "German layout":
        typed = GERMAN.get(char, char)
    elif what == "French layout":
        typed = FRENCH.get(char, char)
    elif spoilt and what == "Ctrl held":
        mods |= pygame.KMOD_LCTRL
    yield pygame.event.Event(
        pygame.KEYDOWN, key=ord(plain), mod=mods, unicode=typed, scancode=scancode
    )
    if not mods & pygame.KMOD_CTRL:
        yield pygame.event.Event(pygame.TEXTINPUT, text=typed)


_KEYS = {
    char: (scancode, both[0], shifted)
    for scancode, both in _US.items()
    for shifted, char in enumerate(both)
}


class EvdevWire:
    """The events of an input device, as the kernel writes them."""

    def __init__(self, scanner: Scanner, reader: EvdevReader) -> None:
        self._scanner, self._reader = scanner, reader
        self.damages = {
            **DAMAGES,
            "event lost": _same,
            "kernel's buffer ran over": _same,
            "CapsLock": _same,
            "a key sticks": _same,
            "pulled out": _same,
        }

    def play(self, act: Act, rng: Random) -> list[str]:
        scanner, heard = self._scanner, []
        events = list(self._events(act.strokes))
        at = rng.randrange(len(events))
        match act.what:
            case "event lost":
                del events[at]
            case "kernel's buffer ran over":
                lost = events[at : at + rng.randint(1, 40)]
                events[at : at + len(lost)] = [(lost[0][0], (EV_SYN, SYN_DROPPED, 0))]
            case "CapsLock":
                events[at:at] = [(events[at][0], (EV_KEY, CAPS, DOWN))]
            case "a key sticks":
                events[at:at] = [(events[at][0], (EV_KEY, 30, 2))]
            case "pulled out":
                heard += self._write(events[:at])
                scanner.unplug()
                while self._reader.available:
                    heard.append(self._reader.listen(Heard((), None, scanner.now)))
                scanner.plug_in()
                scanner.now += 2 * RETRY
                heard.append(self._reader.listen(Heard((), None, scanner.now)))
                wait = scanner.now - events[at][0] + rng.choice([0.0, 0.5])
                events = [(after + wait, event) for after, event in events[at:]]
        heard += self._write(events)
        scanner.now += SILENCE
        heard.append(self._reader.listen(Heard((), None, scanner.now)))
        return [text for text in heard if text is not None]

    def _events(self, strokes: tuple[Stroke, ...]) -> Iterator[tuple[float, tuple[int, int, int]]]:
        at = self._scanner.now
        for stroke in strokes:
            at += stroke.gap
            code, shifted = PLACES[stroke.char]
            keys = [SHIFT] * shifted + [code]
            for value, order in ((DOWN, keys), (UP, keys[::-1])):
                for key in order:
                    yield at, (EV_KEY, key, value)
                    yield at, (EV_SYN, 0, 0)

    def _write(self, events: list[tuple[float, tuple[int, int, int]]]) -> list[str | None]:
        """Write events, and listen until they have come, in rounds of any length."""
        if not events:
            return []
        before = CountingPump.taken
        self._scanner._write(events)
        heard = []
        while CountingPump.taken < before + len(events):
            heard.append(self._reader.listen(Heard((), None, self._scanner.now)))
        self._scanner.now = events[-1][0]
        return heard


class SerialWire:
    """The bytes of a serial line, in as many pieces as may be."""

    def __init__(self, scanner: test_serial.Scanner, reader: SerialReader) -> None:
        self._scanner, self._reader = scanner, reader
        self.damages = {**DAMAGES, "bytes of noise": _same, "pulled out": _same}

    def play(self, act: Act, rng: Random) -> list[str]:
        scanner, heard, data = self._scanner, [], b""
        pulled = rng.randrange(len(act.strokes)) if act.what == "pulled out" else -1
        noisy = rng.randrange(len(act.strokes)) if act.what == "bytes of noise" else -1
        listened = scanner.now
        for number, stroke in enumerate(act.strokes):
            if scanner.now + stroke.gap - listened > 1 / 30 or rng.random() < 0.03:
                heard += self._send(data)
                data, listened = b"", scanner.now
            scanner.now += stroke.gap
            if number == pulled:
                heard += self._send(data)
                data = b""
                self._pull_out_and_in()
            data += bytes([rng.choice([0, 0x1B, 0x80, 0xFF])]) * (number == noisy)
            data += stroke.char.encode()
        heard += self._send(data)
        for _ in range(8):
            scanner.now += SILENCE / 8
            heard.append(scanner.read(self._reader))
        return [text for text in heard if text is not None]

    def _send(self, data: bytes) -> list[str | None]:
        if not data:
            return []
        self._scanner.send(data)
        assert self._reader._tty is not None
        there = b""
        while len(data) > int.from_bytes(there, sys.byteorder):  # the kernel takes its time
            there = fcntl.ioctl(self._reader._tty, termios.FIONREAD, bytes(4))
        return [self._reader.listen(Heard((), None, self._scanner.now))]

    def _pull_out_and_in(self) -> None:
        scanner = self._scanner
        scanner.unplug()
        while self._reader.available:
            scanner.read(self._reader)
        scanner.plug_in()
        scanner.now += 2 * RETRY
        scanner.read(self._reader)


def _same(strokes: list[Stroke], _: Roster, __: Random) -> tuple[list[Stroke], bool]:
    """What happens is the wire's; should the code come whole all the same, it is the code."""
    return strokes, True


@contextmanager
def wedge_wire(_: Path, framing: Framing) -> Iterator[Wire]:
    """A scanner that types into the booth's window."""
    pygame.display.init()
    pygame.display.set_mode((8, 8))
    yield WedgeWire(framing)
    pygame.display.quit()


@contextmanager
def evdev_wire(folder: Path, framing: Framing) -> Iterator[Wire]:
    """A scanner that types, and whose device the booth has to itself."""
    scanner = Scanner(folder / "event7")
    scanner.plug_in()
    reader = EvdevReader(lambda: scanner.device, framing, ioctl=scanner.ioctl)
    reader.listen(Heard((), None, scanner.now))
    scanner.now += SILENCE
    yield EvdevWire(scanner, reader)
    reader.close()
    scanner.unplug()
    scanner.device.unlink()


@contextmanager
def serial_wire(folder: Path, framing: Framing) -> Iterator[Wire]:
    """A scanner on a serial line."""
    scanner = test_serial.Scanner(folder / "scanner")
    reader = SerialReader(scanner.device, framing)
    scanner.read(reader)
    yield SerialWire(scanner, reader)
    reader.close()
    scanner.unplug()


WIRES: dict[str, Callable[[Path, Framing], AbstractContextManager[Wire]]] = {
    "wedge": wedge_wire,
    "evdev": evdev_wire,
    "serial": serial_wire,
}


# ---- what must hold ----


def play_scans(kind: str, folder: Path, number: int) -> Counter[str]:
    """Play so many acts on a wire; how many of which there were, and what came of them."""
    counts: Counter[str] = Counter()
    for session in range(number // ACTS):
        rng = Random(f"{kind} {session}")
        roster = draw_roster(rng)
        with WIRES[kind](folder, roster.framing) as wire:
            follows_half = False
            for _ in range(ACTS):
                act = draw_act(roster, rng, wire.damages)
                handed_on = [
                    text
                    for text in wire.play(act, rng)
                    if text != BROKEN_SCAN and _is_asked_about(text, roster)
                ]
                wrong = [text for text in handed_on if text != act.code]
                counts["wrong"] += len(wrong)
                if wrong:
                    print(f"{kind}, session {session}: {act.what}: {wrong}, not {act.code}")
                # What has no end may go on with the next scan, which is told as broken.
                whole = act.whole and not follows_half
                counts["whole"] += whole
                counts["whole and read"] += whole and handed_on == [act.code]
                counts["damaged"] += not whole
                counts["damaged and read all the same"] += not whole and bool(handed_on)
                if whole and handed_on != [act.code]:
                    print(f"{kind}, session {session}: not read: {act.code}, {roster.framing}")
                follows_half = act.strokes[-1].char != "\r" or act.what not in {"whole", *DAMAGES}
    return counts


def _is_asked_about(text: str, roster: Roster) -> bool:
    try:
        return roster.looks.fits(parse_capture_code(text).text)
    except CaptureCodeError:
        return False


@pytest.mark.parametrize("kind", WIRES)
@pytest.mark.parametrize("number", [FAST // 3, pytest.param(MANY, marks=pytest.mark.soak)])
def test_no_wrong_code_is_handed_on_and_whole_ones_are_read(
    kind: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.reader.evdev.Pump", CountingPump)
    counts = play_scans(kind, tmp_path, number)
    print(f"{kind}: {dict(counts)}")
    assert counts["wrong"] == 0
    assert counts["whole and read"] >= 0.999 * counts["whole"]
    assert counts["whole"] > number / 5
