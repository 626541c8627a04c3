"""A screen that hangs turned shows the same picture, and is touched where that is seen."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pygame
import pytest

from kiosk.display.gallery import screen_states
from kiosk.display.rotation import Rotation, turn_back, turn_size
from kiosk.display.touch import DEBOUNCE, QUIET
from kiosk.display.window import Window
from kiosk.visit import Tapped, Touched

SIZE = (480, 800)
ROTATIONS: tuple[Rotation, ...] = (0, 90, 180, 270)
STATES = dict(screen_states(np.full((640, 480, 3), 90, np.uint8)))
REVIEW, IDLE = STATES["review-three"], STATES["idle"]


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=ROTATIONS)
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


def test_the_panel_shows_the_upright_picture_turned(window: Window, rotation: Rotation) -> None:
    window.show(REVIEW)
    assert window.size == SIZE
    assert panel().get_size() == turn_size(SIZE, rotation)
    shown = pygame.surfarray.array3d(panel()).transpose(1, 0, 2)
    upright = pygame.surfarray.array3d(window._surface).transpose(1, 0, 2)
    assert upright.std() > 0
    assert (np.rot90(upright, -rotation // 90) == shown).all()


def test_a_place_that_is_turned_there_and_back_is_the_same(rotation: Rotation) -> None:
    numbered = np.arange(SIZE[0] * SIZE[1]).reshape(SIZE[1], SIZE[0])
    turned = np.rot90(numbered, -rotation // 90)
    for x, y in ((0, 0), (479, 0), (0, 799), (479, 799), (17, 300)):
        row, column = np.argwhere(turned == numbered[y, x])[0]
        outer = turn_size(SIZE, rotation)
        assert turn_back((int(column), int(row)), outer, rotation) == (x, y)


@pytest.mark.parametrize("by", ["mouse", "finger"])
def test_every_corner_of_every_button_is_tapped_where_it_is_seen(
    window: Window, clock: Clock, rotation: Rotation, by: str
) -> None:
    window.show(REVIEW)
    clock.now += 2 * QUIET
    width, height = panel().get_size()
    numbered = np.arange(SIZE[0] * SIZE[1]).reshape(SIZE[1], SIZE[0])
    turned = np.rot90(numbered, -rotation // 90)
    for target in window.shown.targets:
        rect = target.rect
        for x in (rect.left + 1, rect.right - 2):
            for y in (rect.top + 1, rect.bottom - 2):
                row, column = divmod(int(np.flatnonzero(turned == numbered[y, x])[0]), width)
                if by == "mouse":
                    how = {"pos": (column, row), "button": 1, "touch": False}
                    types = pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP
                else:
                    how = {"x": column / width, "y": row / height, "finger_id": 0, "touch_id": 0}
                    types = pygame.FINGERDOWN, pygame.FINGERUP
                for type in types:
                    pygame.event.post(pygame.event.Event(type, how))
                heard = [event for event in window.events() if not isinstance(event, Touched)]
                assert heard == [Tapped(target.button)]  # type: ignore[arg-type]
                clock.now += 1.1 * DEBOUNCE


def test_what_is_forgotten_is_wiped_on_the_panel_and_on_what_it_is_drawn_on(
    window: Window,
) -> None:
    window.show(REVIEW)
    window.forget()
    for surface in (panel(), window._surface):
        assert np.ptp(pygame.surfarray.array3d(surface).reshape(-1, 3), axis=0).max() == 0
