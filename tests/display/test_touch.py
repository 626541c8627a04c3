"""Touches: a new screen waits, a storm passes one screen, and a held finger is a long press."""

import pytest

from kiosk.display.touch import DEBOUNCE, LONG_PRESS, QUIET, Press, Taps

FINGER, OTHER = 1, 2


def shown_for(seconds: float) -> Taps:
    taps = Taps()
    taps.show("a screen", -seconds)
    return taps


def test_a_screen_that_was_seen_is_answered_at_once() -> None:
    assert shown_for(QUIET).touch("yes", 0.0)


def test_a_new_screen_is_not_answered_by_a_tap_for_the_one_before() -> None:
    assert not shown_for(QUIET - 0.01).touch("yes", 0.0)


def test_any_touch_puts_a_new_screen_off() -> None:
    taps = shown_for(QUIET)
    assert taps.touch("yes", 0.0)
    taps.show("the next one", 0.01)
    assert not taps.touch(None, 0.7)
    assert not taps.touch("yes", 1.4)
    taps.release(1.6)
    assert not taps.touch("yes", 2.3)
    assert taps.touch("yes", 2.31 + QUIET)


@pytest.mark.parametrize("gap", [0.05, 0.1, 0.2, 0.3, 0.5, 0.79])
def test_a_storm_of_taps_passes_one_screen_at_most(gap: float) -> None:
    taps, screen, answered = shown_for(10.0), 0, 0
    for number in range(12):
        at = number * gap
        if taps.touch("yes", at):
            answered += 1
            screen += 1
        taps.show(screen, at + 0.03)
    assert answered == 1


def test_on_an_unchanged_screen_only_a_bounce_is_no_second_tap() -> None:
    taps = shown_for(QUIET)
    assert taps.touch("shot_1", 0.0)
    taps.show("a screen", 0.01)
    assert not taps.touch("shot_1", DEBOUNCE - 0.01)
    assert taps.touch("shot_2", 2 * DEBOUNCE)


def test_a_pin_is_typed_as_fast_as_fingers_are() -> None:
    taps = shown_for(QUIET)
    typed = [("staff_4", 0.0), ("staff_7", 0.1), ("staff_1", 0.2), ("staff_1", 0.3)]
    assert [taps.touch(key, at) for key, at in typed] == [True, True, True, False]
    assert taps.touch("staff_1", 0.31 + DEBOUNCE)


def test_a_finger_that_is_held_is_told_once_and_where() -> None:
    press = Press()
    press.begin(FINGER, (5.0, 5.0), 0.0)
    assert press.take_long(LONG_PRESS - 0.01) is None
    assert press.take_long(LONG_PRESS) == (5.0, 5.0)
    assert press.take_long(2 * LONG_PRESS) is None


def test_a_finger_that_trembles_is_held_and_one_that_slides_is_not() -> None:
    press = Press()
    press.begin(FINGER, (0.0, 0.0), 0.0)
    press.move(FINGER, (6.0, 8.0), 10.0)
    press.move(OTHER, (60.0, 80.0), 10.0)
    assert press.take_long(LONG_PRESS) is not None
    press.begin(FINGER, (0.0, 0.0), 0.0)
    press.move(FINGER, (6.0, 8.1), 10.0)
    assert press.take_long(LONG_PRESS) is None


def test_a_finger_that_is_lifted_is_not_held() -> None:
    press = Press()
    press.begin(FINGER, (0.0, 0.0), 0.0)
    press.end(OTHER)
    assert press.take_long(LONG_PRESS) is not None
    press.begin(FINGER, (0.0, 0.0), 0.0)
    press.end(FINGER)
    assert press.take_long(LONG_PRESS) is None
