"""Mattes of photographed hair and fur against their truth, before three backdrops."""

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.evaluation.laid_mattes import LaidMatte, lay_matte
from kiosk.evaluation.peers import BY_TRIMAP, PeerTask, cut_out_by_peers
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.evaluation.true_mattes import mattes_folder, missing_mattes, read_mattes
from kiosk.evaluation.walls import BACKDROPS
from kiosk.pipeline.cutout.cutout import View, cut_out
from kiosk.pipeline.mask import SoftMask

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
    sads = {**_own_sads(laid), **(_peer_sads(laid) if peers else {})}
    yield from _rows([before for _, before in laid], sads)


def _lay(folder: Path, most: int | None) -> Laid:
    """Lay each thing before each backdrop; chance depends on nothing but their names."""
    laid = {}
    for truth in show_progress(list(read_mattes(folder, most)), "laying fur before walls"):
        for before, draw in BACKDROPS.items():
            rng = np.random.default_rng(zlib.crc32(f"{truth.name}, {before}".encode()))
            laid[truth.name, before] = lay_matte(truth, draw(truth.size, rng), rng)
    return laid


def _own_sads(laid: Laid) -> Sads:
    found: dict[str, list[float]] = {}
    for one in show_progress(list(laid.values()), "cutting fur out"):
        face = np.zeros(one.estimate.shape, np.bool_)
        views = {WITH_PLATE: View(one.seen, one.plate_seen), WITHOUT_PLATE: View(one.seen, None)}
        for way, view in views.items():
            found.setdefault(way, []).append(_sad(cut_out(one.estimate, face, (view,)).alpha, one))
        found.setdefault(PRIOR, []).append(_sad(one.estimate, one))
    return {way: np.array(sads) for way, sads in found.items()}


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
