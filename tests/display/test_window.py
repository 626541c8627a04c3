"""The window: taps find their buttons, keys are heard, and pictures of it are whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pygame
import pytest
from PIL import Image

from kiosk.display import theme
from kiosk.display.canvas import Target
from kiosk.display.gallery import screen_states
from kiosk.display.screens import draw_screen
from kiosk.display.state import ScreenState
from kiosk.display.window import DEBOUNCE, REACTION_TIME, Closed, Typed, Window, WindowError
from kiosk.errors import UsageError
from kiosk.visit import Tapped

STATES = dict(screen_states(np.full((640, 480, 3), 90, np.uint8)))
CONFIRM, CONSENT, IDLE = STATES["confirm"], STATES["consent"], STATES["idle"]


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def window(clock: Clock) -> Iterator[Window]:
    opened = Window((720, 1280), fullscreen=False, title="booth", clock=clock)
    pygame.event.clear()
    yield opened
    opened.close()


def shown(window: Window, clock: Clock, state: ScreenState = CONFIRM) -> list[Target]:
    """Show a state for long enough that its buttons are seen."""
    window.show(state)
    clock.now += REACTION_TIME + DEBOUNCE
    return draw_screen(pygame.Surface(window.size), state)


def click(target: Target, *, touch: bool = False) -> None:
    where = {"pos": target.rect.center, "button": 1, "touch": touch}
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, where))


def touch(target: Target, size: tuple[int, int]) -> None:
    x, y = target.rect.centerx / size[0], target.rect.centery / size[1]
    finger = {"x": x, "y": y, "finger_id": 0, "touch_id": 0}
    pygame.event.post(pygame.event.Event(pygame.FINGERDOWN, finger))


@pytest.mark.parametrize("size", [(1080, 1920), (720, 1280), (480, 800), (1280, 800)])
def test_taps_find_their_buttons_at_every_size(size: tuple[int, int], clock: Clock) -> None:
    window = Window(size, fullscreen=False, title="booth", clock=clock)
    pygame.event.clear()
    try:
        for state in STATES.values():
            for target in shown(window, clock, state):
                click(target)
                assert window.events() == [Tapped(target.button)]
                clock.now += DEBOUNCE
                touch(target, size)
                assert window.events() == [Tapped(target.button)]
                clock.now += DEBOUNCE
    finally:
        window.close()


def test_a_touch_that_sdl_sends_as_a_click_too_counts_once(window: Window, clock: Clock) -> None:
    yes = next(t for t in shown(window, clock) if t.button == "yes")
    touch(yes, window.size)
    heard = window.events()
    clock.now += 10 * DEBOUNCE
    click(yes, touch=True)
    assert heard + window.events() == [Tapped("yes")]


def test_a_finger_that_bounces_taps_once(window: Window, clock: Clock) -> None:
    yes = next(t for t in shown(window, clock) if t.button == "yes")
    click(yes)
    heard = window.events()
    clock.now += DEBOUNCE / 2
    click(yes)
    assert heard + window.events() == [Tapped("yes")]


def test_a_tap_does_not_answer_a_question_not_yet_seen(window: Window, clock: Clock) -> None:
    shown(window, clock, CONFIRM)
    window.show(CONSENT)
    agree = next(
        t for t in draw_screen(pygame.Surface(window.size), CONSENT) if t.button == "agree"
    )
    clock.now += REACTION_TIME / 2
    click(agree)
    assert window.events() == []
    clock.now += REACTION_TIME
    click(agree)
    assert window.events() == [Tapped("agree")]


def test_a_tap_beside_the_buttons_is_nothing(window: Window, clock: Clock) -> None:
    shown(window, clock)
    where = {"pos": (360, 500), "button": 1, "touch": False}
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, where))
    assert window.events() == []


def test_what_a_scanner_types_comes_in_order_with_its_enter(window: Window, clock: Clock) -> None:
    for char in "A7-":
        pygame.event.post(pygame.event.Event(pygame.TEXTINPUT, text=char))
    key = {"key": pygame.K_RETURN, "mod": 0, "unicode": "\r"}
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key))
    assert window.events() == [Typed(char, clock.now) for char in "A7-\r"]


def test_escape_closes_a_window_but_not_a_booth(window: Window, clock: Clock) -> None:
    key = {"key": pygame.K_ESCAPE, "mod": 0, "unicode": "\x1b"}
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key))
    assert window.events() == [Closed()]
    window.close()
    booth = Window((720, 1280), fullscreen=True, title="booth", clock=clock)
    pygame.event.clear()
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key))
    assert booth.events() == [Typed("\x1b", clock.now)]
    booth.show(IDLE)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert booth.events() == [Closed()]
    booth.close()
    booth.close()


def test_what_is_saved_is_what_is_shown(window: Window, tmp_path: Path) -> None:
    window.show(IDLE)
    window.save(tmp_path / "idle.png")
    surface = pygame.Surface(window.size)
    draw_screen(surface, IDLE)
    with Image.open(tmp_path / "idle.png") as saved:
        assert saved.tobytes() == pygame.image.tobytes(surface, "RGB")
    assert [path.name for path in tmp_path.iterdir()] == ["idle.png"]


def test_a_picture_that_cannot_be_saved_names_its_path(window: Window, tmp_path: Path) -> None:
    window.show(IDLE)
    with pytest.raises(UsageError, match="nowhere"):
        window.save(tmp_path / "nowhere" / "idle.png")


def test_what_is_forgotten_is_wiped_with_its_buttons(window: Window, clock: Clock) -> None:
    yes = next(t for t in shown(window, clock, CONFIRM) if t.button == "yes")
    window.forget()
    surface = pygame.display.get_surface()
    assert surface is not None
    assert (pygame.surfarray.array3d(surface) == theme.PAPER).all()
    click(yes)
    assert window.events() == []
    window.close()
    window.forget()


def test_without_a_screen_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "none_such")
    with pytest.raises(WindowError, match="graphical session"):
        Window((720, 1280), fullscreen=False, title="booth")


def test_a_window_that_nobody_can_see_is_opened_only_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pygame.display.quit()
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(WindowError, match="graphical session"):
        Window((720, 1280), fullscreen=False, title="booth")
