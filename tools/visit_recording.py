"""Record a visit at the twin: docs/visit.webp, which moves, and six screens, docs/visit.png."""

import argparse
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pygame
from PIL import Image

from kiosk import config, visit
from kiosk.booth.parts import ShownBooth
from kiosk.booth.plate_schedule import PlateSchedule
from kiosk.evaluation.virtual_booth import TICK, open_virtual_booth
from kiosk.pipeline.loading import load_models
from kiosk.pipeline.photo.burst import Shot
from kiosk.twin import Twin
from kiosk.twin.script import visit_script

SCREEN = (720, 1280)
"""The booth's screen, px."""

MOVING_SIZE, STILL_SIZE = (360, 640), (432, 768)
"""A picture's of the recording, and a screen's of the six, px."""

EACH = 2
"""Of so many ticks one is recorded."""

AT_MOST = 2_500
"""Milliseconds for which the recording stands still: waiting is no sight."""

SETTLED = 4
"""Which picture of a screen is kept among the six: what moves on it has got under way."""

LONGEST = 200.0
"""Seconds of the twin's time."""

STILLS = ("consent", "scan", "checklist", "guide-mend", "guide-count", "review")
"""The six: stages, and what the guide says."""

GAP = 12
"""Between the six, px."""

SUBJECT, SEED = "lin", 5
"""Who comes, and chance."""


@dataclass
class Recorder:
    """Keeps what the window shows."""

    ticks: int = 0
    began: bool = False
    pictures: list[Image.Image] = field(default_factory=list)
    stills: dict[str, Image.Image] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def shown(self, booth: ShownBooth, at: float) -> None:
        """Keep the window's picture."""
        now = booth.visit
        self.began = self.began or now.stage is not visit.Stage.IDLE
        self.ticks += 1
        if not self.began or self.ticks % EACH:
            return
        surface = pygame.display.get_surface()
        assert surface is not None
        screen = Image.frombytes("RGB", surface.get_size(), pygame.image.tobytes(surface, "RGB"))
        self.pictures.append(screen.resize(MOVING_SIZE, Image.Resampling.LANCZOS))
        guiding = now.stage is visit.Stage.GUIDE
        name = f"guide-{now.saying.name}" if guiding else now.stage.value
        self.seen[name] += 1
        if self.seen[name] == SETTLED:
            self.stills[name] = screen.resize(STILL_SIZE, Image.Resampling.LANCZOS)

    def shot(self, shot: Shot, levels: object) -> None:
        """Nothing more is kept of a shot."""


def record() -> Recorder:
    """Play the visit in the twin's time."""
    os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"
    settings = config.Config()
    display = settings.display.model_copy(update={"size": SCREEN, "diagonal": 7.0})
    settings = settings.model_copy(update={"display": display})
    twin = Twin(SUBJECT, settings.lamps.pins, SEED)
    recorder, plates = Recorder(), PlateSchedule()
    models = load_models(settings.models.store)
    with open_virtual_booth(settings, twin, models, recorder, plates) as virtual:
        booth = virtual.booth
        virtual.run_until(lambda: booth.prepared and booth.at_rest, 60.0)
        script = visit_script("obedient", twin.wires.poses)
        virtual.send(twin.student("RECORDING-1", script))
        virtual.run_until(lambda: recorder.began and booth.visit.stage is visit.Stage.IDLE, LONGEST)
    models.looker.close()
    return recorder


def tile(stills: dict[str, Image.Image]) -> Image.Image:
    """Lay the six screens side by side, three in a row."""
    width, height = STILL_SIZE
    drawn = Image.new("RGB", (3 * width + 4 * GAP, 2 * height + 3 * GAP), "white")
    for number, name in enumerate(STILLS):
        row, column = divmod(number, 3)
        drawn.paste(stills[name], (GAP + column * (width + GAP), GAP + row * (height + GAP)))
    return drawn


def main() -> None:
    """Record, and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=Path("docs"))
    args = parser.parse_args()
    recorder = record()
    frames: list[Image.Image] = []
    lasting: list[int] = []
    for picture in recorder.pictures:
        if frames and picture.tobytes() == frames[-1].tobytes():
            lasting[-1] = min(lasting[-1] + round(1000 * EACH * TICK), AT_MOST)
        else:
            frames.append(picture)
            lasting.append(round(1000 * EACH * TICK))
    moving = args.out / "visit.webp"
    frames[0].save(
        moving, save_all=True, append_images=frames[1:], duration=lasting, loop=0, quality=55,
        method=4,
    )  # fmt: skip
    tile(recorder.stills).save(args.out / "visit.png", optimize=True)
    print(f"{moving}: {len(frames)} pictures, {sum(lasting) / 1000:.0f} s")


if __name__ == "__main__":
    main()
