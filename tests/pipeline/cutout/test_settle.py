"""No speck is left of what floats or gapes, and what is no speck stays to the bit."""

import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.pipeline.cutout.cutout import Cutout
from kiosk.pipeline.cutout.settle import settle
from kiosk.pipeline.light import Linear
from kiosk.pipeline.photo.standardise import lay_on_background
from kiosk.pipeline.specification import Codes, specification
from kiosk.pipeline.verify.specks import find_specks

BLUE = specification().colour("light-blue")
HAIR = (0.03, 0.025, 0.02)


@pytest.fixture
def head() -> Cutout:
    """A dark head with a strand of one pixel, at a photo's size."""
    alpha = np.zeros((640, 480), np.float32)
    alpha[200:640, 120:360] = 1
    alpha[150, 60:121] = alpha[150:201, 120] = 0.6
    return Cutout(alpha, dark(alpha.shape), ("picture",))


def dark(shape: tuple[int, int]) -> Linear:
    return np.tile(np.array(HAIR, np.float32), (*shape, 1))


def shown(cutout: Cutout, colour: Codes = BLUE) -> Picture:
    return lay_on_background(np.zeros((*cutout.alpha.shape, 3), np.uint8), cutout, colour)


def test_a_clean_head_comes_back_as_it_was(head: Cutout) -> None:
    assert settle(head, shown(head), BLUE) is head


@pytest.mark.parametrize("cover", [0.5, 1.0])
def test_what_floats_fades_until_no_eye_sees_it(head: Cutout, cover: float) -> None:
    head.alpha[100:103, 300:304] = cover
    assert find_specks(shown(head), BLUE).count == 1
    settled = settle(head, shown(head), BLUE)
    assert find_specks(shown(settled), BLUE).count == 0
    assert (settled.alpha[200:] == head.alpha[200:]).all()
    assert (settled.alpha[150, 60:121] == head.alpha[150, 60:121]).all()


def test_a_pin_hole_closes_with_its_neighbours_colour(head: Cutout) -> None:
    head.alpha[300:303, 200:203] = 0
    head.colour[300:303, 200:203] = (0.9, 0.9, 0.9)
    settled = settle(head, shown(head), BLUE)
    assert find_specks(shown(settled), BLUE).count == 0
    assert np.allclose(settled.colour[301, 201], HAIR, atol=0.01)


def test_a_gap_between_arm_and_body_stays_open(head: Cutout) -> None:
    head.alpha[500:520, 140:160] = 0
    assert settle(head, shown(head), BLUE) is head


def test_a_shirt_of_the_backgrounds_colour_is_left_whole(head: Cutout) -> None:
    picture = shown(head)
    picture[400:402, 200:202] = BLUE
    settled = settle(head, picture, BLUE)
    assert (settled.alpha == head.alpha).all()
