"""Each of the twin's people cut out with a belief in MODNet that was fitted on all the others."""

from collections.abc import Iterator

import numpy as np

from kiosk.evaluation.cutouts import cut_out_as_booth, lay_cutout, lay_modnet_alone
from kiosk.evaluation.matte_errors import MatteErrors, measure_errors
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.evaluation.samples import PHOTO_SIZE, GroundTruth, Sample, ground_truth, take_sample
from kiosk.pipeline.cutout.belief import Belief, fit_belief
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.photo.standardise import Part
from kiosk.pipeline.specification import specification
from kiosk.twin import find_subject, subject_names
from kiosk.twin.light_stage import RenderedPerson

SAD_GOAL, HAIR_GOAL, WORST_GOAL = 3.0, 3.0, 2.2
"""By how many times a matte's error is to be less than MODNet's alone: in sum, and at worst."""

SEED = 2


def measure_left_out(models: LoadedModels, *, quick: bool) -> Iterator[Row]:
    """Cut each person out with all the evidence, as if nobody had seen them before."""
    names = subject_names()[:3] if quick else subject_names()
    seen: dict[str, tuple[SoftMask, SoftMask]] = {}
    for name in show_progress(names, "learning from"):
        _, part, true = _take(models, name)
        seen[name] = part.estimate, true.alpha
    found: list[tuple[MatteErrors, MatteErrors]] = []
    for name in show_progress(names, "leaving out"):
        belief = fit_belief(pair for other, pair in seen.items() if other != name)
        found.append(_measure(models, name, belief))
    yield from _rows(found)


def _take(models: LoadedModels, name: str) -> tuple[Sample, Part, GroundTruth]:
    subject = RenderedPerson(find_subject(name))
    sample = take_sample(subject, subject.poses[0], seed=SEED)
    part, chin = cut_out_as_booth(models, sample, sample.evidence)
    return sample, part, ground_truth(sample, part, chin)


def _measure(models: LoadedModels, name: str, belief: Belief) -> tuple[MatteErrors, MatteErrors]:
    sample, first, true = _take(models, name)
    geometry = specification().profile().geometry
    measured = models.standardiser.measure(sample.capture, geometry, sample.evidence)
    part = models.standardiser.cut_out_crop(measured, first.crop, PHOTO_SIZE, belief)
    ours = measure_errors(part.cutout.alpha, lay_cutout(part), true)
    return ours, measure_errors(part.estimate.clip(0, 1), lay_modnet_alone(part), true)


def _rows(found: list[tuple[MatteErrors, MatteErrors]]) -> Iterator[Row]:
    sad, hair = (
        np.array([[getattr(errors, kind) for errors in pair] for pair in found])
        for kind in ("sad", "hair")
    )
    of = "person left out"
    for name, errors, goal in (("SAD", sad, SAD_GOAL), ("hair's error", hair, HAIR_GOAL)):
        gain = float(errors[:, 1].sum() / errors[:, 0].sum())
        yield Row.at_least("matting", f"{of}: {name} less than MODNet's", gain, "times", goal)
    worst = float((sad[:, 1] / sad[:, 0]).min())
    yield Row.at_least("matting", f"{of}: SAD, worst person", worst, "times", WORST_GOAL)
