"""The focus: four keys reach every button, and the ring is seen on whatever it stands on."""

import pygame
import pytest

from kiosk.display.focus import LEAST_RING, Focus, order_targets
from kiosk.display.shown import Target
from kiosk.display.theme import HIGH_CONTRAST, USUAL, Colour, Theme, contrast

BUTTONS = ("cancel", "language", "contrast", "shot_1", "shot_2", "retake", "approve")
TARGETS = tuple(
    Target(pygame.Rect(10 + 60 * place, 20, 50, 50), button) for place, button in enumerate(BUTTONS)
)


def names(targets: tuple[Target, ...]) -> list[str]:
    return [target.button for target in targets]


def test_what_leads_on_is_first_and_what_leads_out_is_last() -> None:
    ordered = ["approve", "shot_1", "shot_2", "retake", "language", "contrast", "cancel"]
    assert names(order_targets(TARGETS)) == ordered


def test_who_is_asked_whether_they_leave_stays_by_one_key() -> None:
    asked = tuple(Target(TARGETS[0].rect, button) for button in ("leave", "stay"))
    assert names(order_targets(asked)) == ["stay", "leave"]


def test_the_keys_go_round_all_buttons_either_way() -> None:
    focus = Focus()
    assert focus.find(TARGETS) is None
    reached = []
    for _ in range(len(TARGETS) + 1):
        focus.move(1, TARGETS)
        found = focus.find(TARGETS)
        assert found is not None
        reached.append(found.button)
    assert reached == [*names(order_targets(TARGETS)), "approve"]
    focus.move(-1, TARGETS)
    found = focus.find(TARGETS)
    assert found is not None
    assert found.button == "cancel"


def test_it_is_gone_while_somebody_touches_the_screen() -> None:
    focus = Focus()
    focus.move(1, TARGETS)
    focus.hide()
    assert focus.find(TARGETS) is None
    assert Focus().find(()) is None


@pytest.mark.parametrize("look", [USUAL, HIGH_CONTRAST], ids=["usual", "high contrast"])
@pytest.mark.parametrize("size", [(450, 90), (70, 90)])
def test_the_ring_is_seen_on_every_ground(look: Theme, size: tuple[int, int]) -> None:
    focus = Focus()
    focus.move(-1, TARGETS)
    focus.move(-1, TARGETS)
    target = focus.find(TARGETS)
    assert target is not None
    for ground in (look.paper, look.card, look.accent, look.tint):
        surface = pygame.Surface(size)
        surface.fill(ground)
        focus.draw(surface, TARGETS, look, pixels_per_mm=2.0)
        row = [tuple(surface.get_at((x, target.rect.centery)))[:3] for x in range(size[0])]
        drawn: list[Colour] = [(red, green, blue) for red, green, blue in row]
        wide = sum(colour != ground for colour in drawn[: target.rect.centerx])
        assert wide >= LEAST_RING
        assert max(contrast(colour, ground) for colour in drawn) >= 3  # WCAG 2.2, 2.4.13


def test_out_of_reach_of_the_screen_it_is_always_seen() -> None:
    focus = Focus(in_reach=False)
    first = focus.find(TARGETS)
    assert first is not None
    assert first.button == "approve"
    focus.move(1, TARGETS)
    focus.hide()
    assert focus.find(TARGETS) not in (first, None)
