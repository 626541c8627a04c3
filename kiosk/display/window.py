"""The window: shows the screen's state, and hears taps and typed characters."""

import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pygame
from PIL import Image

from kiosk.display import theme
from kiosk.display.canvas import Target
from kiosk.display.keyboard import ELSEWHERE, Keyboard
from kiosk.display.screens import draw_screen
from kiosk.display.state import ScreenState
from kiosk.display.strip import STRIP_WIDTH, Strip
from kiosk.errors import KioskError
from kiosk.files import write_whole
from kiosk.visit import Button, Tapped

FRAME_RATE = 30
"""Pictures a second."""

DEBOUNCE = 0.4
"""Seconds in which a second tap is the same finger's: it must not answer the next screen."""

REACTION_TIME = 0.25
"""Seconds for which new buttons do nothing: a tap so soon was meant for what stood there before."""


class WindowError(KioskError, OSError):
    """No window can be opened."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One character was typed, at monotonic seconds; Enter gives "\\r".

    A key that typed nothing, or not what it says, gives `keyboard.NOTHING`, and the window's
    coming to the fore `keyboard.ELSEWHERE`: what a scanner sent meanwhile was not all heard.
    """

    char: str
    at: float


@dataclass(frozen=True, slots=True)
class Closed:
    """Somebody asked to close the window."""


class Window:
    """The booth's only window. For one thread."""

    def __init__(
        self,
        size: tuple[int, int],
        *,
        fullscreen: bool,
        title: str,
        strip: Strip | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open it, at `size` or over the whole screen; raises WindowError.

        A strip stands to the right of the booth's screen; the window is wider by it.
        """
        self._fullscreen = fullscreen
        self._strip = strip
        self._clock = clock
        try:
            pygame.display.init()
            if fullscreen:
                self._surface = pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
            else:
                wide = size[0] + (STRIP_WIDTH if strip else 0)
                self._surface = pygame.display.set_mode((wide, size[1]), pygame.RESIZABLE)
        except pygame.error as error:
            raise _no_window(str(error)) from error
        # Where SDL finds no screen it draws for nobody; that has to be asked for.
        if pygame.display.get_driver() in _HEADLESS_DRIVERS and "SDL_VIDEODRIVER" not in os.environ:
            pygame.display.quit()
            raise _no_window("there is no screen")
        pygame.display.set_caption(title)
        pygame.mouse.set_visible(not fullscreen)
        pygame.key.start_text_input()
        self._keyboard = Keyboard()
        self._pace = pygame.time.Clock()
        self._targets: list[Target] = []
        self._changed_at = self._tapped_at = float("-inf")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the booth's screen in pixels, as they are now."""
        width, height = self._surface.get_size()
        return width - (STRIP_WIDTH if self._strip else 0), height

    def show(self, state: ScreenState) -> None:
        """Draw a state and show it, no sooner than the next picture is due."""
        self._surface = pygame.display.get_surface() or self._surface
        width, height = self.size
        targets = draw_screen(self._surface.subsurface((0, 0, width, height)), state)
        if self._strip is not None:
            area = pygame.Rect(width, 0, STRIP_WIDTH, height)
            self._strip.draw(self._surface, area, state.booth.languages)
        if [t.button for t in targets] != [t.button for t in self._targets]:
            self._changed_at = self._clock()
        self._targets = targets
        pygame.display.flip()
        self._pace.tick(FRAME_RATE)

    def events(self) -> list[Tapped | Typed | Closed]:
        """What was tapped and typed since the last call, in order."""
        heard: list[Tapped | Typed | Closed] = []
        for event in pygame.event.get():
            heard += self._read(event, self._clock())
        heard += [Typed(char, self._clock()) for char in self._keyboard.settle()]
        return heard

    def save(self, path: Path) -> None:
        """Write what is shown as a PNG, whole or not at all; raises UsageError."""
        pixels = pygame.image.tobytes(self._surface, "RGB")
        png = io.BytesIO()
        Image.frombytes("RGB", self._surface.get_size(), pixels).save(png, "PNG", compress_level=1)
        write_whole(path, png.getvalue())

    def forget(self) -> None:
        """Wipe the picture of the last state, and its buttons; the next state is drawn anew."""
        self._targets = []
        if (surface := pygame.display.get_surface()) is not None:
            surface.fill(theme.PAPER)

    def close(self) -> None:
        """Close the window; may be called twice."""
        pygame.display.quit()

    def _read(self, event: pygame.Event, at: float) -> list[Tapped | Typed | Closed]:
        match event.type:
            case pygame.QUIT:
                return [Closed()]
            case pygame.KEYDOWN if event.key == pygame.K_ESCAPE and not self._fullscreen:
                return [Closed()]
            case pygame.WINDOWFOCUSGAINED:
                return [Typed(ELSEWHERE, at)]
            case pygame.KEYDOWN | pygame.TEXTINPUT | pygame.TEXTEDITING:
                return [Typed(char, at) for char in self._keyboard.take(event, at)]
            case pygame.FINGERDOWN:
                width, height = self._surface.get_size()
                return self._tap((event.x * width, event.y * height), at)
            # SDL sends a touch as a mouse's click too.
            case pygame.MOUSEBUTTONDOWN if event.button == pygame.BUTTON_LEFT and not event.touch:
                return self._tap(event.pos, at)
            case _:
                return []

    def _tap(self, where: tuple[float, float], at: float) -> list[Tapped | Typed | Closed]:
        if self._strip is not None and self._strip.press(where):
            return []
        button = self._hit(where)
        if (
            button is None
            or at - self._tapped_at < DEBOUNCE
            or at - self._changed_at < REACTION_TIME
        ):
            return []
        self._tapped_at = at
        return [Tapped(button)]

    def _hit(self, where: tuple[float, float]) -> Button | None:
        return next((t.button for t in self._targets if t.rect.collidepoint(where)), None)


def _no_window(why: str) -> WindowError:
    return WindowError(
        f"screen: no window can be opened ({why}); start the booth in a graphical session, "
        "or with SDL_VIDEODRIVER=dummy to show nothing"
    )


_HEADLESS_DRIVERS = ("offscreen", "dummy")
"""SDL's drivers that show nothing."""
