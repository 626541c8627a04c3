"""Visits played in the twin's own time, and judged by what their screens showed.

Each temperament with each rendered person; what they can mend, they mend (kiosk.twin.mends), and
what they cannot is told by name. Beside it fingers that tap twice, and storms of taps.
"""

import logging
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import numpy as np

from kiosk import visit as v
from kiosk.booth.parts import ShownBooth
from kiosk.booth.plate_schedule import PlateSchedule
from kiosk.config import Config
from kiosk.evaluation import course, tap_storms
from kiosk.evaluation.course import Ended, Moment
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.evaluation.virtual_booth import VirtualBooth, open_virtual_booth
from kiosk.pipeline.loading import LoadedModels, load_models
from kiosk.pipeline.photo.burst import Shot
from kiosk.twin import Twin, find_subject, subject_names
from kiosk.twin.light_stage import RenderedPerson
from kiosk.twin.script import visit_script
from kiosk.twin.wires import Wires

GOALS = {"obedient": 98.0, "nervous": 90.0, "contrary": 85.0, "absent-minded": None}
"""The temperaments that are played, and the share of their visits, %, that ends with a photo; None:
it is told, and has no goal."""

QUICK_PEOPLE = ("lin", "wei", "hui")
"""Who is played in a quick sample, all of them obedient."""

LONGEST = 420.0
"""Seconds of the twin's time after which a visit that has not ended is a dead end."""

SIZE = (540, 960)
"""The window's: few pixels of a large screen, so that it is drawn fast."""

TRIALS, QUICK_TRIALS = 200, 20
"""Visits with fingers that tap more often than they mean to."""


@dataclass(frozen=True, slots=True)
class Task:
    """One visit to play."""

    person: str
    temperament: str
    seed: int


@dataclass
class VisitWatcher:
    """Keeps what is shown at each moment."""

    wires: Wires
    moments: list[Moment] = field(default_factory=list)
    began: bool = False
    """Whether a visit has begun."""

    def shown(self, booth: ShownBooth, at: float) -> None:
        """Keep what the screen shows, and how the student stands."""
        shown = booth.parts.window.shown
        self.moments.append(Moment(at, booth.visit.stage, shown, self.wires.posture))

    def shot(self, shot: Shot, levels: Mapping[str, float]) -> None:
        """Nothing more is kept of a shot."""


def measure(
    config: Config,
    *,
    quick: bool,
    seeds: int = 1,
    people: Sequence[str] = (),
    temperaments: Sequence[str] = (),
) -> Iterator[Row]:
    """Play the visits on two processes; raises UsageError for who or what there is not."""
    began = time.monotonic()
    tasks = list_tasks(people, temperaments, seeds, quick=quick)
    ended = list(play(config, tasks))
    yield from rate(ended)
    yield from tap_storms.count_lost(config, QUICK_TRIALS if quick else TRIALS)
    yield Row("visits", "took", (time.monotonic() - began) / 60, "min")


def list_tasks(
    people: Sequence[str], temperaments: Sequence[str], seeds: int, *, quick: bool
) -> list[Task]:
    """The visits to play; raises UsageError for who or what there is not."""
    there = subject_names()
    people = people or [name for name in there if not quick or name in QUICK_PEOPLE]
    temperaments = temperaments or (list(GOALS)[:1] if quick else list(GOALS))
    for person in people:
        find_subject(person)
    for temperament in temperaments:
        visit_script(temperament, ("neutral",))
    return [
        Task(person, temperament, seed)
        for seed in range(seeds)
        for temperament in temperaments
        for person in people
    ]


def play(config: Config, tasks: Sequence[Task]) -> Iterator[Ended]:
    """Play each visit on one of two processes; in the order in which they end."""
    for folder in ("SDL_VIDEODRIVER", "SDL_AUDIODRIVER"):
        os.environ[folder] = "dummy"  # nobody looks or hears
    with get_context("spawn").Pool(2, _begin_process, (config,)) as pool:
        played = pool.imap_unordered(_play_here, tasks)
        for _ in show_progress(tasks, "visits"):
            yield next(played)


# ---- in each process ----

_CONFIG: list[Config] = []
_PLATES: list[PlateSchedule] = []


def _begin_process(config: Config) -> None:
    logging.disable(logging.WARNING)
    import cv2

    cv2.setNumThreads(1)
    _CONFIG[:] = [for_the_bench(config)]


def for_the_bench(config: Config) -> Config:
    """The configuration with a window that nobody sees."""
    screen = config.display.model_copy(update={"fullscreen": False, "size": SIZE})
    return config.model_copy(update={"display": screen})


@lru_cache(maxsize=1)
def _models(store: Path) -> LoadedModels:
    return load_models(store)


def _play_here(task: Task) -> Ended:
    return play_visit(_CONFIG[0], task, _models(_CONFIG[0].models.store))


def play_visit(
    config: Config,
    task: Task,
    models: LoadedModels,
    twin: Twin | None = None,
    watcher: VisitWatcher | None = None,
) -> Ended:
    """Play one visit in this process; `watcher` sees it, on a `twin` of one's own."""
    twin = twin or Twin(task.person, config.lamps.pins, task.seed)
    watcher = watcher or VisitWatcher(twin.wires)
    plates = _PLATES[0] if _PLATES else PlateSchedule()
    with open_virtual_booth(config, twin, models, watcher, plates) as virtual:
        booth = virtual.booth
        virtual.run_until(lambda: booth.prepared and booth.at_rest, 60.0)
        _PLATES[:] = [booth.plates]
        watcher.moments.clear()
        script = visit_script(task.temperament, twin.wires.poses)
        virtual.send(twin.student(f"BENCH-{task.seed:04}-{task.person.upper()}", script))
        ended = virtual.run_until(lambda: _is_over(virtual, watcher), LONGEST)
    return judge_course(task, watcher.moments, virtual, ended=ended)


def _is_over(virtual: VirtualBooth, watcher: VisitWatcher) -> bool:
    began = any(moment.stage is not v.Stage.IDLE for moment in watcher.moments[-1:])
    watcher.began = watcher.began or began
    return watcher.began and virtual.booth.visit.stage is v.Stage.IDLE


def judge_course(
    task: Task, moments: Sequence[Moment], virtual: VirtualBooth, *, ended: bool
) -> Ended:
    """What became of a visit, from what was shown."""
    person = RenderedPerson(find_subject(task.person))
    truths = {pose: person.truth(pose) for pose in person.poses}
    told = course.list_told(moments, truths)
    praises = course.list_praises(moments)
    waived = any(virtual.roster.excused)
    return Ended(
        task.person,
        task.temperament,
        task.seed,
        course.describe_end(moments, ended=ended, waived=waived),
        course.seconds_to_photo(moments, virtual.actor.scanned_at),
        told,
        course.count_too_close(told),
        len(praises),
        course.count_belied(praises, told),
        course.count_spoiled(moments),
    )


# ---- the rows ----


def rate(ended: Sequence[Ended]) -> Iterator[Row]:
    """The rows of what became of the visits."""
    for temperament in dict.fromkeys(each.temperament for each in ended):
        theirs = [each for each in ended if each.temperament == temperament]
        share = 100 * sum(each.has_photo for each in theirs) / len(theirs)
        goal = GOALS.get(temperament)
        ok = None if goal is None else share >= goal
        unit = f"% of {len(theirs)}"
        yield Row("visits", f"{temperament}: end with a photo", share, unit, goal, ok)
    for each in sorted(ended, key=lambda e: (e.person, e.temperament, e.seed)):
        if each.end != "photo":
            what = "for staff to decide" if each.end == "waived" else each.end
            stuck = each.told[-1].phrase if each.told else "nothing told"
            name = f"{each.person}, {each.temperament}: {what} ({stuck})"
            yield Row("visits", name, 1, "visit")
    waited = [each.waited for each in ended if each.waited is not None]
    middle = median(waited) if waited else float("nan")
    late = float(np.percentile(waited, 95)) if waited else float("nan")
    yield Row.at_most("visits", "scan to photo, median", middle, "s", 45)
    yield Row.at_most("visits", "scan to photo, 95th percentile", late, "s", 100)
    untrue = Counter(told.phrase for each in ended for told in each.untrue)
    for phrase, count in sorted(untrue.items()):
        who = sorted({e.person for e in ended for told in e.untrue if told.phrase == phrase})
        yield Row("visits", f"untrue: {phrase}, to {', '.join(who)}", count, "instructions")
    told = sum(len(each.told) for each in ended)
    yield Row.at_most(
        "visits", "instructions that were not true", sum(untrue.values()), f"of {told}", 0
    )
    close = sum(each.too_close for each in ended)
    yield Row.at_most("visits", "two instructions within 0.8 s", close, "pairs", 0)
    praises = sum(each.praises for each in ended)
    belied = 100 * sum(each.belied for each in ended) / max(praises, 1)
    yield Row.at_most(
        "visits", "praise followed by a fault within 2 s", belied, f"% of {praises}", 1
    )
    spoiled = sum(each.spoiled for each in ended)
    yield Row("visits", "shots without a photo", spoiled, "shots")
    dead = sum(each.end == "dead end" for each in ended)
    yield Row.at_most("visits", "dead ends", dead, "visits", 0)
