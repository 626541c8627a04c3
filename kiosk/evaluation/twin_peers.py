"""Mattes of rendered people by the booth, and by all others in the same run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.evaluation.cutouts import cut_out_as_booth
from kiosk.evaluation.peers import BY_PICTURE, BY_TRIMAP, PeerTask, cut_out_by_peers
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.evaluation.samples import PHOTO_SIZE, GroundTruth, ground_truth, take_sample
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.photo.geometry import Crop
from kiosk.pipeline.photo.resample import resample
from kiosk.twin import find_subject, subject_names
from kiosk.twin.light_stage import RenderedPerson
from kiosk.twin.people import STRANGERS, SUBJECTS

BOOTH, MODNET = "plate and lamp pair", "MODNet"

BEST_PEER_GOAL = 0.35
"""To which share of the error of the best of those who get the picture alone the booth's is to come
on the twin's twelve."""

WHOLE = frozenset({"isnet"})
"""Who does better with the whole capture than with the part that becomes the photo (on the twelve
1.4 against 2.7 thousand: of two people in the part it sees no shirt). RVM does not."""

QUICK_PEOPLE = 3
"""How many people a quick run looks at."""


@dataclass(frozen=True, slots=True)
class CutPerson:
    """A rendered person as the booth cut them out."""

    capture: Picture
    true_alpha: SoftMask
    """Of the capture's size."""
    crop: Crop
    part: Picture
    booth: SoftMask
    modnet: SoftMask
    truth: GroundTruth


def measure_twin_peers(models: LoadedModels, *, quick: bool) -> Iterator[Row]:
    """Cut the twelve and, where they are, the strangers out in all ways.

    Raises KioskError where the peers' program fails.
    """
    for of, folder, goal in (("", SUBJECTS, BEST_PEER_GOAL), ("strangers, ", STRANGERS, None)):
        names = subject_names(folder)[: QUICK_PEOPLE if quick else None]
        if names:
            cut = [_cut(models, name, folder) for name in show_progress(names, "cutting out")]
            yield from _rows(of, goal, _errors(cut))


def _cut(models: LoadedModels, name: str, folder: Path) -> CutPerson:
    subject = RenderedPerson(find_subject(name, folder))
    sample = take_sample(subject, subject.poses[0], seed=1)
    part, chin = cut_out_as_booth(models, sample, sample.evidence)
    return CutPerson(
        sample.capture,
        sample.alpha,
        part.crop,
        part.picture,
        part.cutout.alpha,
        part.estimate.clip(0, 1),
        ground_truth(sample, part, chin),
    )


def _errors(people: Sequence[CutPerson]) -> Mapping[str, NDArray[np.float64]]:
    """By way: SAD and hair's, in thousands, of each person (n × 2)."""
    parts = {str(n): PeerTask(one.part, one.truth.alpha) for n, one in enumerate(people)}
    wholes = {str(n): PeerTask(one.capture, one.true_alpha) for n, one in enumerate(people)}
    by_part = cut_out_by_peers(parts, [*(set(BY_PICTURE) - WHOLE), *BY_TRIMAP])
    by_whole = cut_out_by_peers(wholes, sorted(WHOLE))
    alphas = {
        BOOTH: [one.booth for one in people],
        MODNET: [one.modnet for one in people],
    }
    for way, called in {**BY_PICTURE, **BY_TRIMAP}.items():
        if way in WHOLE:
            made = [crop_alpha(by_whole[way][str(n)], one.crop) for n, one in enumerate(people)]
        else:
            made = [by_part[way][str(n)] for n in range(len(people))]
        alphas[called] = made
    return {
        way: np.array([_sads(a, one.truth) for a, one in zip(each, people, strict=True)])
        for way, each in alphas.items()
    }


def crop_alpha(alpha: SoftMask, crop: Crop) -> SoftMask:
    """The part of a capture's alpha that becomes the photo, at PHOTO_SIZE."""
    return resample(np.repeat(alpha[..., None], 3, 2), crop, PHOTO_SIZE)[..., 0].clip(0, 1)


def _sads(alpha: SoftMask, truth: GroundTruth) -> tuple[float, float]:
    off = np.abs(alpha - truth.alpha)
    return float(off.sum()) / 1000, float(off[truth.hair].sum()) / 1000


def _rows(of: str, goal: float | None, errors: Mapping[str, NDArray[np.float64]]) -> Iterator[Row]:
    booth, booth_hair = errors[BOOTH].mean(0).tolist()
    for way, each in errors.items():
        if way != BOOTH:
            sad, hair = each.mean(0).tolist()
            yield Row("matting", f"{of}{way}: SAD", sad, "thousand", baseline=booth)
            yield Row("matting", f"{of}{way}: hair", hair, "thousand", baseline=booth_hair)
    alone = (MODNET, *BY_PICTURE.values())
    best = min(alone, key=lambda way: float(errors[way][:, 0].sum()))
    share = float(errors[BOOTH][:, 0].sum() / errors[best][:, 0].sum())
    name = f"{of}{BOOTH}: SAD against the best of those with the picture alone, {best}"
    if goal is None:
        yield Row("matting", name, share, "times")
    else:
        yield Row.at_most("matting", name, share, "times", goal)
    for way in BY_TRIMAP.values():
        share = float(errors[BOOTH][:, 0].sum() / errors[way][:, 0].sum())
        yield Row("matting", f"{of}{BOOTH}: SAD against {way}", share, "times")
