"""The twin's student, played with the mouse beside the booth's screen."""

from collections.abc import Iterator

import numpy as np
import pygame
import pytest

from kiosk.display.gallery import screen_states
from kiosk.display.screens import draw_screen
from kiosk.display.shown import Shown, Target
from kiosk.display.strip import STRIP_WIDTH, Strip
from kiosk.display.touch import QUIET
from kiosk.display.window import Typed, Window
from kiosk.twin import subject_names
from kiosk.twin.light_stage import RenderedPerson
from kiosk.twin.people import find_subject
from kiosk.twin.played import BUTTONS, PLAYED, PlayedActor, make_strip
from kiosk.twin.student import SimulatedStudent
from kiosk.twin.wires import Posture, Wires
from kiosk.visit import Stage, Tapped, Touched
from tests.standing_clock import Clock

POSES = ("neutral", "yaw_15", "roll_6", "eyes_closed", "smile")
CONFIRM = dict(screen_states(np.full((640, 480, 3), 90, np.uint8)))["confirm"]
SIZE = (594, 1056)
TICK = 1 / 30


@pytest.fixture
def played() -> Strip:
    return make_strip(POSES)


@pytest.fixture
def window(clock: Clock, played: Strip) -> Iterator[Window]:
    opened = Window(SIZE, fullscreen=False, title="booth", strip=played, clock=clock)
    pygame.event.clear()
    opened.show(CONFIRM)
    clock.now += 2 * QUIET
    yield opened
    opened.close()


def click(where: tuple[int, int]) -> None:
    event = {"pos": where, "button": 1, "touch": False}
    pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, event))


class Play:
    """A puppet before a booth that shows one screen, called 30 times a second."""

    def __init__(self, played: Strip) -> None:
        self.strip = played
        self.strip.draw(pygame.Surface((STRIP_WIDTH, 1056)), pygame.Rect(0, 0, STRIP_WIDTH, 1056))
        self.wires = Wires(("room",), POSES, {})
        student = SimulatedStudent(self.wires, "CODE-7", PLAYED, np.random.default_rng(2))
        self.puppet = PlayedActor(student, played, POSES)
        self.at = 0.0

    def press(self, *words: str, seconds: float = 1.0) -> list[Tapped | Typed]:
        for word in words:
            assert self.strip.press(self.strip._places[word].center)
        done: list[Tapped | Typed] = []
        told = Shown(
            (Target(pygame.Rect(0, 0, 90, 90), "staffed"),), frozenset({"rule.face_size.high"})
        )
        for _ in range(round(seconds / TICK)):
            done += self.puppet.act(told, Stage.GUIDE, self.at)
            self.at += TICK
        return done

    @property
    def posture(self) -> Posture:
        return self.wires.posture


@pytest.fixture
def play(played: Strip) -> Play:
    return Play(played)


def test_a_click_on_the_strip_says_its_word_and_taps_nothing(window: Window, played: Strip) -> None:
    click(played._places["smile"].center)
    click(played._places["scan"].center)
    assert window.events() == []
    assert played.pop_pressed() == ["smile", "scan"]
    assert played.pop_pressed() == []


def test_the_booths_own_buttons_are_where_they_are_seen(window: Window, played: Strip) -> None:
    yes = next(t for t in draw_screen(pygame.Surface(SIZE), CONFIRM).targets if t.button == "yes")
    assert window.size == SIZE
    click(yes.rect.center)
    assert window.events() == [Tapped("yes")]
    assert played.pop_pressed() == []


def test_a_click_beside_all_buttons_taps_nothing(window: Window, played: Strip) -> None:
    click((SIZE[0] + STRIP_WIDTH // 2, 20))
    assert window.events() == [Touched()]
    assert played.pop_pressed() == []


@pytest.mark.parametrize("height", [768, 1056, 1920])
def test_every_button_keeps_to_its_own_place(height: int) -> None:
    everything = Strip(BUTTONS["scan"], BUTTONS)
    area = pygame.Rect(0, 0, STRIP_WIDTH, height)
    everything.draw(pygame.Surface(area.size), area)
    places = list(everything._places.values())
    assert len(places) == len(BUTTONS)
    assert all(area.contains(place) for place in places)
    assert all(place.collidelistall(places) == [n] for n, place in enumerate(places))


@pytest.mark.parametrize("name", subject_names())
def test_a_strip_offers_what_its_subject_can_do(name: str) -> None:
    poses = RenderedPerson(find_subject(name)).poses
    offered = make_strip(poses)._buttons
    assert {"scan", "comes in", "walks away", "look at the screen"} <= offered.keys()
    assert ("smile" in offered) == ("smile" in poses)
    assert ("put on a hat" in offered) == ("hat" in poses)


def test_a_puppet_walks_in_scans_and_moves_as_it_is_told(play: Play) -> None:
    assert not play.posture.present
    play.press("comes in")
    assert play.posture == Posture()
    typed = play.press("scan")
    assert [key.char for key in typed if isinstance(key, Typed)] == [*"CODE-7", "\r"]
    play.press("step 2 cm left", "step 2 cm left", "sit 2 cm low")
    assert play.posture.dx == pytest.approx(4 / 35)
    assert play.posture.dy == pytest.approx(2 / 35 * 0.75)
    play.press("come 15 cm nearer")
    assert play.posture.scale == pytest.approx(150 / 135)
    play.press("turn left 15", "a second person leans in")
    assert (play.posture.pose, play.posture.second) == ("yaw_15", 1.0)
    play.press("look at the screen", "the second person leaves")
    assert (play.posture.pose, play.posture.second) == ("neutral", 0.0)
    play.press("walks away")
    assert not play.posture.present


def test_a_puppet_does_nothing_of_itself_whatever_the_booth_says(play: Play) -> None:
    play.press("comes in")
    assert play.press(seconds=20) == []
    assert (play.posture.dx, play.posture.scale) == (0.0, 1.0)


def test_eyes_that_are_closed_open_again(play: Play) -> None:
    play.press("comes in")
    play.press("close eyes for 1 s", seconds=0.5)
    assert play.posture.pose == "eyes_closed"
    play.press(seconds=0.7)
    assert play.posture.pose == "neutral"
