"""Mattes of the twin's people against the truth: the booth's, and other ways of cutting out."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from kiosk.config import Config
from kiosk.evaluation.cutouts import (
    cut_out_as_booth,
    cut_out_crop,
    follow_hivision,
    lay_cutout,
    lay_modnet_alone,
)
from kiosk.evaluation.hard_mattes import measure_strangers, measure_worse_twins
from kiosk.evaluation.left_out import measure_left_out
from kiosk.evaluation.matte_errors import MatteErrors, measure_errors
from kiosk.evaluation.peers import require_peers
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.real_mattes import measure_real_mattes
from kiosk.evaluation.rows import Row
from kiosk.evaluation.samples import Sample, ground_truth, take_sample
from kiosk.evaluation.twin_peers import measure_twin_peers
from kiosk.pipeline.loading import LoadedModels, load_models
from kiosk.pipeline.photo.standardise import Evidence
from kiosk.twin import find_subject, subject_names
from kiosk.twin.light_stage import RenderedPerson

BEST, PEER = "plate and lamp pair", "MODNet alone"

GAIN_GOALS: Mapping[str, float] = {BEST: 3.0, "plate only": 1.7, "one plain photo": 1.2}
"""By how many times a matte's error is to be less than MODNet's alone."""


def measure(config: Config, *, quick: bool, peers: bool = False) -> Iterator[Row]:
    """Cut each person out in each way, and sum the errors up over all people.

    With `peers` others cut out the same (`make peers`); raises UsageError where they are missing.
    """
    if peers:
        require_peers()
    models = load_models(config.models.store)
    found: dict[str, list[MatteErrors]] = {}
    for name in show_progress(subject_names()[:3] if quick else subject_names(), "cutting out"):
        subject = RenderedPerson(find_subject(name))
        sample = take_sample(subject, subject.poses[0], seed=1)
        for way, errors in _errors_by_way(models, sample).items():
            found.setdefault(way, []).append(errors)
    yield from _rows(found)
    yield from measure_left_out(models, quick=quick)
    yield from measure_strangers(models, quick=quick)
    yield from measure_worse_twins(models, quick=quick)
    yield from measure_real_mattes(quick=quick, peers=peers)
    if peers:
        yield from measure_twin_peers(models, quick=quick)
    models.looker.close()


def _errors_by_way(models: LoadedModels, sample: Sample) -> dict[str, MatteErrors]:
    part, chin = cut_out_as_booth(models, sample, sample.evidence)
    truth = ground_truth(sample, part, chin)
    plate_only = Evidence(plate=sample.evidence.plate)
    by_plate = cut_out_crop(models, sample, plate_only, part.crop)
    by_photo = cut_out_crop(models, sample, Evidence(), part.crop)
    hivision = follow_hivision(models.matter, sample.capture, part.crop)
    made = {
        BEST: (part.cutout.alpha, lay_cutout(part)),
        "plate only": (by_plate.cutout.alpha, lay_cutout(by_plate)),
        "one plain photo": (by_photo.cutout.alpha, lay_cutout(by_photo)),
        "HivisionIDPhotos' steps": hivision,
        PEER: (part.estimate.clip(0, 1), lay_modnet_alone(part)),
    }
    return {way: measure_errors(alpha, photo, truth) for way, (alpha, photo) in made.items()}


def _rows(found: Mapping[str, list[MatteErrors]]) -> Iterator[Row]:
    """The errors' means over all people, and how many times less they are than MODNet's."""

    def of_each(way: str, kind: str) -> NDArray[np.float64]:
        return np.array([getattr(errors, kind) for errors in found[way]])

    for way in found:
        for kind, unit in (
            ("sad", "thousand"),
            ("mse", "thousandths"),
            ("gradient", ""),
            ("connectivity", "thousand"),
            ("hair", "thousand"),
        ):
            mean, baseline = float(of_each(way, kind).mean()), float(of_each(PEER, kind).mean())
            yield Row("matting", f"{way}: {kind}", mean, unit, baseline=baseline)
    peer_sad = of_each(PEER, "sad")
    for way, goal in GAIN_GOALS.items():
        sad = of_each(way, "sad")
        gain, least = float(peer_sad.sum() / sad.sum()), float((peer_sad / sad).min())
        yield Row.at_least("matting", f"{way}: SAD less than MODNet's", gain, "times", goal)
        yield Row.at_least("matting", f"{way}: the same, worst person", least, "times", 1.0)
    hair = float(of_each(PEER, "hair").sum() / of_each(BEST, "hair").sum())
    yield Row.at_least("matting", f"{BEST}: hair's error less", hair, "times", 3.0)
    fringe, peer_fringe = (float(of_each(way, "fringe").mean()) for way in (BEST, PEER))
    goal = min(3.0, peer_fringe / 2)
    yield Row.at_most("matting", f"{BEST}: fringe", fringe, "ΔE", goal, peer_fringe)
