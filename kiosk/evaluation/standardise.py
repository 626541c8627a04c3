"""From the shutter to a finished, verified file with all evidence, against a matte pasted as is."""

from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from kiosk.booth.capture import BURST
from kiosk.config import Config
from kiosk.evaluation.memory import (
    load_and_use_models,
    peak_memory,
    resident_memory,
    restart_peak,
)
from kiosk.evaluation.rows import Row
from kiosk.evaluation.samples import Sample, enlarge_sample, take_sample
from kiosk.evaluation.timing import time_in_turns
from kiosk.pipeline.cutout.matting import composite
from kiosk.pipeline.loading import LoadedModels, load_models
from kiosk.pipeline.photo.burst import best_shot
from kiosk.pipeline.photo.standardise import Photo
from kiosk.pipeline.specification import Size, specification
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson

CAPTURE_SIZE: Size = (1296, 1728)
"""A capture of 2.2 megapixels: the twin's, enlarged. Only how long it takes is asked of it."""

WANTED = specification().wanted()


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Time each step in turns, and measure the memory of a process that does them all."""
    # One whom the rules let pass, and one whose hair is the most work.
    sample, loose = (
        enlarge_sample(
            take_sample(RenderedPerson(find_subject(name)), "neutral", seed=1), CAPTURE_SIZE
        )
        for name in ("wei", "mei")
    )
    models = load_models(config.models.store)
    times = time_in_turns(
        {
            "burst": lambda: _choose(models, sample),
            "file": lambda: _make(models, sample),
            "loose": lambda: _make(models, loose),
            "paste": lambda: _paste(models, sample),
        },
        3 if quick else 15,
    )
    fidelity = _make(models, sample).fidelity
    models.looker.close()
    median = {name: float(np.median(taken)) for name, taken in times.items()}
    chosen, made, paste = median["burst"], median["file"], median["paste"]
    bench = "standardise"
    yield Row(bench, "best of the burst, median", chosen, "ms")
    yield Row(bench, "capture to file, median", made, "ms", baseline=paste)
    yield Row(bench, "capture to file, loose hair", median["loose"], "ms", baseline=paste)
    yield Row.at_most(bench, "shutter to file, median", chosen + made, "ms", 1500, paste)
    yield Row.at_least(bench, "face before the JPEG", fidelity.psnr, "dB", 40)
    yield Row(bench, "face after the JPEG", fidelity.psnr_jpeg, "dB")
    with get_context("spawn").Pool(1) as pool:
        idle, peak = pool.apply(_idle_and_peak_memory, (config.models.store, sample))
    yield Row.at_most(bench, "memory above the idle booth", peak - idle, "MiB", 250, idle)


def _choose(models: LoadedModels, sample: Sample) -> object:
    return best_shot([sample.capture] * BURST, models.looker, specification())


def _make(models: LoadedModels, sample: Sample) -> Photo:
    return models.standardiser.standardise(sample.capture, WANTED, sample.evidence)


def _paste(models: LoadedModels, sample: Sample) -> bytes:
    """What the peer does: MODNet's alpha, the picture's own colours, and a JPEG of them."""
    alpha = models.matter.alpha(sample.capture)
    colour = (sample.capture / np.float32(255)).astype(np.float32)
    pasted = composite(colour, alpha, specification().colour(WANTED.background))
    small = cv2.resize(pasted, WANTED.size, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small)[1])


def _idle_and_peak_memory(store: Path, sample: Sample) -> tuple[float, float]:
    """MiB of this process, with all models at rest, and at most while photos are made."""
    models = load_and_use_models(store, sample.capture)
    idle = resident_memory()
    restart_peak()
    for _ in range(3):
        _choose(models, sample)
        _make(models, sample)
    return idle, peak_memory()
