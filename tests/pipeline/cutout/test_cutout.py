"""The cut-out: what a plate, a lamp pair or the picture alone tell of the twin's people."""

from dataclasses import replace

import numpy as np
import pytest

from kiosk.evaluation.cutouts import (
    cut_out_as_booth,
    cut_out_crop,
    lay_cutout,
    lay_modnet_alone,
)
from kiosk.evaluation.matte_errors import measure_errors
from kiosk.evaluation.samples import (
    LIGHT_BLUE,
    PHOTO_SIZE,
    GroundTruth,
    Sample,
    ground_truth,
    take_sample,
)
from kiosk.pipeline.cutout.backdrop import fit_backdrop
from kiosk.pipeline.cutout.cutout import cut_out
from kiosk.pipeline.cutout.views import View
from kiosk.pipeline.light import Linear, to_linear
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.resample import resample
from kiosk.pipeline.photo.standardise import Evidence, Part
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson

Made = tuple[Sample, Part, GroundTruth]


def taken(models: LoadedModels, name: str) -> Made:
    sample = take_sample(RenderedPerson(find_subject(name)), "neutral", seed=7)
    part, chin = cut_out_as_booth(models, sample, sample.evidence)
    return sample, part, ground_truth(sample, part, chin)


@pytest.fixture(scope="module")
def mei(models: LoadedModels) -> Made:
    """Long hair with strands that stand off."""
    return taken(models, "mei")


@pytest.fixture(scope="module")
def na(models: LoadedModels) -> Made:
    """A shirt in the backdrop's own blue."""
    return taken(models, "na")


def gain(made: Made, part: Part, kind: str) -> float:
    """How many times less an error is than MODNet's alone."""
    _, first, true = made
    alone = measure_errors(first.estimate.clip(0, 1), lay_modnet_alone(first), true)
    ours = measure_errors(part.cutout.alpha, lay_cutout(part), true)
    return float(getattr(alone, kind) / getattr(ours, kind))


@pytest.mark.parametrize(
    ("evidence", "by"),
    [
        (("plate", "unlit", "unlit_plate"), ("plate",)),
        (("plate",), ("plate",)),
        (("unlit",), ("picture", "lamp pair")),
        ((), ("picture",)),
    ],
)
def test_strands_are_kept_and_leave_no_fringe_whatever_is_known(
    evidence: tuple[str, ...], by: tuple[str, ...], mei: Made, models: LoadedModels
) -> None:
    sample, first, _ = mei
    known = Evidence(**{name: getattr(sample.evidence, name) for name in evidence})
    part = cut_out_crop(models, sample, known, first.crop)
    assert part.cutout.by == by
    assert gain(mei, part, "sad") > 2.5
    assert gain(mei, part, "hair") > 2.2
    assert gain(mei, part, "fringe") > 2


def missing_of_shirt(part: Part, true: GroundTruth) -> float:
    """The share of shoulders and collar that was taken for the backdrop."""
    collar = np.zeros(true.alpha.shape, bool)
    collar[380:560] = True
    collar &= true.alpha > 0.98
    return float((part.cutout.alpha[collar] < 0.5).mean())


def test_a_shirt_in_the_backdrops_very_light_is_found_as_it_stays_when_the_backdrop_darkens(
    na: Made, models: LoadedModels
) -> None:
    sample, part, true = na
    assert part.cutout.by == ("plate", "lamp pair")
    assert missing_of_shirt(part, true) < 0.005
    assert gain(na, part, "sad") > 12
    pair = cut_out_crop(models, sample, Evidence(unlit=sample.evidence.unlit), part.crop)
    assert pair.cutout.by == ("picture", "lamp pair")
    assert missing_of_shirt(pair, true) < 0.01
    assert gain(na, pair, "sad") > 9


def test_where_only_the_person_is_their_colour_stays_to_the_bit(mei: Made) -> None:
    _, part, _ = mei
    whole = part.cutout.alpha == 1
    made = lay_cutout(part)
    assert (made[whole] == part.picture[whole]).all()
    assert (made[part.cutout.alpha == 0] == LIGHT_BLUE).all()


def test_the_face_is_whole_even_where_it_looks_like_the_backdrop(mei: Made) -> None:
    _, part, _ = mei
    seen = to_linear(part.picture)
    plate = np.asarray(part.estimate[..., None] * 0 + seen[5, 5], np.float32)
    seen[part.face] = seen[5, 5]
    found = cut_out(part.estimate, part.face, (View(seen, plate),))
    assert (found.alpha[part.face] == 1).all()


def test_a_gap_in_the_hair_shows_the_new_background_though_modnet_closes_it(mei: Made) -> None:
    sample, part, _ = mei
    seen, plate = to_linear(part.picture), _plate(sample, part)
    gap = np.zeros(part.estimate.shape, bool)
    row, column = 330, int(np.flatnonzero(part.estimate[330] > 0.99)[0]) + 14
    gap[row : row + 12, column : column + 5] = True
    assert not part.face[gap].any()
    seen[gap] = plate[gap]
    found = cut_out(part.estimate, part.face, (View(seen, plate),))
    assert found.alpha[gap].mean() < 0.15
    assert part.cutout.alpha[gap].mean() > 0.95


def _plate(sample: Sample, part: Part) -> Linear:
    assert sample.evidence.plate is not None
    return resample(sample.evidence.plate, part.crop, PHOTO_SIZE)


def test_a_plate_of_another_place_is_not_believed(mei: Made, models: LoadedModels) -> None:
    sample, first, _ = mei
    rng = np.random.default_rng(0)
    assert sample.evidence.plate is not None
    blocks = rng.uniform(0.3, 1.7, (8, 6, 1)).astype(np.float32)
    other = sample.evidence.plate * np.kron(blocks, np.ones((160, 160, 1), np.float32))
    part = cut_out_crop(models, sample, Evidence(plate=other), first.crop)
    assert part.cutout.by == ("picture",)
    assert gain(mei, part, "sad") > 2.5


def test_a_plate_under_dimmer_lamps_still_serves(mei: Made, models: LoadedModels) -> None:
    sample, first, _ = mei
    assert sample.evidence.plate is not None
    part = cut_out_crop(models, sample, Evidence(plate=0.7 * sample.evidence.plate), first.crop)
    assert part.cutout.by == ("plate",)
    assert gain(mei, part, "sad") > 2.5


def test_a_pair_whose_person_moved_away_is_left_out(mei: Made, models: LoadedModels) -> None:
    sample, first, _ = mei
    assert sample.evidence.unlit is not None
    gone = replace(sample.evidence, unlit=np.roll(sample.evidence.unlit, 160, axis=1).copy())
    assert cut_out_crop(models, sample, gone, first.crop).cutout.by == ("plate",)


def test_specks_on_the_backdrop_are_not_cut_out_with_the_person(mei: Made) -> None:
    sample, part, _ = mei
    seen = to_linear(part.picture)
    seen[60:63, 30:33] = 0.02
    found = cut_out(part.estimate, part.face, (View(seen, _plate(sample, part)),))
    assert (found.alpha[55:70, 25:40] == 0).all()


def test_a_picture_that_shows_no_backdrop_is_cut_out_by_modnet_alone(mei: Made) -> None:
    _, part, _ = mei
    seen = to_linear(part.picture)
    soft = np.maximum(part.estimate, 0.03)
    found = cut_out(soft, part.face, (View(seen, None),))
    assert found.by == ()
    assert found.alpha.max() == 1


def test_a_backdrop_is_fitted_around_stray_hair() -> None:
    rng = np.random.default_rng(1)
    true = np.full((160, 120, 3), (0.1, 0.4, 0.7), np.float32)
    seen = (true * (1 + 0.01 * rng.standard_normal(true.shape))).astype(np.float32)
    seen[::7, 20:40] *= 0.4
    outside = np.ones(seen.shape[:2], bool)
    outside[60:, 40:80] = False
    found = fit_backdrop(seen, outside, None)
    assert found is not None
    assert not found.by_plate
    assert np.abs(found.mean / true - 1).max() < 0.03
    assert np.sqrt(found.variance).mean() < 0.015
