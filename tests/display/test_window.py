"""The window: taps, held fingers and four keys find their buttons, and pictures of it are whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pygame
import pytest
from PIL import Image

from kiosk import visit as v
from kiosk.display import theme
from kiosk.display.focus import LOOKS
from kiosk.display.gallery import screen_states
from kiosk.display.monitor import Monitor
from kiosk.display.samples import FADING_STEPS, SECONDS
from kiosk.display.screens import draw_screen
from kiosk.display.shown import Shown, Target
from kiosk.display.staff_gallery import staff_views
from kiosk.display.state import ScreenState
from kiosk.display.touch import DEBOUNCE, LONG_PRESS, QUIET, STRAY_MM
from kiosk.display.window import Closed, Input, Typed, Window, WindowError
from kiosk.errors import UsageError
from kiosk.staff import LongPressed, StaffTapped
from kiosk.visit import Tapped, Touched
from tests.standing_clock import Clock

SIZE, SMALL = (720, 1280), (800, 480)
STATES = dict(screen_states(np.full((640, 480, 3), 90, np.uint8)))
ONE_A_STAGE = {state.visit.stage: state for state in STATES.values() if state.staff is None}
CONFIRM, CONSENT, IDLE, REVIEW = (
    STATES[name] for name in ("confirm", "consent", "idle", "review-three")
)


@contextmanager
def open_window(
    clock: Clock, size: tuple[int, int] = SIZE, *, in_reach: bool = True
) -> Iterator[Window]:
    opened = Window(
        size, fullscreen=False, title="booth", clock=clock, frame_rate=0, in_reach=in_reach
    )
    pygame.event.clear()
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def window(clock: Clock) -> Iterator[Window]:
    with open_window(clock) as opened:
        yield opened


def show(window: Window, clock: Clock, state: ScreenState = CONFIRM) -> tuple[Target, ...]:
    """Show a state for long enough that it may be answered."""
    clock.now += 2 * QUIET
    window.show(state)
    clock.now += 2 * QUIET
    return window.shown.targets


def find(window: Window, button: str) -> Target:
    return next(target for target in window.shown.targets if target.button == button)


def post(type: int, **how: object) -> None:
    pygame.event.post(pygame.event.Event(type, how))


def click(where: tuple[int, int], *, touch: bool = False) -> None:
    post(pygame.MOUSEBUTTONDOWN, pos=where, button=1, touch=touch)
    post(pygame.MOUSEBUTTONUP, pos=where, button=1, touch=touch)


def touch(where: tuple[int, int], size: tuple[int, int] = SIZE) -> None:
    place = {"x": where[0] / size[0], "y": where[1] / size[1]}
    post(pygame.FINGERDOWN, finger_id=0, touch_id=0, **place)
    post(pygame.FINGERUP, finger_id=0, touch_id=0, **place)


def press(window: Window, *keys: int) -> list[Input]:
    for key in keys:
        post(pygame.KEYDOWN, key=key, mod=0, unicode="", scancode=0)
    return window.events()


def beside_all(window: Window) -> tuple[int, int]:
    """A point where no button is."""
    rects = [target.rect for target in window.shown.targets]
    return next(
        (SIZE[0] // 2, y) for y in range(SIZE[1]) if not any(r.collidepoint(360, y) for r in rects)
    )


@pytest.mark.parametrize("size", [SIZE, SMALL])
def test_taps_find_their_buttons(size: tuple[int, int], clock: Clock) -> None:
    with open_window(clock, size) as window:
        for name in ("consent", "checklist-leave", "review-three"):
            state = replace(STATES[name], monitor=Monitor(size, 7.0, 0.6))
            for target in show(window, clock, state):
                click(target.rect.center)
                assert window.events() == [Tapped(target.button)]  # type: ignore[arg-type]
                clock.now += 1.1 * DEBOUNCE
                touch(target.rect.center, size)
                assert window.events() == [Tapped(target.button)]  # type: ignore[arg-type]
                clock.now += 1.1 * DEBOUNCE


def test_a_touch_that_sdl_sends_as_a_click_too_counts_once(window: Window, clock: Clock) -> None:
    show(window, clock)
    where = find(window, "yes").rect.center
    touch(where)
    heard = window.events()
    clock.now += 10 * DEBOUNCE
    click(where, touch=True)
    assert heard + window.events() == [Tapped("yes")]


def test_twelve_quick_taps_pass_one_screen_at_most(clock: Clock) -> None:
    tried: set[object] = set()
    asking = [STATES[name] for name in ("guide-help", "review-leave", "confirm-again")]
    with open_window(clock, SMALL) as window:
        for given in [*ONE_A_STAGE.values(), *asking]:
            state = replace(given, monitor=Monitor(SMALL, 7.0, 0.6))
            window.show(state)
            for target in window.shown.targets:
                # What only changes the view is on every screen, and is tried on one.
                stage = None if target.button in LOOKS else state.visit.stage
                if (stage, target.button) not in tried:
                    tried.add((stage, target.button))
                    tapped = storm(window, clock, state, target)
                    assert tapped == [target.button], (state.visit.stage, target)


def storm(window: Window, clock: Clock, state: ScreenState, target: Target) -> list[str]:
    """Tap one place twelve times, seven times a second; the buttons that were heard."""
    show(window, clock, state)
    visit, tapped = state.visit, []
    for _ in range(12):
        click(target.rect.center)
        clock.now += 0.14
        for heard in window.events():
            if isinstance(heard, Tapped):
                tapped.append(str(heard.button))
                visit, _ = v.step(visit, heard)
                window.show(replace(state, visit=visit))
    return tapped


def test_a_double_tap_does_not_answer_the_next_screen(window: Window, clock: Clock) -> None:
    for gap in (0.2, 0.5, 0.7):
        show(window, clock, CONSENT)
        agree = find(window, "agree").rect.center
        click(agree)
        assert window.events() == [Tapped("agree")]
        window.show(CONFIRM)
        clock.now += gap
        click(find(window, "yes").rect.center)
        assert window.events() == []
    clock.now += 1.1 * QUIET
    click(find(window, "yes").rect.center)
    assert window.events() == [Tapped("yes")]


def test_another_view_or_instruction_is_no_new_screen(window: Window, clock: Clock) -> None:
    show(window, clock, REVIEW)
    english = replace(REVIEW, visit=replace(REVIEW.visit, view=v.View(language=1), chosen=2))
    for state, button in ((english, "shot_1"), (REVIEW, "language"), (english, "approve")):
        window.show(state)
        clock.now += 1.1 * DEBOUNCE
        click(find(window, button).rect.center)
        assert window.events() == [Tapped(button)]  # type: ignore[arg-type]


def test_a_pin_is_typed_at_a_normal_pace(window: Window, clock: Clock) -> None:
    views = dict(staff_views(clock.now))
    view = views["pin"]
    show(window, clock, replace(IDLE, staff=view))
    heard: list[Input] = []
    for number, key in enumerate(("staff_4", "staff_7", "staff_1", "staff_1")):
        touch(find(window, key).rect.center)
        heard += window.events()
        typed = replace(view, menu=replace(view.menu, digits="4" * number))
        window.show(replace(IDLE, staff=typed))
        clock.now += 1.1 * DEBOUNCE
    assert heard == [StaffTapped(f"staff_{digit}") for digit in "4711"]
    window.show(replace(IDLE, staff=views["home"]))
    touch(find(window, "staff_maintenance").rect.center)
    assert window.events() == []


def test_a_tap_beside_the_buttons_tells_that_somebody_is_there(
    window: Window, clock: Clock
) -> None:
    show(window, clock)
    click(beside_all(window))
    assert window.events() == [Touched()]


def test_every_screen_of_the_visit_has_a_place_for_the_long_press(window: Window) -> None:
    for stage, state in ONE_A_STAGE.items():
        for visit in (state.visit, replace(state.visit, faults=frozenset(v.BLOCKED))):
            window.show(replace(state, visit=visit))
            zone = window.shown.press_zone
            assert zone is not None, stage
            assert min(zone.size) >= state.monitor.from_mm(15) - 1, stage


@pytest.mark.parametrize("finger", [True, False], ids=["finger", "mouse"])
@pytest.mark.parametrize(
    ("moved_mm", "lifted", "held", "opens"),
    [
        (0, False, LONG_PRESS, True),
        (0.9 * STRAY_MM, False, LONG_PRESS, True),
        (1.1 * STRAY_MM, False, LONG_PRESS, False),
        (0, True, LONG_PRESS, False),
        (0, False, LONG_PRESS - 0.1, False),
    ],
)
def test_a_finger_held_in_its_place_opens_the_staffs_menu(
    window: Window,
    clock: Clock,
    finger: bool,
    moved_mm: float,
    lifted: bool,
    held: float,
    opens: bool,
) -> None:
    show(window, clock, IDLE)
    zone = window.shown.press_zone
    assert zone is not None
    x, y = zone.center
    moved = x, y + round(IDLE.monitor.from_mm(moved_mm))
    down, motion, up = (
        (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP)
        if finger
        else (pygame.MOUSEBUTTONDOWN, pygame.MOUSEMOTION, pygame.MOUSEBUTTONUP)
    )
    for type, (left, top) in ((down, (x, y)), (motion, moved), *([(up, moved)] * lifted)):
        place = {"x": left / SIZE[0], "y": top / SIZE[1], "finger_id": 3, "touch_id": 0}
        post(type, **(place if finger else {"pos": (left, top), "button": 1, "touch": False}))
    assert [heard for heard in window.events() if heard != Touched()] == []
    clock.now += 1.01 * held
    assert window.events() == [LongPressed()] * opens


def test_a_finger_held_elsewhere_opens_nothing(window: Window, clock: Clock) -> None:
    show(window, clock)
    post(pygame.MOUSEBUTTONDOWN, pos=find(window, "yes").rect.center, button=1, touch=False)
    assert window.events() == [Tapped("yes")]
    clock.now += LONG_PRESS
    assert window.events() == []


def test_four_keys_go_through_consent(window: Window, clock: Clock) -> None:
    show(window, clock, CONSENT)
    assert press(window, pygame.K_DOWN) == [Touched()]  # nobody has seen yet what it would press
    assert press(window, pygame.K_UP) == [Tapped("language")]
    clock.now += 1.1 * DEBOUNCE
    assert press(window, pygame.K_DOWN) == [Tapped("agree")]
    clock.now += 1.1 * DEBOUNCE
    assert press(window, pygame.K_LEFT, pygame.K_DOWN) == [Touched(), Tapped("decline")]


def test_a_key_does_not_answer_the_next_screen_either(window: Window, clock: Clock) -> None:
    show(window, clock, CONSENT)
    press(window, pygame.K_RIGHT)
    assert press(window, pygame.K_DOWN) == [Tapped("agree")]
    window.show(CONFIRM)
    clock.now += 0.5
    assert press(window, pygame.K_DOWN) == []
    clock.now += 1.1 * QUIET
    assert press(window, pygame.K_DOWN) == [Tapped("yes")]


def test_four_keys_reach_every_button_of_every_screen(window: Window, clock: Clock) -> None:
    for name in ("idle", "review-three", "checklist-leave", "staff-pin", "staff-lamps"):
        targets = show(window, clock, STATES[name])
        press(window, pygame.K_RIGHT)
        reached = set()
        for _ in targets:
            (pressed,) = press(window, pygame.K_DOWN)
            assert isinstance(pressed, Tapped | StaffTapped)
            reached.add(pressed.button if isinstance(pressed, Tapped) else pressed.key)
            clock.now += 1.1 * DEBOUNCE
            press(window, pygame.K_RIGHT)
        assert reached == {target.button for target in targets}, name
        click((1, 1))
        window.events()


def test_the_focus_is_drawn_once_a_key_was_pressed_and_until_a_touch(
    window: Window, clock: Clock, tmp_path: Path
) -> None:
    show(window, clock)
    pictures = []
    for name in ("key", "touch"):
        if name == "key":
            press(window, pygame.K_RIGHT)
        else:
            click((1, 1))
            window.events()
        window.show(CONFIRM)
        window.save(tmp_path / f"{name}.png")
        with Image.open(tmp_path / f"{name}.png") as saved:
            pictures.append(np.asarray(saved))
    ring = np.argwhere((pictures[0] != pictures[1]).any(axis=2))
    around = find(window, "yes").rect
    assert np.ptp(ring[:, 1]) + 1 >= around.width
    assert np.ptp(ring[:, 0]) + 1 >= around.height


def test_out_of_reach_of_the_screen_one_key_alone_says_yes(clock: Clock) -> None:
    with open_window(clock, in_reach=False) as window:
        show(window, clock)
        assert press(window, pygame.K_DOWN) == [Tapped("yes")]


def test_what_a_scanner_types_comes_in_order_with_its_enter(window: Window, clock: Clock) -> None:
    for char in "A7-":
        post(pygame.TEXTINPUT, text=char)
    post(pygame.KEYDOWN, key=pygame.K_RETURN, mod=0, unicode="\r")
    assert window.events() == [Typed(char, clock.now) for char in "A7-\r"]


def test_a_key_of_the_four_in_the_midst_of_a_scan_takes_nothing_from_it(
    window: Window, clock: Clock
) -> None:
    show(window, clock)
    post(pygame.KEYDOWN, key=pygame.K_a, mod=0, unicode="a", scancode=pygame.KSCAN_A)
    post(pygame.TEXTINPUT, text="a")
    post(pygame.KEYDOWN, key=pygame.K_RIGHT, mod=0, unicode="", scancode=pygame.KSCAN_RIGHT)
    post(pygame.KEYDOWN, key=pygame.K_7, mod=0, unicode="7", scancode=pygame.KSCAN_7)
    post(pygame.TEXTINPUT, text="7")
    post(pygame.KEYDOWN, key=pygame.K_RETURN, mod=0, unicode="\r")
    heard = window.events()
    assert "".join(one.char for one in heard if isinstance(one, Typed)) == "a7\r"
    assert not [one for one in heard if isinstance(one, Tapped)]


def test_escape_closes_a_window_but_not_a_booth(window: Window, clock: Clock) -> None:
    key = {"key": pygame.K_ESCAPE, "mod": 0, "unicode": "\x1b"}
    post(pygame.KEYDOWN, **key)
    assert window.events() == [Closed()]
    window.close()
    booth = Window(SIZE, fullscreen=True, title="booth", clock=clock)
    pygame.event.clear()
    post(pygame.KEYDOWN, **key)
    assert booth.events() == [Typed("\x1b", clock.now)]
    booth.show(IDLE)
    post(pygame.QUIT)
    assert booth.events() == [Closed()]
    booth.close()
    booth.close()


def surface_bytes() -> bytes:
    surface = pygame.display.get_surface()
    assert surface is not None
    return pygame.image.tobytes(surface, "RGB")


def test_what_is_saved_is_what_is_shown(window: Window, tmp_path: Path) -> None:
    window.show(CONFIRM)
    window.save(tmp_path / "confirm.png")
    surface = pygame.Surface(window.size)
    draw_screen(surface, CONFIRM)
    with Image.open(tmp_path / "confirm.png") as saved:
        assert saved.tobytes() == pygame.image.tobytes(surface, "RGB")
    assert [path.name for path in tmp_path.iterdir()] == ["confirm.png"]


def test_an_idle_screen_is_drawn_only_when_it_changes(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []

    def draw(surface: pygame.Surface, state: ScreenState) -> Shown:
        drawn.append(state.at)
        return draw_screen(surface, state)

    monkeypatch.setattr("kiosk.display.window.draw_screen", draw)
    fresh = pygame.Surface(SIZE)
    for tick in range(round(2 * SECONDS * 30)):  # two pairs of samples, and the ways to the next
        state = replace(IDLE, at=20 * SECONDS + tick / 30)
        window.show(state)
        if tick % 60 == 0 or 165 < tick < 180:
            draw_screen(fresh, state)
            assert pygame.image.tobytes(fresh, "RGB") == surface_bytes()
    assert len(drawn) == 2 * (FADING_STEPS + 1)


def test_a_still_screen_follows_the_booth_and_what_hides_it(window: Window) -> None:
    window.show(IDLE)
    faulty = replace(IDLE, visit=v.Visit(faults=frozenset({"camera"})))
    window.show(faulty)
    assert "fault.camera" in window.shown.phrases
    window.show(IDLE)
    before = surface_bytes()
    surface = pygame.display.get_surface()
    assert surface is not None
    surface.fill("black")
    post(pygame.WINDOWEXPOSED)
    window.events()
    window.show(IDLE)
    assert surface_bytes() == before


def test_a_picture_that_cannot_be_saved_names_its_path(window: Window, tmp_path: Path) -> None:
    window.show(IDLE)
    with pytest.raises(UsageError, match="nowhere"):
        window.save(tmp_path / "nowhere" / "idle.png")


def test_what_is_forgotten_is_wiped_with_its_buttons(window: Window, clock: Clock) -> None:
    show(window, clock)
    yes = find(window, "yes").rect.center
    window.forget()
    surface = pygame.display.get_surface()
    assert surface is not None
    assert (pygame.surfarray.array3d(surface) == theme.USUAL.paper).all()
    click(yes)
    assert window.events() == [Touched()]
    window.close()
    window.forget()


def test_without_a_screen_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "none_such")
    with pytest.raises(WindowError, match="graphical session"):
        Window(SIZE, fullscreen=False, title="booth")


def test_a_window_that_nobody_can_see_is_opened_only_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pygame.display.quit()
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(WindowError, match="graphical session"):
        Window(SIZE, fullscreen=False, title="booth")
