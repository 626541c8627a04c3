"""What covers head and face, on rendered people, on portraits, and with props drawn on them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.look.coverage import (
    CLASSES_SIDE,
    PATCH_SIDE,
    Head,
    cut_out_head,
    measure_coverage,
)
from kiosk.pipeline.look.coverage_models import CoverageModels
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Coverage
from kiosk.pipeline.picture import read_picture
from kiosk.twin import find_subject, props, subject_names
from kiosk.twin.light_stage import RenderedPerson


def shown(name: str, pose: str = "neutral") -> Picture:
    return picture_of(RenderedPerson(find_subject(name)), pose)


@pytest.fixture
def segmenters(looker: Looker) -> CoverageModels:
    if looker.coverage_models is None:
        pytest.skip("the selfie multiclass segmenter is not to be had here")
    return looker.coverage_models


def coverage(looker: Looker, segmenters: CoverageModels, picture: Picture) -> Coverage:
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    return segmenters.look(picture, mesh.points)


@pytest.fixture(scope="module")
def at_rest(looker: Looker) -> Callable[[str], Coverage]:
    """What covers somebody who looks ahead; each is looked at once."""

    @cache
    def see(name: str) -> Coverage:
        if looker.coverage_models is None:
            pytest.skip("the selfie multiclass segmenter is not to be had here")
        return coverage(looker, looker.coverage_models, shown(name))

    return see


def test_a_clear_brow_reads_as_nothing_and_a_covered_one_as_its_share(
    looker: Looker, segmenters: CoverageModels, at_rest: Callable[[str], Coverage]
) -> None:
    assert at_rest("lin").brows < 0.05
    assert coverage(looker, segmenters, shown("yan", "hair_over_brows")).brows > 0.5


def test_ears_under_long_hair_are_covered_and_behind_combed_hair_they_are_not(
    at_rest: Callable[[str], Coverage],
) -> None:
    free, under = at_rest("lin"), at_rest("yan")
    assert max(free.ear_left, free.ear_right) < 0.4
    assert min(under.ear_left, under.ear_right) > 0.8


@pytest.mark.parametrize("pose", ["neutral", "head_back", "eyes_closed"])
def test_a_shaven_head_is_bare(pose: str, looker: Looker, segmenters: CoverageModels) -> None:
    assert coverage(looker, segmenters, shown("bo", pose)).headgear < 0.1


def test_hats_are_seen_rendered_drawn_and_real(
    looker: Looker, segmenters: CoverageModels, shared_data: Path
) -> None:
    assert coverage(looker, segmenters, shown("bo", "hat")).headgear > 0.5
    picture = shown("kofi")
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    capped = props.put_on_hat(picture, mesh.points, np.random.default_rng(3))
    assert coverage(looker, segmenters, capped).headgear > 0.3
    assert coverage(looker, segmenters, picture).headgear < 0.1
    worn = read_picture(shared_data / "portraits" / "congress-frederica-wilson.jpg")
    assert coverage(looker, segmenters, worn).headgear > 0.5


def test_another_s_fringe_on_a_free_forehead_is_seen(
    looker: Looker, segmenters: CoverageModels
) -> None:
    heads = []
    for name, pose in (("bo", "neutral"), ("yan", "hair_over_brows")):
        mesh = looker.find_mesh(shown(name, pose))
        assert mesh is not None
        heads.append(cut_out_head(shown(name, pose), mesh.points))
    (bare, placed), (donor, _) = heads
    hair = segmenters.hair_mask(donor, segmenters.class_masks(donor))
    wearing = props.put_on_wig(bare, donor, hair)
    assert segmenters.look(wearing, placed).brows > 0.3


def test_a_mask_lies_over_mouth_and_nose_and_a_bare_face_has_nothing_there(
    looker: Looker, segmenters: CoverageModels
) -> None:
    bare = shown("lin")
    mesh = looker.find_mesh(bare)
    assert mesh is not None
    masked = props.put_on_mask(bare, mesh.points, np.random.default_rng(1))
    assert segmenters.look(bare, mesh.points).mouth == 0
    assert segmenters.look(masked, mesh.points).mouth > 0.5


@pytest.mark.parametrize("name", ["lin", "kofi", "wei"])
def test_a_hand_before_an_eye_is_told(
    name: str, looker: Looker, segmenters: CoverageModels
) -> None:
    bare = shown(name)
    mesh = looker.find_mesh(bare)
    assert mesh is not None
    assert segmenters.look(bare, mesh.points).eyes < 0.1
    held = props.hold_hand_before_eye(bare, mesh.points, np.random.default_rng(1))
    assert segmenters.look(held, mesh.points).eyes > 0.5


def test_shut_eyes_are_not_covered(looker: Looker, segmenters: CoverageModels) -> None:
    assert coverage(looker, segmenters, shown("bo", "eyes_closed")).eyes < 0.1


@pytest.mark.parametrize("name", subject_names())
def test_nobody_without_earrings_is_told_of_any(
    name: str, at_rest: Callable[[str], Coverage]
) -> None:
    assert at_rest(name).earrings < 0.015


def test_an_eye_patch_is_no_pair_of_glasses(
    looker: Looker, segmenters: CoverageModels, shared_data: Path
) -> None:
    worn = read_picture(shared_data / "portraits" / "congress-dan-crenshaw.jpg")
    assert coverage(looker, segmenters, worn).eyes > 0.5


@pytest.mark.parametrize("name", ["chen", "kofi", "mei", "wei", "anna", "bo", "lin", "yan"])
def test_rims_are_things_over_the_nose_and_around_the_eyes(
    name: str, at_rest: Callable[[str], Coverage]
) -> None:
    found = at_rest(name)
    assert (found.glasses > 0.3) == (name in ("chen", "kofi", "mei", "wei"))
    assert (found.glasses < 0.06) == (name not in ("chen", "kofi", "mei", "wei"))
    assert found.lens_darkness < 0.2
    assert found.frame < 0.1


def test_rims_across_both_eyes_are_told_from_rims_around_them(
    looker: Looker, segmenters: CoverageModels
) -> None:
    picture = shown("bo")
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    low = [
        props.put_on_low_glasses(picture, mesh.points, np.random.default_rng(n)) for n in range(4)
    ]
    found = [coverage(looker, segmenters, worn) for worn in low]
    assert np.median([seen.frame for seen in found]) > 0.16


def test_without_the_hair_segmenter_the_six_classes_tell_where_hair_is(
    looker: Looker, segmenters: CoverageModels, models_store: Path
) -> None:
    alone = CoverageModels((models_store / "selfie_multiclass.tflite").read_bytes(), None)
    picture = shown("yan", "hair_over_brows")
    found, both = (coverage(looker, which, picture) for which in (alone, segmenters))
    alone.close()
    assert found.brows > 0.3
    assert found.rise == pytest.approx(both.rise, abs=0.15)


def test_a_mesh_beside_the_picture_gives_numbers_all_the_same() -> None:
    nothing = np.zeros((6, CLASSES_SIDE, CLASSES_SIDE), np.float32)
    away = np.full((478, 2), -4000.0)
    blank = np.zeros((PATCH_SIDE, PATCH_SIDE, 3), np.uint8)
    found = measure_coverage(Head(blank, away), nothing, blank[..., 0].astype(np.float32))
    assert found == Coverage(0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0)
