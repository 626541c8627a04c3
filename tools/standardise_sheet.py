"""Draw docs/standardise.png: the twin's people at 3× zoom, cut out by the booth and by others.

.venv/bin/python tools/standardise_sheet.py
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from kiosk.camera.frame import Picture
from kiosk.config import load
from kiosk.evaluation.cutouts import (
    cut_out_as_booth,
    follow_hivision,
    lay_cutout,
    lay_modnet_alone,
)
from kiosk.evaluation.samples import ground_truth, take_sample
from kiosk.pipeline.loading import LoadedModels, load_models
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson

OUT = Path("docs/standardise.png")

ZOOM = 3

WINDOW = (130, 100)
"""Width and height of what is shown, in the photo's pixels."""

PLACES = (
    ("anna", "loose hair", (20, 300)),
    ("mei", "strands", (40, 330)),
    ("amara", "curls", (300, 110)),
    ("lin", "ear", (100, 215)),
    ("wei", "glasses", (110, 200)),
    ("na", "collar in the backdrop's blue", (60, 420)),
    ("kofi", "shoulder", (15, 500)),
)
"""Who is shown, what of them, and the window's left upper corner in the photo."""

TITLES = ("capture", "HivisionIDPhotos' steps", "MODNet, pasted", "the booth", "truth")


def make_photos(models: LoadedModels, name: str, corner: tuple[int, int]) -> list[Picture]:
    """The same window of the capture, of each way of making the photo, and of the true one."""
    sample = take_sample(RenderedPerson(find_subject(name)), "neutral", seed=1)
    part, chin = cut_out_as_booth(models, sample, sample.evidence)
    truth = ground_truth(sample, part, chin)
    _, hivision = follow_hivision(models.matter, sample.capture, part.crop)
    x, y = corner
    window = slice(y, y + WINDOW[1]), slice(x, x + WINDOW[0])
    pictures = part.picture, hivision, lay_modnet_alone(part), lay_cutout(part), truth.photo
    return [picture[window] for picture in pictures]


def enlarge(picture: Picture) -> Picture:
    """Enlarge so that each pixel stays a square."""
    return np.repeat(np.repeat(picture, ZOOM, 0), ZOOM, 1)


def main() -> None:
    """Draw the sheet."""
    models = load_models(load(None).config.models.store)
    rows = []
    for name, _, corner in PLACES:
        rows.append(np.hstack([enlarge(picture) for picture in make_photos(models, name, corner)]))
    models.looker.close()
    width, height = WINDOW[0] * ZOOM, WINDOW[1] * ZOOM
    sheet = Image.new("RGB", (width * len(TITLES), 34 + height * len(rows)), "white")
    draw = ImageDraw.Draw(sheet)
    for i, title in enumerate(TITLES):
        draw.text((i * width + 8, 6), title, "black", font_size=20)
    for i, (row, (_, what, _)) in enumerate(zip(rows, PLACES, strict=True)):
        sheet.paste(Image.fromarray(row), (0, 34 + i * height))
        draw.text((8, 40 + i * height), what, "white", font_size=18, stroke_width=2, stroke_fill=0)
    sheet.save(OUT, optimize=True)


if __name__ == "__main__":
    main()
