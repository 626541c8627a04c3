"""The outline: what an old backdrop leaves on it, and what is bitten out of it."""

import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.evaluation.spoilt_photos import STRENGTHS, bite, leave_band
from kiosk.pipeline.verify.bites import Bite, find_bites
from kiosk.pipeline.verify.edge import find_edge
from kiosk.pipeline.verify.outline import measure_outline
from kiosk.pipeline.verify.silhouette import find_silhouette
from tests.pipeline.verify.figures import BLUE, CHIN, draw_person


def fringe(photo: Picture) -> float:
    found = measure_outline(photo, find_edge(find_silhouette(photo, BLUE)), BLUE).fringe
    assert found is not None
    return found


def bites(photo: Picture) -> tuple[Bite, ...]:
    parted = find_silhouette(photo, BLUE)
    edge = find_edge(parted)
    return () if edge is None else find_bites(edge, parted.off, CHIN)


@pytest.mark.parametrize("strength", STRENGTHS)
def test_the_old_backdrops_light_along_the_outline_is_a_fringe(strength: str) -> None:
    person = draw_person()
    clean = fringe(person.lay(BLUE))
    assert clean < 1
    spoilt = leave_band(person, BLUE, STRENGTHS[strength], np.random.default_rng(1))
    assert fringe(spoilt) > clean + 1.5


def test_a_hole_bitten_out_of_the_hair_is_found_at_its_place() -> None:
    person = draw_person()
    assert bites(person.lay(BLUE)) == ()
    for seed in range(2):
        spoilt = bite(person, BLUE, STRENGTHS["plain"], np.random.default_rng(seed))
        gone = np.argwhere(np.abs(spoilt.astype(int) - person.lay(BLUE)).max(2) > 60)
        (found,) = bites(spoilt)
        assert np.hypot(*(gone.mean(0) - (found.y, found.x))) < 4


def test_nobody_has_no_outline() -> None:
    plain = np.full((640, 480, 3), BLUE, np.uint8)
    assert find_edge(find_silhouette(plain, BLUE)) is None
    assert measure_outline(plain, None, BLUE).fringe is None
    assert bites(plain) == ()
