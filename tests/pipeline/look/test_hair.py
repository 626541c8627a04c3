"""Hair and headgear, on rendered people and on heads that wear another's hair or a cap."""

import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.look.hair import PATCH_SIDE, measure_hair, upright_head
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Hair
from kiosk.twin import find_subject, props
from kiosk.twin.light_stage import RenderedPerson


def shown(name: str, pose: str = "neutral") -> Picture:
    return picture_of(RenderedPerson(find_subject(name)), pose)


def hair(looker: Looker, picture: Picture) -> Hair:
    if looker.hair_segmenter is None:
        pytest.skip("the hair segmenter is not to be had here")
    found = looker.look(picture).hair
    assert found is not None
    return found


def test_a_clear_brow_reads_as_nothing_and_a_covered_one_as_its_share(looker: Looker) -> None:
    assert hair(looker, shown("lin")).brows == 0
    assert hair(looker, shown("yan", "hair_over_brows")).brows > 0.5


def test_ears_under_long_hair_are_covered_and_behind_combed_hair_they_are_not(
    looker: Looker,
) -> None:
    free, under = hair(looker, shown("lin")), hair(looker, shown("anna"))
    assert max(free.ear_left, free.ear_right) < 0.3
    assert min(under.ear_left, under.ear_right) > 0.7


@pytest.mark.parametrize("pose", ["neutral", "head_back", "eyes_closed"])
def test_a_shaven_head_is_bare(pose: str, looker: Looker) -> None:
    assert hair(looker, shown("bo", pose)).covering < 0.3


def test_a_hat_is_neither_hair_nor_skin(looker: Looker) -> None:
    assert hair(looker, shown("bo", "hat")).covering > 0.4
    picture = shown("kofi")
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    capped = props.put_on_hat(picture, mesh.points, np.random.default_rng(3))
    assert hair(looker, capped).covering > hair(looker, picture).covering + 0.4


def test_another_s_fringe_on_a_free_forehead_is_seen(looker: Looker) -> None:
    if looker.hair_segmenter is None:
        pytest.skip("the hair segmenter is not to be had here")
    heads = []
    for name, pose in (("bo", "neutral"), ("yan", "hair_over_brows")):
        mesh = looker.find_mesh(shown(name, pose))
        assert mesh is not None
        heads.append(upright_head(shown(name, pose), mesh.points))
    (bare, placed), (donor, _) = heads
    wearing = props.put_on_wig(bare, donor, looker.hair_segmenter.mask(donor))
    found = measure_hair(wearing, placed, looker.hair_segmenter.mask(wearing))
    assert found.brows > 0.3


def test_a_mesh_beside_the_picture_gives_numbers_all_the_same() -> None:
    blank = np.zeros((PATCH_SIDE, PATCH_SIDE, 3), np.uint8)
    away = np.full((478, 2), -4000.0)
    found = measure_hair(blank, away, np.zeros((PATCH_SIDE, PATCH_SIDE), np.float32))
    assert (found.brows, found.covering) == (0, 0)
