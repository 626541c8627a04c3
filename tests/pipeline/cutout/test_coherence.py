"""A drawn head before a wall: what neighbours tell, on small pictures whose alpha is known."""

from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from kiosk.pipeline.cutout.belief import ESTIMATES, fit_belief
from kiosk.pipeline.cutout.coherence import ask_neighbours
from kiosk.pipeline.cutout.cutout import Cutout, cut_out
from kiosk.pipeline.cutout.views import View
from kiosk.pipeline.light import Linear, to_linear, to_srgb
from kiosk.pipeline.mask import Mask, SoftMask

HEIGHT, WIDTH = 320, 240
HAIR, PALE, WALL = (0.03, 0.025, 0.02), (0.7, 0.72, 0.74), (0.62, 0.65, 0.66)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A person of two colours, and what is true of them."""

    alpha: SoftMask
    colour: Linear
    plate: Linear

    def seen(self, noise: float, seed: int = 0) -> Linear:
        """What a camera sees, with noise of a standard deviation in linear light, as sRGB codes."""
        cover = self.alpha[..., None]
        light = self.colour * cover + self.plate * (1 - cover)
        noisy = light + np.random.default_rng(seed).normal(0, noise, light.shape)
        return to_linear(to_srgb(np.asarray(noisy, np.float32)))

    def cut(self, noise: float, *, plate: bool) -> Cutout:
        """Cut out, with an estimate as soft as a network's."""
        soft = np.asarray(cv2.GaussianBlur(self.alpha, (0, 0), 2.5), np.float32)
        view = View(self.seen(noise), self.plate if plate else None)
        return cut_out(soft, np.zeros(soft.shape, bool), (view,))


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    """Dark hair above a shirt that is nearly as pale as the wall; a tail of hair hangs beside it,
    and single strands stand off.
    """
    fine = np.zeros((HEIGHT * 4, WIDTH * 4), np.uint8)
    shirt = fine.copy()
    cv2.ellipse(fine, (480, 480), (220, 300), 0, 0, 360, 255, -1)
    cv2.ellipse(shirt, (480, 1280), (440, 470), 0, 0, 360, 255, -1)
    cv2.ellipse(fine, (760, 760), (44, 330), 0, 0, 360, 255, -1)
    cv2.line(fine, (640, 420), (760, 480), 255, 60)
    for end in ((120, 300), (160, 620), (700, 120)):
        cv2.line(fine, (480, 400), end, 255, 4)
    size = (WIDTH, HEIGHT)
    hair, cloth = (
        np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32) / 255
        for mask in (fine, shirt)
    )
    alpha = hair + cloth * (1 - hair)
    share = (hair / np.maximum(alpha, 1e-6))[..., None]
    colour = share * np.array(HAIR, np.float32) + (1 - share) * np.array(PALE, np.float32)
    plate = np.tile(np.array(WALL, np.float32), (HEIGHT, WIDTH, 1))
    return Drawn(np.asarray(alpha, np.float32), np.asarray(colour, np.float32), plate)


def floating(alpha: SoftMask, above: float) -> int:
    """How many bits hang on nothing."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((alpha > above).astype(np.uint8))
    return len(stats) - 2


@pytest.mark.parametrize("plate", [True, False], ids=["plate", "no plate"])
@pytest.mark.parametrize("noise", [0.004, 0.02])
def test_a_noisy_wall_leaves_nothing_floating(drawn: Drawn, noise: float, plate: bool) -> None:
    found = drawn.cut(noise, plate=plate)
    assert floating(found.alpha, 0.3) <= 2
    assert np.abs(found.alpha - drawn.alpha).mean() < 0.012


@pytest.mark.parametrize("plate", [True, False], ids=["plate", "no plate"])
def test_hair_beside_a_shirt_like_the_wall_is_not_bitten(drawn: Drawn, plate: bool) -> None:
    found = drawn.cut(0.004, plate=plate)
    tail = np.zeros(drawn.alpha.shape, bool)
    tail[150:260, 170:210] = True
    whole = tail & (drawn.alpha > 0.99)
    assert (found.alpha[whole] > 0.9).mean() > 0.99


def test_a_strand_of_one_pixel_is_kept(drawn: Drawn) -> None:
    found = drawn.cut(0.004, plate=True)
    strand = (slice(78, 96), slice(40, 70))
    missing = found.alpha[strand].sum() / drawn.alpha[strand].sum()
    assert 0.75 < missing < 1.2


def test_neighbours_calm_a_noisy_edge_and_keep_a_strand() -> None:
    # No alpha at which noise would be cut off on one side.
    true = np.full((60, 60), 0.25, np.float32)
    true[:, 30:] = true[20, 5:30] = 0.75
    light = np.repeat(0.6 - 0.5 * true[..., None], 3, 2).astype(np.float32)
    rng = np.random.default_rng(1)
    told = (true + rng.normal(0, 0.1, true.shape).astype(np.float32)).clip(0, 1)
    asked: Mask = np.zeros(true.shape, bool)
    asked[2:-2, 2:-2] = True
    unsure = np.full(true.shape, 100, np.float32)
    better = ask_neighbours(light, told, unsure, asked)
    assert np.abs(better - true)[asked].mean() < 0.5 * np.abs(told - true)[asked].mean()
    assert better[20, 8:28].mean() > 0.7
    sure = np.full(true.shape, 1e6, np.float32)
    assert np.abs(ask_neighbours(light, told, sure, asked) - told).max() < 0.01


def test_a_belief_is_what_alpha_was_where_the_network_said_so() -> None:
    estimate = np.repeat(np.array(ESTIMATES, np.float32)[:, None], 100, 1)
    true = np.clip(estimate * 2 - 0.5, 0, 1).astype(np.float32)
    true[:, ::2] = np.clip(true[:, ::2] + 0.1, 0, 1)
    mean, deviation = fit_belief([(estimate, true)]).weigh(np.array([[0.5]], np.float32))
    assert mean[0, 0] == pytest.approx(0.55, abs=1e-3)
    assert deviation[0, 0] == pytest.approx(0.1, abs=1e-3)
