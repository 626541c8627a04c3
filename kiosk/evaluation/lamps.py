"""Lamps that see: attribution, relief, the control law, faults and whole visits, by the truth.

Each rendered person stands in booths whose lamps and windows are placed at random; beside each
figure stands what fixed lamps reach, as every peer has them, or a law that only adds up its error.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from kiosk.config import Config
from kiosk.evaluation import lamps_faults, lamps_visits
from kiosk.evaluation.lamps_booths import draw_booth
from kiosk.evaluation.lamps_glare import ask
from kiosk.evaluation.lamps_law import Following, Summing, change_by_half, random_start, settle
from kiosk.evaluation.lamps_rows import BENCH, Outcome, list_rows
from kiosk.evaluation.lit_face import find_true_light
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.models import read_model
from kiosk.pipeline.look.looker import Looker, ModelFiles
from kiosk.twin import subject_names

SEEDS, QUICK_SEEDS = 20, 1
"""Booths that each person stands in."""

QUICK_PEOPLE = ("chen", "lin", "wei")

SUMMED_SEEDS = 2
"""Booths in which the peer's law is tried: it takes many times as long."""

LONG = 60
"""Frames that the peer's law has."""

AFTER = 14
"""Frames that are looked at after a change by half."""


@dataclass(frozen=True, slots=True)
class Task:
    """One person in one booth."""

    person: str
    seed: int


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Stand everybody in every booth, on two processes; then faults and whole visits."""
    began = time.monotonic()
    yield from list_rows(list(stand(config, list_tasks(quick=quick))))
    yield from lamps_faults.measure_faults(config, quick=quick)
    yield from lamps_visits.measure_visits(config, quick=quick)
    yield Row(BENCH, "took", (time.monotonic() - began) / 60, "min")


def list_tasks(*, quick: bool) -> list[Task]:
    """Who stands in which booth."""
    people = [name for name in subject_names() if not quick or name in QUICK_PEOPLE]
    seeds = range(QUICK_SEEDS if quick else SEEDS)
    return [Task(person, seed) for seed in seeds for person in people]


def stand(config: Config, tasks: Sequence[Task]) -> Iterator[Outcome]:
    """Let each stand in their booth, on one of two processes; in the order in which they end."""
    with get_context("spawn").Pool(2, _begin_process, (config,)) as pool:
        stood = pool.imap_unordered(_stand_here, tasks)
        for _ in show_progress(tasks, "people in booths"):
            yield next(stood)


# ---- in each process ----

_CONFIG: list[Config] = []


def _begin_process(config: Config) -> None:
    logging.disable(logging.WARNING)
    import cv2

    cv2.setNumThreads(1)
    _CONFIG[:] = [config]


@lru_cache(maxsize=1)
def open_looker(store: Path) -> Looker:
    """A looker that sees the mesh, skin, glasses and highlights, and nothing else: it is fast."""
    return Looker(ModelFiles(read_model("face_landmarker", store)))


def _stand_here(task: Task) -> Outcome:
    config = _CONFIG[0]
    return stand_in_booth(task, config, open_looker(config.models.store))


def stand_in_booth(task: Task, config: Config, looker: Looker) -> Outcome:
    """Let one person stand in one booth, in this process."""
    booth = draw_booth(task.person, task.seed, config)
    truth = find_true_light(booth.subject, looker, booth.card)
    rng = np.random.default_rng((task.seed, 3))
    person = booth.place_person(task.seed)
    random_start(person, rng)
    start = person.lamps.levels
    following = Following(person.lamps, looker, booth.response, booth.working)
    started = settle(person, truth, following, booth.wanted)
    asked = ask(person, truth, looker, booth.response)
    changed_lamp = bool(rng.random() < 0.5)
    change_by_half(person, rng, lamp=changed_lamp)
    changed = settle(person, truth, following, booth.wanted, AFTER)
    person.close()
    looker.forget()
    summing = None
    if task.seed < SUMMED_SEEDS:
        peer = booth.place_person(task.seed)
        peer.settle_at(start)
        summing = settle(peer, truth, Summing(peer.lamps, looker), booth.wanted, LONG)
        peer.close()
        looker.forget()
    return Outcome(
        task.person, task.seed, changed_lamp, started, changed, summing, tuple(asked), ()
    )
