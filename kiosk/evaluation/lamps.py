"""Lamps that see: attribution, relief, the control law, faults and whole visits, by the truth.

Each rendered person stands in booths whose lamps and windows are placed at random; beside each
figure stands what fixed lamps reach, as every peer has them, or a law that only adds up its error.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np

from kiosk.config import Config
from kiosk.evaluation.exposure_truth import measure_exposure
from kiosk.evaluation.lamps_booths import LitBooth, draw_booth
from kiosk.evaluation.lamps_faults import (
    FAULT_PEOPLE,
    FAULTS,
    Coped,
    list_fault_rows,
    try_fault,
)
from kiosk.evaluation.lamps_glare import ask
from kiosk.evaluation.lamps_law import Following, Summing, change_by_half, random_start, settle
from kiosk.evaluation.lamps_relief import What, watch_person
from kiosk.evaluation.lamps_rows import BENCH, Outcome, list_rows
from kiosk.evaluation.lamps_visits import WEARERS, Visited, list_visit_rows, visit
from kiosk.evaluation.light_truth import TrueLight
from kiosk.evaluation.lit_face import find_true_light
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.evaluation.visits import for_the_bench
from kiosk.models import read_model
from kiosk.pipeline.loading import LoadedModels, load_models
from kiosk.pipeline.look.looker import Looker, ModelFiles
from kiosk.twin import subject_names

Given = TypeVar("Given")
Found = TypeVar("Found")

SEEDS, QUICK_SEEDS = 20, 1
"""Booths that each person stands in."""

QUICK_PEOPLE = ("chen", "lin", "wei")

QUICK_EXPOSED = ("wei", "amara")
"""Whose exposure is looked at in a quick sample."""

SUMMED_SEEDS = 1
"""Booths in which the peer's law is tried: it takes many times as long."""

LONG = 60
"""Frames that the peer's law has."""

AFTER = 12
"""Frames that are looked at after a change by half."""


VISIT_SEED = 0
"""Chance in the visits."""


@dataclass(frozen=True, slots=True)
class Task:
    """One person in one booth."""

    person: str
    seed: int


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Stand everybody in every booth, on two processes; then faults and whole visits."""
    began = time.monotonic()
    yield from list_rows(
        list(_spread(config, _stand_here, list_tasks(quick=quick), "people in booths"))
    )
    yield from list_fault_rows(list(_spread(config, _try_here, list_trials(quick=quick), "faults")))
    yield from list_visit_rows(list(_spread(config, _visit_here, WEARERS, "visits")))
    models = _open_models(config.models.store)
    yield from measure_exposure(config, models, QUICK_EXPOSED if quick else ())
    models.looker.close()
    yield Row(BENCH, "took", (time.monotonic() - began) / 60, "min")


def list_tasks(*, quick: bool) -> list[Task]:
    """Who stands in which booth."""
    people = [name for name in subject_names() if not quick or name in QUICK_PEOPLE]
    seeds = range(QUICK_SEEDS if quick else SEEDS)
    return [Task(person, seed) for seed in seeds for person in people]


def list_trials(*, quick: bool) -> list[tuple[str, str]]:
    """Which fault, by its name, is tried before whom."""
    people = FAULT_PEOPLE[:1] if quick else FAULT_PEOPLE
    return [(fault, person) for fault in FAULTS for person in people]


def _spread(
    config: Config, work: Callable[[Given], Found], given: Sequence[Given], doing: str
) -> Iterator[Found]:
    """Do work of each that is given, on two processes; in the order in which it is done."""
    with get_context("spawn").Pool(2, _begin_process, (config,)) as pool:
        found = pool.imap_unordered(work, given)
        for _ in show_progress(given, doing):
            yield next(found)


# ---- in each process ----

_CONFIG: list[Config] = []


def _begin_process(config: Config) -> None:
    logging.disable(logging.WARNING)
    os.environ.update(SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy")  # nobody looks or hears
    import cv2

    cv2.setNumThreads(1)
    _CONFIG[:] = [for_the_bench(config)]


@lru_cache(maxsize=1)
def open_looker(store: Path) -> Looker:
    """A looker that sees the mesh, skin, glasses and highlights, and nothing else: it is fast."""
    return Looker(ModelFiles(read_model("face_landmarker", store)))


@lru_cache(maxsize=1)
def _open_models(store: Path) -> LoadedModels:
    return load_models(store)


def _stand_here(task: Task) -> Outcome:
    return stand_in_booth(task, _CONFIG[0], open_looker(_CONFIG[0].models.store))


def _try_here(trial: tuple[str, str]) -> Coped:
    fault, person = trial
    return try_fault(fault, person, _CONFIG[0], open_looker(_CONFIG[0].models.store))


def _visit_here(person: str) -> Visited:
    return visit(person, VISIT_SEED, _CONFIG[0], _open_models(_CONFIG[0].models.store))


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
    asked = ask(person, truth, looker, booth.light_of(person))
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
    what = _may_mirror(truth, booth)
    relieved = watch_person(booth, truth, looker, task.seed, what) if what else ()
    return Outcome(
        task.person, task.seed, changed_lamp, started, changed, summing, tuple(asked), relieved
    )


def _may_mirror(truth: TrueLight, booth: LitBooth) -> list[What]:
    """What of this person is worth watching for: who wears glasses may always have glare."""
    found: list[What] = ["glare", "much glare"] if truth.glasses else []
    working = {name: level * booth.outputs.get(name, 1.0) for name, level in booth.working.items()}
    if truth.shines({**booth.ambient, **working}):
        found.append("shine")
    return found
