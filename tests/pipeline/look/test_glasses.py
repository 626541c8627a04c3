"""Glasses, on rendered people who wear some, and with dark lenses put on."""

import cv2
import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.evaluation.bad_light import BAD_LIGHTS
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.light import luminance, to_linear, to_srgb
from kiosk.pipeline.look.glasses import measure_glasses
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.look.rim import FLATTER, RAYS, trace_rims
from kiosk.pipeline.observation import Glasses
from kiosk.pipeline.wearing import LEAST_RIM
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


HALF_DARK = 0.45


@pytest.mark.parametrize("name", ["chen", "kofi", "mei", "wei"])
def test_lenses_that_have_half_adapted_to_the_sun_are_told_by_the_step_at_their_border(
    name: str, looker: Looker
) -> None:
    """What is within the rims of clear glasses is darkened, as by such lenses."""
    picture = picture_of(RenderedPerson(find_subject(name)), "neutral")
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    t = float(np.hypot(*(mesh.points[473] - mesh.points[468])))
    lenses = np.zeros(picture.shape[:2], np.float32)
    rims = trace_rims(luminance(picture), mesh.points, t)
    for rim in rims:
        away = rim.outward * np.cos(RAYS), FLATTER * np.sin(RAYS)
        border = rim.middle + np.stack(away, 1) * rim.reach[:, None] * t
        top = border[[-1, 0]] - (0, 0.25 * t)
        cv2.fillPoly(lenses, [np.rint(np.concatenate([border, top])).astype(np.int32)], 1.0)
    dark = to_linear(picture) * (1 - (1 - HALF_DARK) * lenses[..., None])
    before, after = seen(looker, picture), seen(looker, to_srgb(np.asarray(dark, np.float32)))
    assert before.transmission > 0.45
    assert after.transmission < 0.38


def test_a_coating_that_mirrors_green_before_an_eye_is_glare(looker: Looker) -> None:
    picture = picture_of(RenderedPerson(find_subject("mei")), "neutral")
    assert seen(looker, picture).mirrored < 0.02
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    t = float(np.hypot(*(mesh.points[473] - mesh.points[468])))
    window = np.zeros((*picture.shape[:2], 3), np.float32)
    x, y = mesh.points[468]
    box = (slice(round(y - 0.25 * t), round(y)), slice(round(x - 0.3 * t), round(x + 0.3 * t)))
    window[box] = (0.05, 0.45, 0.3)
    coated = to_srgb(to_linear(picture) + window)
    assert seen(looker, coated).mirrored > 0.08


def test_skin_that_shines_beside_the_lens_as_within_it_is_no_glare(looker: Looker) -> None:
    """Dark skin mirrors one key lamp on nose, cheeks and lids; the glasses mirror nothing there."""
    one_key = BAD_LIGHTS["one key lamp"]
    person = RenderedPerson(find_subject("kofi"))
    assert (
        seen(looker, single_frame.take_frame(person, "neutral", one_key, noise=True)).mirrored
        < 0.06
    )


def test_a_mesh_beside_the_picture_gives_numbers_all_the_same() -> None:
    found = measure_glasses(np.zeros((64, 64, 3), np.uint8), np.full((478, 2), -4000.0))
    assert np.isfinite([found.rim, found.transmission, found.mirrored]).all()
