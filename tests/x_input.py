"""A virtual display with a pointer and a keyboard, for tests that use the booth's real window."""

import ctypes
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Height × width × 3: R, G, B."""


KEY_GAP = 3
"""Milliseconds before each key goes down: what comes sooner SDL takes for one that is held."""


class Display:
    """One screen of Xvfb's: what is on it, and fingers and a scanner that type."""

    def __init__(self, name: str, size: tuple[int, int], framebuffer: Path) -> None:
        """`framebuffer` is the file in which Xvfb keeps the screen, as xwd does."""
        self.name, self._size, self._framebuffer = name, size, framebuffer
        self._x11 = ctypes.CDLL("libX11.so.6")
        self._xtst = ctypes.CDLL("libXtst.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XStringToKeysym.restype = ctypes.c_ulong
        opened = self._x11.XOpenDisplay(name.encode())
        assert opened, f"no display {name}"
        self._display = ctypes.c_void_p(opened)

    def close(self) -> None:
        """Hang up."""
        self._x11.XCloseDisplay(self._display)

    def pixels(self) -> Pixels:
        """What is on the screen now."""
        width, height = self._size
        raw = np.fromfile(self._framebuffer, np.uint8)
        header = int.from_bytes(raw[:4].tobytes(), "big")
        colours = int.from_bytes(raw[76:80].tobytes(), "big")
        start = header + 12 * colours
        blue_first = raw[start : start + 4 * width * height].reshape(height, width, 4)
        return np.ascontiguousarray(blue_first[..., 2::-1])

    def tap(self, place: tuple[int, int]) -> None:
        """Move the pointer there and click."""
        self.press(place)
        self.release()

    def press(self, place: tuple[int, int]) -> None:
        """Move the pointer there and hold its button down."""
        self._xtst.XTestFakeMotionEvent(self._display, -1, *place, 0)
        self._xtst.XTestFakeButtonEvent(self._display, 1, 1, 0)
        self._x11.XSync(self._display, 0)

    def release(self) -> None:
        """Let the pointer's button go."""
        self._xtst.XTestFakeButtonEvent(self._display, 1, 0, 0)
        self._x11.XSync(self._display, 0)

    def type(self, text: str) -> None:
        """Type as a scanner does that poses as a keyboard; "\\r" is Enter."""
        shift = self._key("Shift_L")
        for char in text:
            name = {"\r": "Return", "-": "minus"}.get(char, char.lower())
            if char.isupper():
                self._press(shift, down=True)
            for down in (True, False):
                self._press(self._key(name), down=down)
            if char.isupper():
                self._press(shift, down=False)
        self._x11.XSync(self._display, 0)

    def _key(self, name: str) -> int:
        keysym = self._x11.XStringToKeysym(name.encode())
        return int(self._x11.XKeysymToKeycode(self._display, ctypes.c_ulong(keysym)))

    def _press(self, key: int, *, down: bool) -> None:
        delay = KEY_GAP if down else 0
        self._xtst.XTestFakeKeyEvent(self._display, key, int(down), ctypes.c_ulong(delay))


@contextmanager
def virtual_display(size: tuple[int, int], *options: str) -> Iterator[Display]:
    """Start Xvfb with one screen, and with further options; it ends with the block."""
    with tempfile.TemporaryDirectory(prefix="kiosk-") as folder:
        read, write = os.pipe()
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size[0]}x{size[1]}x24",
             "-fbdir", folder, "-nolisten", "tcp", *options],
            pass_fds=[write], stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        try:
            with os.fdopen(read) as line:
                name = f":{line.readline().strip()}"
            display = Display(name, size, Path(folder) / "Xvfb_screen0")
            yield display
            display.close()
        finally:
            server.terminate()
            server.wait()
