"""Whether verifying accepts clean photos and refuses spoilt ones: of rendered people's true photos,
and of portraits with MODNet's matte, which is smooth, pasted.
"""

import csv
import io
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.config import Config
from kiosk.errors import StandardiseError
from kiosk.evaluation.cutouts import cut_out_as_booth
from kiosk.evaluation.portraits import LABELS, missing_portraits, portraits_folder
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.evaluation.samples import PHOTO_SIZE, ground_truth, take_sample
from kiosk.evaluation.spoilt_photos import STRENGTHS, WAYS, CleanPhoto
from kiosk.pipeline.cutout.matting import estimate_foreground
from kiosk.pipeline.light import to_linear, to_srgb
from kiosk.pipeline.loading import LoadedModels, load_models
from kiosk.pipeline.photo.geometry import find_crop
from kiosk.pipeline.photo.resample import resample
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import specification
from kiosk.pipeline.verify.verify import verify
from kiosk.twin import find_subject, subject_names
from kiosk.twin.light_stage import RenderedPerson

WANTED = specification().wanted()
COLOUR = specification().colour(WANTED.background)

LOOKS = ("background", "fringe", "hard_edge", "specks", "roughness")
"""The findings that tell how a photo was cut out. Sizes and places are not at stake."""

QUALITIES = (95, 90)
"""JPEG qualities, in turns: the booth's own, and one that a tight budget takes."""

SET = "london_neutral"
"""The portraits before a backdrop so plain that a network's matte of them is clean."""

QUICK_PHOTOS = 4
"""Of each kind, in a quick run."""

GOAL = 95.0
"""Per cent, both ways."""

NO_GOAL = "hardly seen"
"""The strength at which a photo may pass."""


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Verify each clean photo, and the same spoilt in each way and strength."""
    if portraits_folder() is None:
        yield missing_portraits("verify")
    models = load_models(config.models.store)
    refused: dict[tuple[str, str], list[bool]] = defaultdict(list)
    with models.looker:
        for make in show_progress(clean_photos(models, quick=quick), "spoiling photos"):
            clean = make()
            if clean is None:
                continue
            refused["clean", ""].extend(
                _is_refused(models, clean.lay(COLOUR), quality) for quality in QUALITIES
            )
            for number, (way, spoil) in enumerate(WAYS.items()):
                for strength, much in STRENGTHS.items():
                    seed = zlib.crc32(f"{clean.name} {way} {strength}".encode())
                    photo = spoil(clean, COLOUR, much, np.random.default_rng(seed))
                    quality = QUALITIES[(number + len(refused["clean", ""])) % len(QUALITIES)]
                    refused[way, strength].append(_is_refused(models, photo, quality))
    for (way, strength), found in refused.items():
        share = 100 * float(np.mean(found))
        if way == "clean":
            yield Row.at_least("verify", "clean photos accepted", 100 - share, "%", GOAL)
        elif strength == NO_GOAL:
            yield Row("verify", f"{way}, {strength}: refused", share, "%")
        else:
            yield Row.at_least("verify", f"{way}, {strength}: refused", share, "%", GOAL)


def clean_photos(models: LoadedModels, *, quick: bool) -> list[Callable[[], CleanPhoto | None]]:
    """Makers of the twin's people's true photos, and of those of portraits, where these lie.

    One gives None where a portrait does not hold the head whole.
    """
    folder, most = portraits_folder(), QUICK_PHOTOS if quick else None
    true = [partial(_true_photo, models, name) for name in subject_names()[:most]]
    if folder is None:
        return [*true]
    with (folder / LABELS).open(encoding="utf-8", newline="") as file:
        files = [row["file"] for row in csv.DictReader(file) if row["set"] == SET][:most]
    return [*true, *(partial(_pasted_photo, models, folder / name) for name in files)]


def _true_photo(models: LoadedModels, name: str) -> CleanPhoto:
    sample = take_sample(RenderedPerson(find_subject(name)), "neutral", seed=1)
    part, chin = cut_out_as_booth(models, sample, sample.evidence)
    own = np.asarray(resample(sample.own, part.crop, PHOTO_SIZE).clip(0), np.float32)
    row = (chin - part.crop.top) * PHOTO_SIZE[1] / part.crop.height
    return CleanPhoto(name, ground_truth(sample, part, chin).alpha, own, row)


def _pasted_photo(models: LoadedModels, path: Path) -> CleanPhoto | None:
    capture, geometry = read_picture(path), specification().profile().geometry
    try:
        measured = models.standardiser.measure(capture, geometry)
        crop = find_crop(measured.head, geometry, PHOTO_SIZE)
    except StandardiseError:
        return None
    picture = to_srgb(resample(capture, crop, PHOTO_SIZE))
    alpha = models.matter.alpha(picture, long_side=PHOTO_SIZE[1])
    codes = np.rint(estimate_foreground(picture, alpha) * 255).astype(np.uint8)
    own = np.asarray(to_linear(codes) * alpha[..., None], np.float32)
    row = (measured.face.chin[1] - crop.top) * PHOTO_SIZE[1] / crop.height
    return CleanPhoto(path.stem, alpha, own, row)


def _is_refused(models: LoadedModels, photo: Picture, quality: int) -> bool:
    """Whether one of LOOKS refuses a photo, saved at a quality."""
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=quality, subsampling=0, dpi=(300, 300))
    found = verify(
        file.getvalue(), models.looker, specification(), WANTED.background, WANTED.profile
    )
    return any(finding.ok is False for finding in found.findings if finding.id in LOOKS)
