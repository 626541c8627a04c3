"""The screen as a lamp: it darkens, is read all the same, and its level at a frame is known."""

from itertools import product

import numpy as np
import pygame
import pytest

from kiosk.display.screen_light import LEAST, PANEL, ScreenLight, darken
from kiosk.display.theme import HIGH_CONTRAST, USUAL, Colour, Theme
from kiosk.pipeline.light import LUMINANCE, to_linear

ROOM = 0.05
"""Light that a room adds to a screen, as a share of its white: WCAG's own assumption."""


def test_a_frame_was_taken_under_what_was_drawn_before_it() -> None:
    light = ScreenLight()
    light.set(0.5)
    assert (light.level, light.level_at(100.0)) == (0.5, 1.0)  # not drawn yet
    light.note_drawn(0.5, 100.0)
    assert light.level_at(100.0 + PANEL / 2) == 1.0
    assert light.level_at(100.0 + 2 * PANEL) == 0.5
    for second in range(20):
        light.note_drawn(0.5 + 0.01 * (second % 2), 101.0 + second)
    assert light.level_at(120.5) == 0.51


def test_no_screen_goes_darker_than_can_be_read() -> None:
    light = ScreenLight()
    light.set(0.0)
    assert light.level == LEAST


def luminance(colour: Colour, brightness: float) -> float:
    surface = pygame.Surface((1, 1))
    surface.fill(colour)
    darken(surface, brightness)
    drawn = np.array([[surface.get_at((0, 0))[:3]]], np.uint8)
    return float((to_linear(drawn) @ LUMINANCE).item())


@pytest.mark.parametrize("theme", [USUAL, HIGH_CONTRAST])
def test_what_must_be_read_keeps_its_contrast_at_the_darkest(theme: Theme) -> None:
    # Everything else is large: capitals of 3 mm and more, at arm's length.
    least = {theme.ink: 4.5} | dict.fromkeys((theme.quiet, theme.accent, theme.alert), 3.0)
    for ink, ground in product(least, (theme.paper, theme.card, theme.tint)):
        dark, light = sorted((luminance(ink, LEAST), luminance(ground, LEAST)))
        assert (light + ROOM) / (dark + ROOM) >= least[ink]


def test_half_the_light_is_half_the_light() -> None:
    assert luminance((230, 230, 230), 0.5) == pytest.approx(
        0.5 * luminance((230, 230, 230), 1.0), rel=0.06
    )
