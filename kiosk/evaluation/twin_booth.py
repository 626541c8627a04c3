"""A booth on the twin for benches: one simulated student after another, and no registrar."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk import visit as v
from kiosk.booth.assembly import Simulation, open_parts
from kiosk.booth.loop import Booth
from kiosk.booth.registrar_link import SyncLink
from kiosk.config import Config
from kiosk.display.shown import Shown
from kiosk.display.window import Typed
from kiosk.models import verified_digests
from kiosk.twin import SimulatedStudent, Twin
from kiosk.twin.inputs import hear_actions
from kiosk.twin.script import visit_script
from protocol.roster import Question
from protocol.student import Student


class _Roster:
    """Knows every capture code: each visit is of a record of its own."""

    def resolve(self, question: Question) -> Student:
        """Say whose a code is."""
        return Student(question.capture_code, "林小雨", "2022010001", "10000", "示范大学", "文学院")


@dataclass
class Visitors:
    """One simulated student after another."""

    twin: Twin
    now: SimulatedStudent | None = None
    count: int = field(default=0)

    def send(self) -> None:
        """Let the next one come."""
        self.count += 1
        script = visit_script("obedient", self.twin.wires.poses)
        self.now = self.twin.student(f"SOAK-3F6A-91C7-{self.count:04}", script)

    def act(self, shown: Shown, stage: v.Stage, at: float) -> list[v.Tapped | Typed]:
        """See the screen, and act."""
        return [] if self.now is None else hear_actions(self.now.act(stage, shown, at), shown)


@contextmanager
def open_booth(
    config: Config, size: tuple[int, int], folder: Path
) -> Iterator[tuple[Booth, Visitors]]:
    """Open a booth whose screen of this size nobody sees; the caller runs it.

    Its photos stay sealed in `outbox.sqlite` in the folder.
    """
    os.environ.update(SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy")  # nobody looks or hears
    twin = Twin("lin", config.lamps.pins, seed=0)
    visitors = Visitors(twin)
    link = SyncLink(
        _Roster(),
        SigningKey.generate().verify_key,
        folder / "outbox.sqlite",
        folder / "roster.extract",
        (PrivateKey.generate().public_key, SigningKey.generate()),
        (config.sync.booth_id, "10000"),
        verified_digests(config.models.store),
        uuid4,
    )
    with open_parts(_for_the_twin(config, size), link, Simulation(twin, visitors)) as parts:
        yield Booth(parts), visitors


def _for_the_twin(config: Config, size: tuple[int, int]) -> Config:
    return config.model_copy(
        update={
            "camera": config.camera.model_copy(update={"kind": "twin"}),
            "reader": config.reader.model_copy(update={"kind": "wedge"}),
            "display": config.display.model_copy(update={"fullscreen": False, "size": size}),
        }
    )
