"""Mattes of people whom nothing was fitted on, and before worse twins, against MODNet's alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.evaluation.cutouts import cut_out_as_booth, lay_cutout, lay_modnet_alone
from kiosk.evaluation.matte_errors import MatteErrors, measure_errors
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.evaluation.samples import LIGHT_BLUE, Sample, ground_truth, take_sample
from kiosk.evaluation.worse_twins import WORSE_TWINS
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.verify.specks import Specks, find_specks
from kiosk.twin import find_subject, subject_names
from kiosk.twin.light_stage import RenderedPerson
from kiosk.twin.people import OTHERS_ARE_ELSEWHERE, STRANGERS

FRINGE_GOAL = 3.0
"""CIE 1976 ΔE by which a photo's outline may differ from the truth's on average."""

STRANGERS_GOAL, WORST_STRANGER_GOAL = 3.0, 2.2
"""By how many times a matte of somebody nobody fitted anything on is to be better than MODNet's."""

NO_WORSE = 1.0
"""Before a worse twin it is to be no worse."""

NO_SPECKS = 0
"""How many specks a photo may have that no true one has."""

QUICK_PEOPLE = 2
"""How many people a quick run looks at."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The booth's matte of one sample beside MODNet's alone."""

    own: MatteErrors
    peer: MatteErrors
    specks: Specks
    """Those of the booth's photo."""
    true_specks: Specks
    """Those of the true photo: ends of strands, and gaps in curls."""


def compare(models: LoadedModels, sample: Sample) -> Compared:
    """Cut a sample out with all that the booth knows of it, and by MODNet alone."""
    part, chin = cut_out_as_booth(models, sample, sample.evidence)
    truth = ground_truth(sample, part, chin)
    photo = lay_cutout(part)
    return Compared(
        measure_errors(part.cutout.alpha, photo, truth),
        measure_errors(part.estimate.clip(0, 1), lay_modnet_alone(part), truth),
        find_specks(photo, LIGHT_BLUE),
        find_specks(truth.photo, LIGHT_BLUE),
    )


def measure_strangers(models: LoadedModels, *, quick: bool) -> Iterator[Row]:
    """Cut the strangers out, with a plate and a lamp pair; one row each, and over all."""
    names = subject_names(STRANGERS)[: QUICK_PEOPLE if quick else None]
    if not names:
        yield Row("matting", f"strangers: not measured; {OTHERS_ARE_ELSEWHERE}", 0, "people")
        return
    found: list[Compared] = []
    for name in show_progress(names, "cutting strangers out"):
        subject = RenderedPerson(find_subject(name, STRANGERS))
        found.append(compare(models, take_sample(subject, subject.poses[0], seed=1)))
        gain = found[-1].peer.sad / found[-1].own.sad
        yield Row("matting", f"stranger {name}: SAD less than MODNet's", gain, "times")
        gain = found[-1].peer.hair / found[-1].own.hair
        yield Row("matting", f"stranger {name}: hair's error less", gain, "times")
    yield from _rows("strangers", found, STRANGERS_GOAL, WORST_STRANGER_GOAL)


def measure_worse_twins(models: LoadedModels, *, quick: bool) -> Iterator[Row]:
    """Cut the twelve out before each worse twin, with what the booth knows there."""
    names = subject_names()[: QUICK_PEOPLE if quick else None]
    for twin in WORSE_TWINS:
        found = []
        for name in show_progress(names, twin.name):
            subject = RenderedPerson(find_subject(name))
            sample = take_sample(subject, subject.poses[0], seed=1, twin=twin)
            found.append(compare(models, sample))
        yield from _rows(twin.name, found, NO_WORSE, NO_WORSE)


def _rows(of: str, found: Sequence[Compared], goal: float, worst_goal: float) -> Iterator[Row]:
    """Over all people: how much is off, beside MODNet's, and how many specks their photos have."""

    def of_each(way: str, kind: str) -> NDArray[np.float64]:
        return np.array([getattr(getattr(one, way), kind) for one in found])

    sad, peer_sad = of_each("own", "sad"), of_each("peer", "sad")
    hair, peer_hair = float(of_each("own", "hair").sum()), float(of_each("peer", "hair").sum())
    fringe, peer_fringe = (float(of_each(way, "fringe").mean()) for way in ("own", "peer"))
    gain, least = float(peer_sad.sum() / sad.sum()), float((peer_sad / sad).min())
    yield Row(
        "matting", f"{of}: SAD", float(sad.mean()), "thousand", baseline=float(peer_sad.mean())
    )
    yield Row.at_least("matting", f"{of}: SAD less than MODNet's", gain, "times", goal)
    yield Row.at_least("matting", f"{of}: the same, worst person", least, "times", worst_goal)
    yield Row.at_least("matting", f"{of}: hair's error less", peer_hair / hair, "times", goal)
    yield Row.at_most("matting", f"{of}: fringe", fringe, "ΔE", FRINGE_GOAL, peer_fringe)
    count = float(np.mean([one.specks.count for one in found]))
    true_count = float(np.mean([one.true_specks.count for one in found]))
    yield Row("matting", f"{of}: specks a photo", count, "specks", baseline=true_count)
    worst = max(len(one.specks.distinct) for one in found)
    true_worst = max(len(one.true_specks.distinct) for one in found)
    yield Row.at_most(
        "matting", f"{of}: distinct specks, worst photo", worst, "specks", NO_SPECKS, true_worst
    )
