"""Mattes of photographed hair and fur against their truth, before three backdrops."""

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.evaluation.cutouts import paste
from kiosk.evaluation.hard_mattes import FRINGE_GOAL
from kiosk.evaluation.laid_mattes import LaidMatte, compose, lay_matte
from kiosk.evaluation.matte_errors import MatteErrors, measure_errors
from kiosk.evaluation.peers import BY_TRIMAP, PeerTask, cut_out_by_peers
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.evaluation.samples import LIGHT_BLUE, GroundTruth, outline_band
from kiosk.evaluation.true_mattes import mattes_folder, missing_mattes, read_mattes
from kiosk.evaluation.walls import BACKDROPS
from kiosk.pipeline.cutout.cutout import cut_out
from kiosk.pipeline.cutout.views import View
from kiosk.pipeline.light import to_linear, to_srgb
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.photo.standardise import lay_on_background
from kiosk.pipeline.verify.specks import find_specks

WITH_PLATE, WITHOUT_PLATE = "with a plate", "without a plate"

PRIOR = "the prior alone"

PEER_GOALS: Mapping[str, float] = {"closed-form": 0.6}
"""To which share of a peer's error the booth's is to come with a plate."""

QUICK_MATTES = 3
"""How many of the things a quick run looks at."""

Laid = Mapping[tuple[str, str], LaidMatte]
"""By what is shown, and before what."""

Sads = Mapping[str, NDArray[np.float64]]
"""By way of cutting out: the sum of alpha's absolute differences for each picture, in thousands."""


def measure_real_mattes(*, quick: bool, peers: bool) -> Iterator[Row]:
    """Cut them out with a plate and without, and where `peers` is set as others do with a trimap.

    Raises KioskError where the peers' program fails.
    """
    folder = mattes_folder()
    if folder is None:
        yield missing_mattes("matting")
        return
    laid = _lay(folder, QUICK_MATTES if quick else None)
    errors, specks = _cut_out(laid)
    sads = {way: np.array([one.sad for one in each]) for way, each in errors.items()}
    yield from _rows(
        [before for _, before in laid], {**sads, **(_peer_sads(laid) if peers else {})}
    )
    fringe, baseline = (
        float(np.mean([one.fringe for one in errors[way]])) for way in (WITH_PLATE, PRIOR)
    )
    name = f"photographed hair, {WITH_PLATE}: fringe"
    yield Row.at_most("matting", name, fringe, "ΔE", FRINGE_GOAL, baseline)
    mean, true_mean = np.mean(specks, axis=0).tolist()
    name = f"photographed hair, {WITH_PLATE}: distinct specks, beside the truth's"
    yield Row("matting", name, mean, "", baseline=true_mean)


def _lay(folder: Path, most: int | None) -> Laid:
    """Lay each thing before each backdrop; chance depends on nothing but their names."""
    laid = {}
    for truth in show_progress(list(read_mattes(folder, most)), "laying fur before walls"):
        for before, draw in BACKDROPS.items():
            rng = np.random.default_rng(zlib.crc32(f"{truth.name}, {before}".encode()))
            laid[truth.name, before] = lay_matte(truth, draw(truth.size, rng), rng)
    return laid


def _cut_out(laid: Laid) -> tuple[Mapping[str, list[MatteErrors]], list[tuple[int, int]]]:
    """The errors of each way that gets no truth, picture by picture; and how many distinct specks
    the photo with a plate has, and the truth's.
    """
    specks: list[tuple[int, int]] = []
    found: dict[str, list[MatteErrors]] = {WITH_PLATE: [], WITHOUT_PLATE: [], PRIOR: []}
    for one in show_progress(list(laid.values()), "cutting fur out"):
        truth, nothing = _ground_truth(one), np.zeros(one.estimate.shape, np.bool_)
        for way, plate in ((WITH_PLATE, one.plate_seen), (WITHOUT_PLATE, None)):
            cutout = cut_out(one.estimate, nothing, (View(one.seen, plate),))
            photo = lay_on_background(one.picture, cutout, LIGHT_BLUE)
            found[way].append(measure_errors(cutout.alpha, photo, truth))
            if way == WITH_PLATE:
                both = (find_specks(shown, LIGHT_BLUE) for shown in (photo, truth.photo))
                own, true = (len(of.distinct) for of in both)
                specks.append((own, true))
        pasted = paste(one.picture, one.estimate)
        found[PRIOR].append(measure_errors(one.estimate, pasted, truth))
    return found, specks


def _ground_truth(one: LaidMatte) -> GroundTruth:
    """The truth laid on the photo's background. All of its outline is hair."""
    new = np.broadcast_to(to_linear(np.array(LIGHT_BLUE, np.uint8)), one.picture.shape)
    outline = outline_band(one.truth.alpha)
    return GroundTruth(one.truth.alpha, to_srgb(compose(one.truth, new)), outline, outline)


def _peer_sads(laid: Laid) -> Sads:
    tasks = {str(n): PeerTask(one.picture, one.truth.alpha) for n, one in enumerate(laid.values())}
    found = cut_out_by_peers(tasks, list(BY_TRIMAP))
    return {
        BY_TRIMAP[way]: np.array([_sad(alphas[str(n)], one) for n, one in enumerate(laid.values())])
        for way, alphas in found.items()
    }


def _sad(alpha: SoftMask, one: LaidMatte) -> float:
    return float(np.abs(alpha - one.truth.alpha).sum()) / 1000


def _rows(backdrops: list[str], sads: Sads) -> Iterator[Row]:
    """Means over all pictures and before each backdrop, and the booth's share of each peer's."""
    prior = float(sads[PRIOR].mean())
    for way, each in sads.items():
        name = f"photographed hair, {way}: SAD"
        yield Row("matting", name, float(each.mean()), "thousand", baseline=prior)
    for before in dict.fromkeys(backdrops):
        here = np.array([one == before for one in backdrops])
        name = f"photographed hair before {before}: SAD"
        value, baseline = (float(sads[way][here].mean()) for way in (WITH_PLATE, PRIOR))
        yield Row("matting", name, value, "thousand", baseline=baseline)
    for peer in (way for way in BY_TRIMAP.values() if way in sads):
        share = float(sads[WITH_PLATE].sum() / sads[peer].sum())
        name = f"photographed hair, {WITH_PLATE}: SAD against {peer}"
        goal = PEER_GOALS.get(peer)
        if goal is None:
            yield Row("matting", name, share, "times")
        else:
            yield Row.at_most("matting", name, share, "times", goal)
