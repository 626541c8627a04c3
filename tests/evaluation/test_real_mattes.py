"""Photographed hair laid before other backdrops, with the truth beside it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.errors import UsageError
from kiosk.evaluation import true_mattes
from kiosk.evaluation.laid_mattes import LaidMatte, compose, lay_matte
from kiosk.evaluation.own_colour import estimate_own_colour
from kiosk.evaluation.real_mattes import measure_real_mattes
from kiosk.evaluation.true_mattes import TrueMatte, make_true_matte
from kiosk.evaluation.walls import GREY, draw_wall
from kiosk.pipeline.light import to_srgb

SIZE = 64, 48


def half_covered() -> TrueMatte:
    shape = SIZE[1], SIZE[0]
    return TrueMatte("half", np.full(shape, 0.5, np.float32), np.full((*shape, 3), 0.8, np.float32))


def lay(seed: int) -> LaidMatte:
    rng = np.random.default_rng(seed)
    return lay_matte(half_covered(), draw_wall(GREY, SIZE, rng), rng)


def test_a_pixel_that_hair_covers_by_half_has_half_of_the_light_of_each() -> None:
    backdrop = np.full((SIZE[1], SIZE[0], 3), 0.2, np.float32)
    assert compose(half_covered(), backdrop) == pytest.approx(0.5)
    # The mean of the codes would be another: light is what adds up.
    codes = to_srgb(np.array([[[0.8] * 3, [0.2] * 3, [0.5] * 3]], np.float32))[0, :, 0]
    assert codes[2] > (int(codes[0]) + int(codes[1])) / 2 + 3


def test_the_same_seed_lays_the_same_picture_and_another_another() -> None:
    one, same, other = lay(1), lay(1), lay(2)
    for kind in ("picture", "plate", "estimate"):
        assert np.array_equal(getattr(one, kind), getattr(same, kind)), kind
    assert not np.array_equal(one.picture, other.picture)


def test_the_prior_is_the_truth_blurred_and_displaced() -> None:
    alpha = np.zeros((80, 80), np.float32)
    alpha[30:50, 30:50] = 1
    truth = TrueMatte("square", alpha, np.full((80, 80, 3), 0.5, np.float32))
    laid = lay_matte(truth, np.full((80, 80, 3), 0.1, np.float32), np.random.default_rng(0))
    rows, columns = np.indices(alpha.shape)
    middle = [float((laid.estimate * at).sum() / laid.estimate.sum()) for at in (rows, columns)]
    assert np.hypot(middle[0] - 39.5, middle[1] - 39.5) == pytest.approx(2, abs=0.1)
    assert 0.2 < laid.estimate[30, 40] < 0.8


def test_the_old_backdrop_is_taken_out_of_the_own_colour() -> None:
    alpha = np.tile(np.linspace(1, 0, SIZE[0], dtype=np.float32), (SIZE[1], 1))
    own, behind = np.array([0.7, 0.3, 0.1]), np.array([0.1, 0.2, 0.8])
    seen = np.asarray(alpha[..., None] * own + (1 - alpha[..., None]) * behind, np.float32)
    found = estimate_own_colour(seen, alpha)
    assert found[alpha > 0.2] == pytest.approx(
        np.broadcast_to(own, found.shape)[alpha > 0.2], abs=0.06
    )


def test_a_matte_is_measured_at_one_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(true_mattes, "LONG_SIDE", 40)
    made = make_true_matte(
        "wide", np.full((40, 80, 3), 90, np.uint8), np.full((40, 80, 3), 255, np.uint8)
    )
    assert made.size == (40, 20)
    assert made.alpha.min() == 1


def test_without_photographed_hair_the_bench_says_where_it_looks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIOSK_MATTES", raising=False)
    monkeypatch.setattr(true_mattes, "IN_CHECKOUT", tmp_path / "none")
    (row,) = measure_real_mattes(quick=True, peers=False)
    assert "not measured" in row.row
    assert "KIOSK_MATTES" in row.row
    assert row.ok is None
    monkeypatch.setenv("KIOSK_MATTES", str(tmp_path))
    with pytest.raises(UsageError, match="KIOSK_MATTES"):
        list(measure_real_mattes(quick=True, peers=False))
    for name in ("7-matte.png", "7-truth.png"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    assert true_mattes.mattes_folder() == tmp_path
