"""The light on the face: the twin's people under lamps that are right, and that are not."""

import math
from dataclasses import astuple

import cv2
import numpy as np
import pytest

from kiosk.camera.frame import Controls, Picture
from kiosk.lighting import usual_levels
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.look.skin import measure_skin
from kiosk.pipeline.observation import Skin
from kiosk.twin import find_subject, sensor, single_frame, subject_names
from kiosk.twin.camera import SensorLight
from kiosk.twin.light_stage import EmptyBooth, RenderedPerson
from kiosk.twin.wires import Posture

RIGHT = {**usual_levels.WORKING, "room": 1.0}


def lit(name: str, **lamps: float) -> Picture:
    levels = {**RIGHT, **lamps}
    return single_frame.take_frame(
        RenderedPerson(find_subject(name)), "neutral", levels, noise=True
    )


def seen(looker: Looker, picture: Picture) -> Skin:
    skin = looker.look(picture).skin
    assert skin is not None
    return skin


def ratio(skin: Skin) -> float:
    return skin.light_picture_left / skin.light_picture_right


@pytest.mark.parametrize("name", subject_names())
def test_one_lamp_lights_half_a_face_whatever_its_colour(name: str, looker: Looker) -> None:
    even = seen(looker, lit(name))
    half = seen(looker, lit(name, key_right=0.0, key_left=0.9, fill=0.0, room=0.5))
    assert 0.83 < ratio(even) < 1.2
    assert ratio(half) > 1.45


@pytest.mark.parametrize("name", ["amara", "kofi"])
def test_a_lamp_that_shines_on_dark_skin_is_seen(name: str, looker: Looker) -> None:
    dull = seen(looker, lit(name, key_left=0.0, key_right=0.0, fill=0.0, backdrop=0.0))
    shiny = seen(looker, lit(name, key_left=0.0, key_right=0.0, fill=1.0, room=0.0, backdrop=0.6))
    assert dull.shine < 0.02
    assert shiny.shine > 0.2


def test_skin_is_cut_off_at_white_where_the_light_is_too_strong(looker: Looker) -> None:
    picture = lit("anna")
    glaring = np.minimum(picture.astype(int) * 2, 255).astype(np.uint8)
    assert seen(looker, picture).clipped == 0
    assert seen(looker, glaring).clipped > 0.2


def test_a_picture_without_light_has_no_white_whatever_stands_there(looker: Looker) -> None:
    dim = {lamp: 0.05 * level for lamp, level in RIGHT.items()}
    for name in ("anna", "amara"):
        assert seen(looker, lit(name)).white > 0.3
        assert seen(looker, lit(name, **dim)).white < 0.1


def test_a_blurred_face_has_less_detail_than_a_sharp_one(looker: Looker) -> None:
    for name in ("lin", "kofi", "bo"):
        picture = lit(name)
        blurred = np.asarray(cv2.GaussianBlur(picture, (0, 0), 6), np.uint8)
        assert seen(looker, blurred).sharpness < 0.9 * seen(looker, picture).sharpness


def test_pupils_that_glow_red_are_seen(looker: Looker) -> None:
    picture = lit("lin")
    face = looker.look(picture).face
    assert face is not None
    for eye in (face.eye_left, face.eye_right):
        cv2.circle(picture, (round(eye[0]), round(eye[1])), round(0.1 * face.eye_distance),
                   (230, 40, 40), -1)  # fmt: skip
    assert seen(looker, lit("lin")).red_eye == 0
    assert seen(looker, picture).red_eye > 0.5


def lit_from_the_side(name: str, colour: tuple[float, float, float], share: float) -> Picture:
    """Somebody under the right light, and under a coloured one in the right key lamp's place.

    `share` is its luminance, of the key lamp's.
    """
    scene = SensorLight(RenderedPerson(find_subject(name)), EmptyBooth(), large=True)
    right = scene.light(RIGHT, Posture("neutral")).copy()
    lamp = scene.light({"key_right": RIGHT["key_right"]}, Posture("neutral"))
    rgb = np.array(colour, np.float32)
    both = right + lamp * (share * rgb / (rgb @ (0.2126, 0.7152, 0.0722))).astype(np.float32)
    return sensor.develop(sensor.expose(both, Controls(), None, np.random.default_rng(0)))


@pytest.mark.parametrize("name", ["amara", "kofi", "lin", "ravi"])
def test_coloured_light_from_one_side_is_told_whatever_the_skins_colour(
    name: str, looker: Looker
) -> None:
    assert seen(looker, lit(name)).colour_aside < 0.1
    assert seen(looker, lit_from_the_side(name, (1.0, 1.0, 1.0), 0.3)).colour_aside < 0.1
    for red_or_blue in ((1.0, 0.03, 0.03), (0.05, 0.1, 1.0)):
        assert seen(looker, lit_from_the_side(name, red_or_blue, 0.3)).colour_aside > 0.3


@pytest.mark.parametrize("fill", [0, 127, 255])
@pytest.mark.parametrize("size", [(1, 1), (32, 32), (640, 480)])
def test_no_face_gives_a_number_that_is_none(fill: int, size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), fill, np.uint8)
    rng = np.random.default_rng(3)
    for points in (
        np.zeros((478, 2)),
        np.full((478, 2), -900.0),
        rng.uniform(-200, 900, (478, 2)),
    ):
        assert all(math.isfinite(value) for value in astuple(measure_skin(picture, points)))
