"""What a screen shows, as far as somebody else acts on it: the student, the voice, the staff."""

from dataclasses import dataclass

import pygame

from kiosk.visit import Button

StaffKey = str
"""A key of the staff's screens, as kiosk/staff.py names them; each begins with `staff_`."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a tap means a button; in pixels of the surface."""

    rect: pygame.Rect
    button: Button | StaffKey


@dataclass(frozen=True, slots=True)
class Shown:
    """One screen as it was drawn."""

    targets: tuple[Target, ...] = ()
    phrases: frozenset[str] = frozenset()
    """The names of all phrases that are written."""
    spoken: tuple[str, ...] = ()
    """The names of those that are read aloud, the most important first."""
    press_zone: pygame.Rect | None = None
    """Where a long press opens the staff's menu; None where none does."""

    def offers(self, button: str) -> bool:
        """Whether a button is there to be tapped."""
        return any(target.button == button for target in self.targets)
