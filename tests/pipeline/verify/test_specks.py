"""Specks: what nobody wants on a photo is told from what hair does by itself."""

import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.pipeline.specification import Codes
from kiosk.pipeline.verify.specks import find_specks
from tests.pipeline.verify.figures import BLUE, draw_person

GREY: Codes = (118, 120, 124)


def painted(at: tuple[int, int], size: int, colour: Codes) -> Picture:
    photo = draw_person().lay(BLUE)
    x, y = at
    photo[y : y + size, x : x + size] = colour
    return photo


def test_a_clean_photo_has_none() -> None:
    assert find_specks(draw_person().lay(BLUE), BLUE).count == 0


@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_bit_of_the_old_backdrop_beside_the_head_is_a_distinct_island(size: int) -> None:
    specks = find_specks(painted((110, 250), size, GREY), BLUE)
    (island,) = specks.islands
    assert (island.area, island.distinct) == (size * size, True)
    assert 110 <= island.x < 110 + size
    assert 250 <= island.y < 250 + size
    assert specks.distinct == (island,)


@pytest.mark.parametrize("at", [(240, 180), (240, 560)], ids=["hair", "cloth"])
def test_background_that_shows_through_is_a_distinct_pin_hole(at: tuple[int, int]) -> None:
    specks = find_specks(painted(at, 2, BLUE), BLUE)
    (hole,) = specks.holes
    assert (hole.x in range(at[0], at[0] + 2), hole.area, hole.distinct) == (True, 4, True)


def test_what_is_larger_than_a_speck_is_none_but_a_speck_grows_with_the_photo() -> None:
    photo = painted((110, 250), 5, GREY)
    assert find_specks(photo, BLUE).count == 0
    assert find_specks(photo.repeat(2, 0).repeat(2, 1), BLUE).count == 0
    small = painted((110, 250), 4, GREY)
    assert find_specks(small.repeat(2, 0).repeat(2, 1), BLUE).count == 1


def test_the_end_of_a_strand_that_fades_and_comes_again_is_not_distinct() -> None:
    photo = draw_person().lay(BLUE)
    photo[250, 100:136] = (70, 160, 220)
    photo[250, 112:136] = (82, 176, 228)
    photo[250, 100:104] = (60, 145, 205)
    specks = find_specks(photo, BLUE)
    assert (len(specks.islands), specks.distinct) == (1, ())


def test_a_dim_gap_in_curls_is_not_distinct() -> None:
    specks = find_specks(painted((240, 180), 2, (85, 170, 222)), BLUE)
    assert (len(specks.holes), specks.distinct) == (1, ())


def test_on_white_a_glint_in_an_eye_is_no_pin_hole() -> None:
    photo = draw_person((30, 30, 60)).lay((255, 255, 255))
    photo[260, 200:202] = 255
    assert find_specks(photo, (255, 255, 255)).holes == ()


def test_a_photo_full_of_specks_tells_each() -> None:
    photo = draw_person().lay(BLUE)
    places = [(x, y) for x in range(30, 110, 8) for y in range(100, 180, 8)]
    for x, y in places:
        photo[y, x] = GREY
    found = find_specks(photo, BLUE)
    assert {(speck.x, speck.y) for speck in found.islands} == set(places)
    assert np.all([speck.distinct for speck in found.islands])
