"""Glasses, on rendered people who wear some, and with dark lenses put on."""

import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.evaluation.bad_light import BAD_LIGHTS
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.judge.rules import LEAST_RIM
from kiosk.pipeline.look.glasses import measure_glasses
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Glasses
from kiosk.twin import find_subject, props, single_frame
from kiosk.twin.light_stage import RenderedPerson


def seen(looker: Looker, picture: Picture) -> Glasses:
    found = looker.look(picture).glasses
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["chen", "kofi", "mei", "wei"])
def test_a_rim_below_both_eyes_tells_of_glasses(name: str, looker: Looker) -> None:
    assert seen(looker, picture_of(RenderedPerson(find_subject(name)), "neutral")).rim > LEAST_RIM


@pytest.mark.parametrize("name", ["anna", "bo", "hui", "lin", "na", "ravi", "yan"])
def test_faces_without_glasses_have_no_rim(name: str, looker: Looker) -> None:
    assert seen(looker, picture_of(RenderedPerson(find_subject(name)), "neutral")).rim < LEAST_RIM


@pytest.mark.parametrize("name", ["amara", "bo", "kofi", "lin", "mei"])
def test_dark_lenses_let_little_light_through_on_every_skin(name: str, looker: Looker) -> None:
    picture = picture_of(RenderedPerson(find_subject(name)), "neutral")
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    dark = props.put_on_dark_glasses(picture, mesh.points, np.random.default_rng(1))
    clear, tinted = seen(looker, picture).transmission, seen(looker, dark).transmission
    assert clear > 0.5
    assert tinted < 0.3


def test_a_lamp_in_the_lens_before_the_eye_is_glare_and_a_lowered_chin_mends_it(
    looker: Looker,
) -> None:
    glare = seen(
        looker,
        single_frame.take_frame(
            RenderedPerson(find_subject("chen")), "neutral", BAD_LIGHTS["both keys"], noise=True
        ),
    )
    free = seen(looker, picture_of(RenderedPerson(find_subject("wei")), "pitch_-10"))
    assert glare.mirrored > 0.08
    assert free.mirrored < 0.02


def test_a_mesh_beside_the_picture_gives_numbers_all_the_same() -> None:
    found = measure_glasses(np.zeros((64, 64, 3), np.uint8), np.full((478, 2), -4000.0))
    assert np.isfinite([found.rim, found.transmission, found.mirrored]).all()
