"""The grey card, and the exposure that the booth's defaults give it."""

import numpy as np
import pytest

from kiosk.camera.frame import Controls
from kiosk.config import Config
from kiosk.evaluation.twin_pictures import WORKING_LIGHT
from kiosk.pipeline.light import to_linear
from kiosk.twin import find_subject, sensor
from kiosk.twin.camera import SensorLight
from kiosk.twin.grey_card import ALBEDO, hold_card, light_on_white
from kiosk.twin.light_stage import EmptyBooth, Light, RenderedPerson
from kiosk.twin.wires import AWAY
from kiosk.upkeep.measures import card_patch

SHAPE = (640, 480)


@pytest.fixture(scope="module")
def empty() -> Light:
    scene = SensorLight(RenderedPerson(find_subject("lin")), EmptyBooth(), large=False)
    return scene.light(WORKING_LIGHT, AWAY)


def test_the_booths_defaults_expose_the_card_right_and_clip_nothing(empty: Light) -> None:
    assert Config().camera.analogue_gain == Controls().analogue_gain
    read = sensor.expose(hold_card(empty, WORKING_LIGHT), Controls(), None, np.random.default_rng())
    card = to_linear(card_patch(sensor.develop(read)))
    assert card.mean() == pytest.approx(ALBEDO, rel=0.02)
    # What the key lamps or a window may add to the backdrop has room.
    assert read.max() < 0.85


def test_a_key_lamp_alone_lights_the_cards_side_that_is_nearer() -> None:
    _, _, left = light_on_white({"key_left": 1.0}, SHAPE)
    _, _, right = light_on_white({"key_right": 1.0}, SHAPE)
    assert left[:, 0].mean() > 1.1 * left[:, -1].mean()
    np.testing.assert_allclose(left, right[:, ::-1], rtol=1e-3)


def test_the_lamps_behind_the_card_do_not_light_it() -> None:
    assert light_on_white({"backdrop": 1.0}, SHAPE)[2].max() == 0
