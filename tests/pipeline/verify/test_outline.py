"""The outline: what an old backdrop leaves on it."""

import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.evaluation.spoilt_photos import STRENGTHS, leave_band
from kiosk.pipeline.verify.edge import find_edge
from kiosk.pipeline.verify.outline import measure_outline
from kiosk.pipeline.verify.silhouette import find_silhouette
from tests.pipeline.verify.figures import BLUE, draw_person


def fringe(photo: Picture) -> float:
    found = measure_outline(photo, find_edge(find_silhouette(photo, BLUE)), BLUE).fringe
    assert found is not None
    return found


@pytest.mark.parametrize("strength", STRENGTHS)
def test_the_old_backdrops_light_along_the_outline_is_a_fringe(strength: str) -> None:
    person = draw_person()
    clean = fringe(person.lay(BLUE))
    assert clean < 1
    spoilt = leave_band(person, BLUE, STRENGTHS[strength], np.random.default_rng(1))
    assert fringe(spoilt) > clean + 1.5


def test_nobody_has_no_outline() -> None:
    plain = np.full((640, 480, 3), BLUE, np.uint8)
    assert find_edge(find_silhouette(plain, BLUE)) is None
    assert measure_outline(plain, None, BLUE).fringe is None
