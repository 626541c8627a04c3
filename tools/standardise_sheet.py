"""Draw docs/standardise.png: the twin's people at 3× zoom, cut out by the booth and by others.

.venv/bin/python tools/standardise_sheet.py

With --portraits the same of real people at 4×, beside what the peers make of them (`make peers`);
where the sheet may be shown, the portraits' licence says:

.venv/bin/python tools/standardise_sheet.py --portraits -o SHEET.png
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from kiosk.camera.frame import Picture
from kiosk.config import load
from kiosk.evaluation.cutouts import (
    cut_out_as_booth,
    follow_hivision,
    lay_cutout,
    lay_modnet_alone,
    paste,
)
from kiosk.evaluation.peers import PeerTask, cut_out_by_peers, require_peers
from kiosk.evaluation.portraits import portraits_folder
from kiosk.evaluation.samples import PHOTO_SIZE, ground_truth, take_sample
from kiosk.evaluation.twin_peers import crop_alpha
from kiosk.pipeline.loading import LoadedModels, load_models
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import specification
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson


@dataclass(frozen=True, slots=True)
class Place:
    """What of whose photo is shown."""

    name: str
    what: str
    corner: tuple[int, int]
    """Left upper corner of what is shown, in the photo's pixels."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: places, one a row, and ways of making a photo, one a column."""

    titles: tuple[str, ...]
    places: tuple[Place, ...]
    zoom: int
    window: tuple[int, int]
    """Width and height of what is shown, in the photo's pixels."""


TWIN_SHEET = Sheet(
    ("capture", "HivisionIDPhotos' steps", "MODNet, pasted", "the booth", "truth"),
    (
        Place("anna", "loose hair", (20, 300)),
        Place("mei", "strands", (40, 330)),
        Place("amara", "curls", (300, 110)),
        Place("lin", "ear", (100, 215)),
        Place("wei", "glasses", (110, 200)),
        Place("na", "collar in the backdrop's blue", (60, 420)),
        Place("kofi", "shoulder", (15, 500)),
    ),
    zoom=3,
    window=(130, 100),
)

PORTRAIT_SHEET = Sheet(
    ("capture", "ISNet, pasted", "RVM, pasted", "MODNet, pasted", "the booth"),
    (
        Place("london_neutral-007.jpg", "strands", (60, 395)),
        Place("london_neutral-083.jpg", "loose hair on the shoulder", (20, 420)),
        Place("london_neutral-081.jpg", "blond tips", (60, 360)),
        Place("london_neutral-092.jpg", "curls", (50, 225)),
        Place("london_neutral-044.jpg", "black curls", (300, 80)),
        Place("london_neutral-068.jpg", "spikes", (200, 60)),
        Place("london_neutral-036.jpg", "ear", (320, 285)),
        Place("congress-peter-defazio.jpg", "glasses and ear", (350, 250)),
        Place("london_neutral-038.jpg", "white shoulder", (370, 420)),
    ),
    zoom=4,
    window=(98, 75),
)


def photos_of_rendered(models: LoadedModels, names: Sequence[str]) -> Iterator[list[Picture]]:
    """The capture of each of the twin's people, what each way makes of it, and the true photo."""
    for name in names:
        sample = take_sample(RenderedPerson(find_subject(name)), "neutral", seed=1)
        part, chin = cut_out_as_booth(models, sample, sample.evidence)
        truth = ground_truth(sample, part, chin)
        _, hivision = follow_hivision(models.matter, sample.capture, part.crop)
        yield [part.picture, hivision, lay_modnet_alone(part), lay_cutout(part), truth.photo]


def photos_of_portraits(models: LoadedModels, names: Sequence[str]) -> Iterator[list[Picture]]:
    """Each portrait's part that becomes the photo, and the photo that each way makes of it."""
    folder = portraits_folder()
    if folder is None:
        sys.exit("no portraits: name their folder in $KIOSK_PORTRAITS")
    geometry = specification().profile().geometry
    portraits = {name: read_picture(folder / name) for name in names}
    parts = {
        name: models.standardiser.cut_out(
            models.standardiser.measure(portrait, geometry), geometry, PHOTO_SIZE
        )
        for name, portrait in portraits.items()
    }
    rvm = cut_out_by_peers({n: PeerTask(part.picture) for n, part in parts.items()}, ["rvm"])
    isnet = cut_out_by_peers({n: PeerTask(whole) for n, whole in portraits.items()}, ["isnet"])
    for name, part in parts.items():
        alphas = crop_alpha(isnet["isnet"][name], part.crop), rvm["rvm"][name]
        pasted = [paste(part.picture, alpha) for alpha in alphas]
        yield [part.picture, *pasted, lay_modnet_alone(part), lay_cutout(part)]


def draw_sheet(sheet: Sheet, photos: Iterable[Sequence[Picture]]) -> Image.Image:
    """Draw each place of the photos in each way, so that each pixel stays a square."""
    width, height = (side * sheet.zoom for side in sheet.window)
    drawn = Image.new("RGB", (width * len(sheet.titles), 34 + height * len(sheet.places)), "white")
    draw = ImageDraw.Draw(drawn)
    for i, title in enumerate(sheet.titles):
        draw.text((i * width + 8, 6), title, "black", font_size=20)
    for row, (place, made) in enumerate(zip(sheet.places, photos, strict=True)):
        (x, y), top = place.corner, 34 + row * height
        for column, photo in enumerate(made):
            part = photo[y : y + sheet.window[1], x : x + sheet.window[0]]
            large = Image.fromarray(part).resize((width, height), Image.Resampling.NEAREST)
            drawn.paste(large, (column * width, top))
        draw.text((8, top + 6), place.what, "white", font_size=18, stroke_width=2, stroke_fill=0)
    return drawn


def main() -> None:
    """Draw one of the sheets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=None, help="docs/standardise.png")
    parser.add_argument("--portraits", action="store_true", help="real people; needs --out")
    args = parser.parse_args()
    if args.portraits and args.out is None:
        parser.error("--portraits: say with --out where the sheet goes")
    if args.portraits:
        require_peers()
    models = load_models(load(None).config.models.store)
    sheet, make = (
        (PORTRAIT_SHEET, photos_of_portraits)
        if args.portraits
        else (TWIN_SHEET, photos_of_rendered)
    )
    drawn = draw_sheet(sheet, make(models, [place.name for place in sheet.places]))
    models.looker.close()
    drawn.save(args.out or Path("docs/standardise.png"), optimize=True)


if __name__ == "__main__":
    main()
