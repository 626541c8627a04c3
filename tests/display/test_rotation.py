"""A screen that hangs turned shows the same picture, and is touched where that is seen."""

from collections.abc import Iterator

import numpy as np
import pygame
import pytest

from kiosk.display.gallery import screen_states
from kiosk.display.rotation import Rotation, turn_back, turn_size
from kiosk.display.touch import DEBOUNCE, QUIET
from kiosk.display.window import Input, Window
from kiosk.visit import Tapped, Touched
from tests.standing_clock import Clock

SIZE = (480, 800)
REVIEW = dict(screen_states(np.full((640, 480, 3), 90, np.uint8)))["review-three"]


@pytest.fixture(params=(0, 90, 180, 270))
def rotation(request: pytest.FixtureRequest) -> Rotation:
    turned: Rotation = request.param
    return turned


@pytest.fixture
def window(clock: Clock, rotation: Rotation) -> Iterator[Window]:
    opened = Window(
        SIZE, fullscreen=False, title="booth", clock=clock, frame_rate=0, rotation=rotation
    )
    pygame.event.clear()
    yield opened
    opened.close()


def panel() -> pygame.Surface:
    surface = pygame.display.get_surface()
    assert surface is not None
    return surface


def on_panel(place: tuple[int, int], rotation: Rotation) -> tuple[int, int]:
    """Where a place of the upright picture is seen."""
    (x, y), (width, height) = place, SIZE
    return {
        0: (x, y),
        90: (height - 1 - y, x),
        180: (width - 1 - x, height - 1 - y),
        270: (y, width - 1 - x),
    }[rotation]


def touch(window: Window, place: tuple[int, int]) -> list[Input]:
    """Touch the panel there: what was tapped."""
    width, height = panel().get_size()
    how = {"x": place[0] / width, "y": place[1] / height, "finger_id": 0, "touch_id": 0}
    for type in (pygame.FINGERDOWN, pygame.FINGERUP):
        pygame.event.post(pygame.event.Event(type, how))
    return window.events()


def click(window: Window, place: tuple[int, int]) -> list[Input]:
    """Click there with a mouse: what was tapped."""
    how = {"pos": place, "button": 1, "touch": False}
    for type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        pygame.event.post(pygame.event.Event(type, how))
    return window.events()


def test_a_place_is_seen_where_the_picture_is_turned_to(rotation: Rotation) -> None:
    width, height = SIZE
    numbered = np.arange(width * height).reshape(height, width)
    turned = np.rot90(numbered, -rotation // 90)
    for place in ((0, 0), (479, 0), (0, 799), (479, 799), (17, 300)):
        column, row = on_panel(place, rotation)
        assert turned[row, column] == numbered[place[::-1]]
        assert turn_back((column, row), turn_size(SIZE, rotation), rotation) == place


def test_the_panel_shows_the_picture_turned_and_every_corner_of_a_button_is_tapped_there(
    window: Window, clock: Clock, rotation: Rotation
) -> None:
    window.show(REVIEW)
    assert window.size == SIZE
    shown, upright = (
        pygame.surfarray.pixels2d(surface).T for surface in (panel(), window._surface)
    )
    assert np.ptp(upright) > 0
    assert (np.rot90(upright, -rotation // 90) == shown).all()
    del shown, upright  # which lock the surfaces
    clock.now += 2 * QUIET
    for target in window.shown.targets:
        rect = target.rect
        for x in (rect.left, rect.right - 1):
            for y in (rect.top, rect.bottom - 1):
                for act in (touch, click):
                    heard = act(window, on_panel((x, y), rotation))
                    assert heard == [Tapped(target.button)]  # type: ignore[arg-type]
                    clock.now += 1.1 * DEBOUNCE
    window.forget()
    for surface in (panel(), window._surface):
        assert np.ptp(pygame.surfarray.pixels2d(surface)) == 0
    assert touch(window, on_panel((240, 700), rotation)) == [Touched()]
