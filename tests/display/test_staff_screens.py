"""The staff's screens: each shows the keys that its page has, and nothing that was typed."""

from dataclasses import replace

import pygame
import pytest

from kiosk.display.canvas import Canvas
from kiosk.display.monitor import LEAST_TARGET_MM, Monitor
from kiosk.display.shown import Shown
from kiosk.display.staff_gallery import AROUND, ILL, staff_views
from kiosk.display.staff_screens import StaffView, draw_staff
from kiosk.staff import StaffMenu, keys

AT = 100.0
VIEWS = dict(staff_views(AT))
MONITORS = (Monitor((720, 1280), 7.0, 0.6), Monitor((800, 480), 7.0, 0.6))


def draw(view: StaffView, monitor: Monitor = MONITORS[0]) -> tuple[pygame.Surface, Shown]:
    surface = pygame.Surface(monitor.pixels)
    canvas = Canvas(surface, monitor)
    draw_staff(canvas, view, AT)
    return surface, canvas.shown


def drawn_keys(shown: Shown) -> set[str]:
    return {target.button for target in shown.targets}


@pytest.mark.parametrize("monitor", MONITORS, ids=["portrait", "landscape"])
@pytest.mark.parametrize("name", [name for name in VIEWS if not name.startswith("status")])
def test_a_page_shows_its_keys_each_large_enough(name: str, monitor: Monitor) -> None:
    view = VIEWS[name]
    _, shown = draw(view, monitor)
    assert view.menu.page is not None
    if name not in ("grant-nobody", "lamps-none", "code-at-hand"):
        assert drawn_keys(shown) == set(keys(view.menu.page))
    for target in shown.targets:
        assert min(target.rect.size) >= monitor.from_mm(LEAST_TARGET_MM) - 1, target


def test_where_nothing_can_be_done_there_is_a_way_back() -> None:
    for name in ("grant-nobody", "lamps-none", "code-at-hand"):
        assert drawn_keys(draw(VIEWS[name])[1]) == {"staff_back"}


@pytest.mark.parametrize("monitor", MONITORS, ids=["portrait", "landscape"])
def test_all_of_the_status_can_be_turned_to(monitor: Monitor) -> None:
    pages = [draw(VIEWS[f"status-ill-{number}"], monitor)[1] for number in (1, 2, 3, 4)]
    assert set(ILL) <= frozenset().union(*(page.phrases for page in pages))
    assert all(drawn_keys(page) == {"staff_back", "staff_next"} for page in pages)


def test_a_status_that_fits_one_page_has_no_next() -> None:
    assert drawn_keys(draw(VIEWS["status"])[1]) == {"staff_back"}


def test_a_status_of_any_length_stops_nothing() -> None:
    absurd = dict.fromkeys(ILL, "a fault of many words " * 12)
    for status in ({}, absurd):
        menu = StaffMenu(page="status", status_page=7)
        draw(StaffView(menu, replace(AROUND, status=status)), MONITORS[1])


def test_of_a_pin_only_its_length_is_seen() -> None:
    def picture(digits: str) -> bytes:
        view = StaffView(StaffMenu(page="pin", digits=digits), AROUND)
        return pygame.image.tobytes(draw(view)[0], "RGB")

    assert picture("4711") == picture("0815") != picture("471")
    assert picture("4" * 12) != picture("4" * 11)


def test_how_long_no_pin_is_taken_is_counted_down() -> None:
    def picture(seconds: float) -> bytes:
        menu = StaffMenu(page="pin", wrong=3, locked_until=AT + seconds)
        return pygame.image.tobytes(draw(StaffView(menu, AROUND))[0], "RGB")

    assert picture(29.5) == picture(29.9) != picture(28.5)
