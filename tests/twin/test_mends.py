"""What people mend about themselves: seen in the pictures of the light stage."""

import numpy as np
import pytest

from kiosk.twin import find_subject
from kiosk.twin.camera import SensorLight
from kiosk.twin.light_stage import EmptyBooth, Figure, RenderedPerson
from kiosk.twin.mends import stage_mended
from kiosk.twin.wires import Posture


def mended(name: str, *, shirt: bool = False, glasses: bool = False) -> tuple[Figure, Figure]:
    """Somebody at rest, before and after."""
    person = RenderedPerson(find_subject(name))
    before = person.stage("neutral", large=False)
    after = stage_mended(person, "neutral", large=False, other_shirt=shirt, glasses_tilted=glasses)
    return before, after


def chest(figure: Figure) -> np.ndarray:
    return figure.pictures["room"][560:620, 180:300].astype(np.float32)


@pytest.mark.parametrize("name", ["hui", "ravi"])
def test_another_shirt_has_no_stripes_and_leaves_the_face_as_it_was(name: str) -> None:
    before, after = mended(name, shirt=True)
    assert chest(before).std(1).mean() > 5 * chest(after).std(1).mean()
    for lamp in before.pictures:
        assert np.array_equal(before.pictures[lamp][:300], after.pictures[lamp][:300])


def test_another_shirt_is_not_blue() -> None:
    before, after = mended("na", shirt=True)
    red, _, blue = chest(before).mean((0, 1))
    assert blue > 2 * red
    red, _, blue = chest(after).mean((0, 1))
    assert blue == pytest.approx(red, rel=0.25)


def test_tilted_glasses_mirror_no_lamp() -> None:
    before, after = mended("chen", glasses=True)
    lenses = slice(230, 285), slice(160, 320)
    bright = before.pictures["key_left"][lenses].astype(int).max()
    assert bright > after.pictures["key_left"][lenses].astype(int).max() + 30
    assert np.array_equal(before.pictures["room"], after.pictures["room"])


def test_whoever_wears_no_glasses_tilts_none() -> None:
    before, after = mended("lin", glasses=True)
    assert after is before


def test_the_camera_sees_the_other_shirt() -> None:
    seen = SensorLight(RenderedPerson(find_subject("na")), EmptyBooth(), large=False)
    own = seen.light({"room": 1.0}, Posture())
    other = seen.light({"room": 1.0}, Posture(other_shirt=True))
    assert own[590, 240, 2] > 1.5 * other[590, 240, 2]
