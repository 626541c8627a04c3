"""Whole visits of who wears glasses, on the usual stage: whether the photo has glare, and whether
the light ever flashed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kiosk.camera.frame import Camera
from kiosk.config import Config
from kiosk.evaluation.lamps_rows import BENCH, share
from kiosk.evaluation.light_truth import TrueLight
from kiosk.evaluation.lit_face import find_true_light
from kiosk.evaluation.rows import Row
from kiosk.evaluation.visits import Task, VisitWatcher, play_visit
from kiosk.lighting.flicker import MOST_FLASHES, count_flashes
from kiosk.pipeline.light import LUMINANCE
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.burst import Shot
from kiosk.twin import Posture, Twin, grey_card
from kiosk.twin.light_stage import RenderedPerson
from kiosk.twin.people import find_subject
from kiosk.twin.pins import LampFactory
from kiosk.twin.wires import Wires

WEARERS = ("chen", "kofi", "mei", "wei")
"""Those of the twin's people who wear glasses."""


class NotingTwin(Twin):
    """A twin that notes when each lamp was driven to which level."""

    def __init__(self, person: str, pins: Mapping[str, int], seed: int) -> None:
        super().__init__(person, pins, seed)
        self.history: dict[str, list[tuple[float, float]]] = {}
        self._clock: Callable[[], float] = float
        self.pin_factory = _NotingFactory(self.wires, pins, self._note)

    def camera(self, clock: Callable[[], float], sleep: Callable[[float], None]) -> Camera:
        """Make the camera, whose time is also that of the notes."""
        self._clock = clock
        return super().camera(clock, sleep)

    def _note(self) -> None:
        for lamp, level in self.wires.levels.items():
            self.history.setdefault(lamp, []).append((self._clock(), level))


class _NotingFactory(LampFactory):
    def __init__(self, wires: Wires, pins: Mapping[str, int], note: Callable[[], None]) -> None:
        super().__init__(wires, pins)
        self._note = note

    def drive(self, pin: Any, level: float) -> None:
        super().drive(pin, level)
        self._note()


@dataclass
class LampWatcher(VisitWatcher):
    """Keeps how the light was at each shot, beside what is shown."""

    lit: list[tuple[Mapping[str, float], Posture]] = field(default_factory=list)
    """All sources' levels, and how the student stood."""

    def shot(self, shot: Shot, levels: Mapping[str, float]) -> None:
        """Keep the light of the shot."""
        self.lit.append((self.wires.lighting.levels, self.wires.posture))


@dataclass(frozen=True, slots=True)
class Visited:
    """What became of one visit."""

    person: str
    photo: bool
    glare: float | None
    """Share of the worse eye's zone that truly mirrors a lamp in the last shot; None: no shot."""
    free: bool
    """Whether there is a photo, and it has no glare."""
    by_lamps: bool
    """Whether the glasses sat as at first: nothing but lamps took the glare off."""
    flashes: int
    """The most flashes of a lamp in any second."""
    told: tuple[str, ...]
    """What was told, in order."""


def visit(person: str, seed: int, config: Config, models: LoadedModels) -> Visited:
    """Play one visit, in this process."""
    twin = NotingTwin(person, config.lamps.pins, seed)
    watcher = LampWatcher(twin.wires)
    ended = play_visit(config, Task(person, "obedient", seed), models, twin, watcher)
    card = {lamp: float(np.dot(LUMINANCE, light)) for lamp, light in grey_card.WHITE.items()}
    truth = find_true_light(RenderedPerson(find_subject(person)), models.looker, card)
    glare = by_lamps = None
    if watcher.lit:
        levels, posture = watcher.lit[-1]
        by_lamps = not posture.glasses_tilted
        glare = truth.glare(levels) if by_lamps else 0.0
    photo = ended.end in ("photo", "waived")
    return Visited(
        person,
        photo,
        glare,
        photo and bool(watcher.lit) and not _glares(truth, watcher.lit[-1]),
        bool(by_lamps),
        max(map(count_flashes, twin.history.values()), default=0),
        tuple(dict.fromkeys(told.phrase for told in ended.told)),
    )


def _glares(truth: TrueLight, lit: tuple[Mapping[str, float], Posture]) -> bool:
    levels, posture = lit
    return not posture.glasses_tilted and truth.glares(levels)


def list_visit_rows(visited: list[Visited]) -> Iterator[Row]:
    """The rows of visits."""
    free = sum(each.free for each in visited)
    yield share("wearers of glasses with a photo without glare", free, len(visited), 100)
    lamps = sum(each.free and each.by_lamps for each in visited)
    yield share("of these, by lamps alone", lamps, free)
    most = max((each.flashes for each in visited), default=0)
    yield Row.at_most(BENCH, "flashes in a second, most", most, "flashes", MOST_FLASHES)
