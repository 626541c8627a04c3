"""The cut-out: what a plate, a lamp pair or the picture alone tell of the twin's people."""

from dataclasses import replace

import numpy as np
import pytest

from kiosk.evaluation import matting as mattes
from kiosk.evaluation.matting import Shot, Truth
from kiosk.pipeline.cutout import backdrop
from kiosk.pipeline.cutout.cutout import View, cut_out
from kiosk.pipeline.light import Linear, to_linear
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.standardise import Evidence, Part, resample
from kiosk.twin import find
from kiosk.twin.stage import Rendered

Made = tuple[Shot, Part, Truth]


def taken(eyes: LoadedModels, name: str) -> Made:
    shot = mattes.shoot(Rendered(find(name)), "neutral", seed=7)
    part, chin = mattes.ours(eyes, shot, shot.evidence)
    return shot, part, mattes.truth(shot, part, chin)


@pytest.fixture(scope="module")
def mei(eyes: LoadedModels) -> Made:
    """Long hair with strands that stand off."""
    return taken(eyes, "mei")


@pytest.fixture(scope="module")
def na(eyes: LoadedModels) -> Made:
    """A shirt in the backdrop's own blue."""
    return taken(eyes, "na")


def gain(made: Made, part: Part, kind: str) -> float:
    """How many times less an error is than MODNet's alone."""
    _, first, true = made
    alone = mattes.errors(first.soft.clip(0, 1), mattes.plain(first), true)
    ours = mattes.errors(part.cutout.alpha, mattes.photo(part), true)
    return float(getattr(alone, kind) / getattr(ours, kind))


@pytest.mark.parametrize(
    ("evidence", "by"),
    [
        (("plate", "unlit", "unlit_plate"), ("plate", "lamp pair")),
        (("plate",), ("plate",)),
        (("unlit",), ("picture", "lamp pair")),
        ((), ("picture",)),
    ],
)
def test_strands_are_kept_and_leave_no_fringe_whatever_is_known(
    evidence: tuple[str, ...], by: tuple[str, ...], mei: Made, eyes: LoadedModels
) -> None:
    shot, first, _ = mei
    known = Evidence(**{name: getattr(shot.evidence, name) for name in evidence})
    part = mattes.again(eyes, shot, known, first.crop)
    assert part.cutout.by == by
    assert gain(mei, part, "sad") > 2.5
    assert gain(mei, part, "hair") > 2.2
    assert gain(mei, part, "fringe") > 2


def test_a_shirt_in_the_backdrops_blue_is_found(na: Made) -> None:
    _, part, true = na
    collar = np.zeros(true.alpha.shape, bool)
    collar[380:560] = True
    missing = (true.alpha > 0.98) & collar & (part.cutout.alpha < 0.5)
    assert missing.sum() < 0.02 * ((true.alpha > 0.98) & collar).sum()
    assert gain(na, part, "sad") > 1.7


def test_where_only_the_person_is_their_colour_stays_to_the_bit(mei: Made) -> None:
    _, part, _ = mei
    whole = part.cutout.alpha == 1
    made = mattes.photo(part)
    assert (made[whole] == part.picture[whole]).all()
    assert (made[part.cutout.alpha == 0] == mattes.BLUE).all()


def test_the_face_is_whole_even_where_it_looks_like_the_backdrop(mei: Made) -> None:
    _, part, _ = mei
    seen = to_linear(part.picture)
    plate = np.asarray(part.soft[..., None] * 0 + seen[5, 5], np.float32)
    seen[part.inside] = seen[5, 5]
    found = cut_out(part.soft, part.inside, (View(seen, plate),))
    assert (found.alpha[part.inside] == 1).all()


def test_a_gap_in_the_hair_shows_the_new_background_though_modnet_closes_it(mei: Made) -> None:
    shot, part, _ = mei
    seen, plate = to_linear(part.picture), _plate(shot, part)
    gap = np.zeros(part.soft.shape, bool)
    row, column = 330, int(np.flatnonzero(part.soft[330] > 0.99)[0]) + 14
    gap[row : row + 12, column : column + 5] = True
    assert not part.inside[gap].any()
    seen[gap] = plate[gap]
    found = cut_out(part.soft, part.inside, (View(seen, plate),))
    assert found.alpha[gap].mean() < 0.15
    assert part.cutout.alpha[gap].mean() > 0.95


def _plate(shot: Shot, part: Part) -> Linear:
    assert shot.evidence.plate is not None
    return resample(shot.evidence.plate, part.crop, mattes.SIZE)


def test_a_plate_of_another_place_is_not_believed(mei: Made, eyes: LoadedModels) -> None:
    shot, first, _ = mei
    rng = np.random.default_rng(0)
    assert shot.evidence.plate is not None
    blocks = rng.uniform(0.3, 1.7, (8, 6, 1)).astype(np.float32)
    other = shot.evidence.plate * np.kron(blocks, np.ones((160, 160, 1), np.float32))
    part = mattes.again(eyes, shot, Evidence(plate=other), first.crop)
    assert part.cutout.by == ("picture",)
    assert gain(mei, part, "sad") > 2.5


def test_a_plate_under_dimmer_lamps_still_serves(mei: Made, eyes: LoadedModels) -> None:
    shot, first, _ = mei
    assert shot.evidence.plate is not None
    part = mattes.again(eyes, shot, Evidence(plate=0.7 * shot.evidence.plate), first.crop)
    assert part.cutout.by == ("plate",)
    assert gain(mei, part, "sad") > 2.5


def test_a_pair_whose_person_moved_away_is_left_out(mei: Made, eyes: LoadedModels) -> None:
    shot, first, _ = mei
    assert shot.evidence.unlit is not None
    gone = replace(shot.evidence, unlit=np.roll(shot.evidence.unlit, 160, axis=1).copy())
    assert mattes.again(eyes, shot, gone, first.crop).cutout.by == ("plate",)


def test_specks_on_the_backdrop_are_not_cut_out_with_the_person(mei: Made) -> None:
    shot, part, _ = mei
    seen = to_linear(part.picture)
    seen[60:63, 30:33] = 0.02
    found = cut_out(part.soft, part.inside, (View(seen, _plate(shot, part)),))
    assert (found.alpha[55:70, 25:40] == 0).all()


def test_a_picture_that_shows_no_backdrop_is_cut_out_by_modnet_alone(mei: Made) -> None:
    _, part, _ = mei
    seen = to_linear(part.picture)
    soft = np.maximum(part.soft, 0.03)
    found = cut_out(soft, part.inside, (View(seen, None),))
    assert found.by == ()
    assert found.alpha.max() == 1


def test_a_backdrop_is_fitted_around_stray_hair() -> None:
    rng = np.random.default_rng(1)
    true = np.full((160, 120, 3), (0.1, 0.4, 0.7), np.float32)
    seen = (true * (1 + 0.01 * rng.standard_normal(true.shape))).astype(np.float32)
    seen[::7, 20:40] *= 0.4
    outside = np.ones(seen.shape[:2], bool)
    outside[60:, 40:80] = False
    found = backdrop.fit(seen, outside, None)
    assert found is not None
    assert not found.by_plate
    assert np.abs(found.mean / true - 1).max() < 0.03
    assert np.sqrt(found.variance).mean() < 0.015
