"""What a simulated student's actions mean to the booth: taps and typed characters."""

from collections.abc import Sequence
from typing import cast

from kiosk.display.shown import Shown
from kiosk.display.window import Typed
from kiosk.twin.student import Action, Touch
from kiosk.visit import Button, Tapped


def hear_actions(actions: Sequence[Action], shown: Shown) -> list[Tapped | Typed]:
    """What comes of actions at a screen, in order; a touch that meets no button means nothing."""
    heard: list[Tapped | Typed] = []
    for action in actions:
        if isinstance(action, Touch):
            heard += [Tapped(cast(Button, button)) for button in _hit(action, shown)]
        else:
            heard += [Typed(char, at) for char, at in action.keys]
    return heard


def _hit(touch: Touch, shown: Shown) -> list[str]:
    targets = shown.targets
    return [target.button for target in targets if target.rect.collidepoint(touch.place)][:1]
