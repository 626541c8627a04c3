"""The mirror: the outline follows the head the way a mirror does, and slides into its target."""

import numpy as np
import pygame
import pytest
from numpy.typing import NDArray

from kiosk.display.canvas import Box, Canvas
from kiosk.display.mirror import ASPECT, draw_mirror
from kiosk.display.monitor import Monitor
from kiosk.display.outline import TARGET, Goals, head_outline, place_head, target_outline
from kiosk.display.theme import USUAL
from kiosk.visit import Head

GOALS = Goals(x=(0.42, 0.58), width=(0.26, 0.6), roll=(-2.0, 2.0))
BOX = Box(0, 0, 300, 400)
PREVIEW = np.full((640, 480, 3), 120, np.uint8)


def mirrored(head: Head | None, *, praising: bool = False) -> NDArray[np.int16]:
    surface = pygame.Surface((300, 400))
    canvas = Canvas(surface, Monitor((300, 400), 7.0, 0.6))
    draw_mirror(canvas, BOX, PREVIEW, head=head, praising=praising)
    return pygame.surfarray.array3d(surface).transpose(1, 0, 2).astype(np.int16)


def find_outline(head: Head) -> NDArray[np.bool_]:
    return np.asarray(np.abs(mirrored(head) - mirrored(None)).max(axis=2) > 60)


@pytest.mark.parametrize(("x", "y"), [(0.3, 0.4), (0.7, 0.35), (0.5, 0.55)])
def test_the_outline_is_where_a_mirror_shows_the_head(x: float, y: float) -> None:
    rows, columns = np.nonzero(find_outline(Head(x, y, 0.3, 0.0)))
    assert (columns.min() + columns.max()) / 2 == pytest.approx((1 - x) * 300, abs=4)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(y * 400, abs=4)


def test_it_is_as_wide_as_the_head_and_leans_as_the_mirror_image_does() -> None:
    def reach(head: Head) -> float:
        columns = np.nonzero(find_outline(head))[1]
        return float(columns.max() - columns.min())

    assert reach(Head(0.5, 0.45, 0.4, 0.0)) > 1.25 * reach(Head(0.5, 0.45, 0.3, 0.0))
    # Towards the own left shoulder is to the mirror's left: there the crown goes.
    leaning = head_outline(Head(0.5, 0.45, 0.3, 12.0), ASPECT)
    assert leaning[leaning[:, 1].argmin()][0] < 0.48


def test_within_its_goals_the_outline_lies_in_the_target() -> None:
    assert place_head(Head(0.53, TARGET.y + 0.02, 0.35, 0.8), GOALS) == TARGET


def test_beyond_its_goals_it_is_where_the_head_is() -> None:
    head = Head(0.7, 0.6, 0.2, 6.0)
    assert place_head(head, GOALS) == head


def test_it_slides_in_without_a_jump_or_a_turn() -> None:
    placed = [place_head(Head(x, TARGET.y, 0.4, 0.0), GOALS).x for x in np.linspace(0.5, 0.65, 151)]
    steps = np.diff(placed)
    assert steps.min() >= 0
    assert steps.max() < 0.0025


def test_before_a_picture_was_judged_the_outline_is_the_heads_own() -> None:
    head = Head(0.53, 0.4, 0.35, 0.8)
    assert place_head(head, None) == head


def test_without_a_head_there_is_only_the_target() -> None:
    assert (mirrored(None) == mirrored(None)).all()
    assert (np.abs(mirrored(None) - 66).max(axis=2) > 60).any()


def is_good(pixels: NDArray[np.int16]) -> NDArray[np.bool_]:
    return np.asarray(np.abs(pixels - USUAL.good).max(axis=2) < 8)


def test_it_is_green_closed_and_ticked_only_when_all_is_well() -> None:
    assert not is_good(mirrored(None)).any()
    assert not is_good(mirrored(Head(0.5, TARGET.y, 0.4, 0.0))).any()
    praised = mirrored(Head(0.55, 0.4, 0.35, 0.0), praising=True)
    along = np.rint(target_outline(ASPECT) * (300, 400)).astype(int)
    along = along[(along[:, 0] > 8) & (along[:, 0] < 292) & (along[:, 1] < 390)]
    assert is_good(praised)[along[:, 1], along[:, 0]].mean() > 0.95
    # The tick is told from the outline by its shape.
    assert is_good(praised)[200:224, 237:261].mean() > 0.5


def test_no_preview_is_kept_or_changed() -> None:
    before = PREVIEW.copy()
    mirrored(Head(0.4, 0.4, 0.3, 3.0))
    assert (before == PREVIEW).all()
