"""The window: shows the screen's state, and hears taps, held fingers and keys."""

import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pygame
from PIL import Image

from kiosk.display import theme
from kiosk.display.focus import Focus
from kiosk.display.keyboard import ELSEWHERE, FourKeys, Keyboard, find_arrow
from kiosk.display.rotation import Rotation, turn_back, turn_picture, turn_size
from kiosk.display.screens import draw_screen, still_look
from kiosk.display.shown import Shown, StaffKey, Target
from kiosk.display.state import ScreenState
from kiosk.display.strip import STRIP_WIDTH, Strip
from kiosk.display.touch import STRAY_MM, Press, Taps
from kiosk.errors import KioskError
from kiosk.files import write_whole
from kiosk.staff import LongPressed, StaffTapped
from kiosk.visit import Button, Tapped, Touched

FRAME_RATE, SLOW_RATE = 30, 10
"""Pictures a second; and while the booth sleeps."""

MOUSE = "mouse"
"""The finger that the mouse is."""


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


Input = Tapped | Touched | Typed | LongPressed | StaffTapped | Closed
"""What somebody did at the window."""


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
        frame_rate: int = FRAME_RATE,
        rotation: Rotation = 0,
        in_reach: bool = True,
    ) -> None:
        """Open it, at `size` or over the whole screen; raises WindowError.

        A strip stands to the right of the booth's screen; the window is wider by it. `frame_rate`
        is how many pictures a second are shown at most; 0: as many as can be drawn. `size` is
        upright, before the `rotation`. `in_reach`: whether students can touch it.
        """
        self._rotation: Rotation = rotation
        self._frame_rate = frame_rate
        self._fullscreen = fullscreen
        self._strip = strip
        self._clock = clock
        try:
            pygame.display.init()
            if fullscreen:
                self._panel = pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
            else:
                wide = size[0] + (STRIP_WIDTH if strip else 0)
                outer = turn_size((wide, size[1]), rotation)
                self._panel = pygame.display.set_mode(outer, pygame.RESIZABLE)
        except pygame.error as error:
            raise _no_window(str(error)) from error
        # Where SDL finds no screen it draws for nobody; that has to be asked for.
        if pygame.display.get_driver() in _HEADLESS_DRIVERS and "SDL_VIDEODRIVER" not in os.environ:
            pygame.display.quit()
            raise _no_window("there is no screen")
        pygame.display.set_caption(title)
        pygame.mouse.set_visible(not fullscreen)
        pygame.key.start_text_input()
        self._surface = self._upright(None)
        """What is drawn on: the panel itself, unless it hangs turned."""
        self._keyboard = Keyboard()
        self._pace = pygame.time.Clock()
        self._taps, self._press, self._focus = Taps(), Press(), Focus(in_reach=in_reach)
        self._stray = 0.0
        """How far a held finger may move, in pixels."""
        self._drawn: object = None
        """What was drawn last, on a screen of which size, with the focus where."""
        self.shown = Shown()
        """What is shown now, as far as somebody acts on it."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the booth's screen in pixels, as they are now."""
        width, height = self._surface.get_size()
        return width - (STRIP_WIDTH if self._strip else 0), height

    @property
    def busy_ms(self) -> int:
        """Milliseconds that the last picture took since the one before, but for the waiting."""
        return self._pace.get_rawtime()

    def show(self, state: ScreenState, *, slowly: bool = False) -> None:
        """Show a state, no sooner than the next picture is due: `slowly`, at SLOW_RATE.

        What would look as before is not drawn again: most of the day nothing changes.
        """
        self._panel = pygame.display.get_surface() or self._panel
        self._surface = self._upright(self._surface)
        look = None if self._strip is not None else still_look(state)
        if look is None or self._drawn != (look, self.size, self._focused):
            self._draw(state)
            self._drawn = look, self.size, self._focused
        self._pace.tick(min(self._frame_rate, SLOW_RATE) if slowly else self._frame_rate)

    @property
    def _focused(self) -> Target | None:
        return self._focus.find(self.shown.targets)

    def _draw(self, state: ScreenState) -> None:
        width, height = self.size
        screen = self._surface.subsurface((0, 0, width, height))
        self.shown = draw_screen(screen, state)
        self._note_screen(state)
        monitor = replace(state.monitor, pixels=(width, height))
        self._stray = monitor.from_mm(STRAY_MM)
        colours = theme.HIGH_CONTRAST if state.visit.view.high_contrast else theme.USUAL
        self._focus.draw(screen, self.shown.targets, colours, monitor.pixels_per_mm)
        if self._strip is not None:
            area = pygame.Rect(width, 0, STRIP_WIDTH, height)
            self._strip.draw(self._surface, area, state.booth.languages)
        if self._rotation:
            turn_picture(self._surface, self._panel, self._rotation)
        pygame.display.flip()

    def events(self) -> list[Input]:
        """What was tapped, held and typed since the last call, in order."""
        heard: list[Input] = []
        for event in pygame.event.get():
            heard += self._read(event, self._clock())
        at = self._clock()
        heard += [Typed(char, at) for char in self._keyboard.settle()]
        held, zone = self._press.take_long(at), self.shown.press_zone
        if held is not None and zone is not None and zone.collidepoint(held):
            heard.append(LongPressed())
        return heard

    def save(self, path: Path) -> None:
        """Write what is shown as a PNG, whole or not at all; raises UsageError."""
        pixels = pygame.image.tobytes(self._surface, "RGB")
        png = io.BytesIO()
        Image.frombytes("RGB", self._surface.get_size(), pixels).save(png, "PNG", compress_level=1)
        write_whole(path, png.getvalue())

    def forget(self) -> None:
        """Wipe the picture of the last state, and its buttons; the next state is drawn anew."""
        self.shown = Shown()
        self._drawn = None
        if (panel := pygame.display.get_surface()) is not None:
            panel.fill(theme.USUAL.paper)
        if self._rotation:
            self._surface.fill(theme.USUAL.paper)

    def close(self) -> None:
        """Close the window; may be called twice."""
        pygame.display.quit()

    def _note_screen(self, state: ScreenState) -> None:
        """Have a screen that is new wait for its first tap.

        What only changes how it looks or what it says (the view, the instruction, the digits of a
        PIN) leaves it the same: its buttons are those that stood there before.
        """
        buttons = frozenset(target.button for target in self.shown.targets)
        visit, staff = state.visit, state.staff
        over = (visit.stage, visit.fault) if staff is None else staff.menu.page
        if self._taps.show((over, buttons), self._clock()):
            self._focus.reset()

    def _read(self, event: pygame.Event, at: float) -> list[Input]:
        match event.type:
            case pygame.QUIT:
                return [Closed()]
            case pygame.KEYDOWN if event.key == pygame.K_ESCAPE and not self._fullscreen:
                return [Closed()]
            case pygame.WINDOWEXPOSED | pygame.WINDOWSIZECHANGED | pygame.WINDOWRESTORED:
                self._drawn = None  # what was shown may be lost
            case pygame.WINDOWFOCUSGAINED:
                return [Typed(ELSEWHERE, at)]
            case pygame.KEYDOWN if (arrow := find_arrow(event)) is not None:
                before = [Typed(char, at) for char in self._keyboard.settle()]
                return [*before, *self._use_key(arrow, at)]
            case pygame.KEYDOWN | pygame.TEXTINPUT | pygame.TEXTEDITING:
                return [Typed(char, at) for char in self._keyboard.take(event, at)]
            case pygame.FINGERDOWN:
                return self._touch(event.finger_id, self._place(event), at)
            case pygame.FINGERMOTION:
                self._press.move(event.finger_id, self._place(event), self._stray)
            case pygame.FINGERUP:
                self._lift(event.finger_id, at)
            # SDL sends a touch as a mouse's click too.
            case pygame.MOUSEBUTTONDOWN if event.button == pygame.BUTTON_LEFT and not event.touch:
                return self._touch(MOUSE, self._turn_back(event.pos), at)
            case pygame.MOUSEMOTION if not event.touch:
                self._press.move(MOUSE, self._turn_back(event.pos), self._stray)
            case pygame.MOUSEBUTTONUP if event.button == pygame.BUTTON_LEFT and not event.touch:
                self._lift(MOUSE, at)
            case _:
                pass
        return []

    def _place(self, event: pygame.Event) -> tuple[float, float]:
        """Where a finger is, in pixels of what is drawn on."""
        width, height = self._panel.get_size()
        return self._turn_back((event.x * width, event.y * height))

    def _turn_back(self, place: tuple[float, float]) -> tuple[float, float]:
        return turn_back(place, self._panel.get_size(), self._rotation)

    def _upright(self, before: pygame.Surface | None) -> pygame.Surface:
        """What is drawn on, as it was before where its size has not changed."""
        if not self._rotation:
            return self._panel
        size = turn_size(self._panel.get_size(), self._rotation)
        if before is not None and before.get_size() == size:
            return before
        return pygame.Surface(size, 0, self._panel)

    def _touch(self, finger: int | str, where: tuple[float, float], at: float) -> list[Input]:
        if self._strip is not None and self._strip.press(where):
            return []
        self._focus.hide()
        self._press.begin(finger, where, at)
        targets = self.shown.targets
        button = next((t.button for t in targets if t.rect.collidepoint(where)), None)
        meant = self._taps.touch(button, at)
        if button is None:
            return [Touched()]
        return [_tapped(button)] if meant else []

    def _lift(self, finger: int | str, at: float) -> None:
        self._press.end(finger)
        self._taps.release(at)

    def _use_key(self, key: FourKeys, at: float) -> list[Input]:
        """One of the four keys; to move the focus is no tap, but somebody is there."""
        targets = self.shown.targets
        match key:
            case "back" | "onward":
                self._focus.move(1 if key == "onward" else -1, targets)
                return [Touched()]
            case "language":
                button: Button | StaffKey | None = (
                    "language" if self.shown.offers("language") else None
                )
            case "press":
                target = self._focus.find(targets)
                if target is None:  # nobody has seen yet what would be pressed
                    self._focus.move(0, targets)
                    return [Touched()]
                button = target.button
        meant = self._taps.touch(button, at)
        return [_tapped(button)] if button is not None and meant else []


def _tapped(button: Button | StaffKey) -> Tapped | StaffTapped:
    """The event that a button stands for."""
    if button.startswith("staff_"):
        return StaffTapped(button)
    return Tapped(cast(Button, button))


def _no_window(why: str) -> WindowError:
    return WindowError(
        f"screen: no window can be opened ({why}); start the booth in a graphical session, "
        "or with SDL_VIDEODRIVER=dummy to show nothing"
    )


_HEADLESS_DRIVERS = ("offscreen", "dummy")
"""SDL's drivers that show nothing."""
