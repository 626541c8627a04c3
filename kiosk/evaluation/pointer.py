"""A finger on the booth's window, as SDL tells of it."""

import pygame


def press(place: tuple[int, int]) -> None:
    """Touch the window at a place in its pixels, and lift the finger."""
    for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        pygame.event.post(
            pygame.event.Event(kind, pos=place, button=pygame.BUTTON_LEFT, touch=False)
        )
