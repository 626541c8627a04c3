"""Photos of real portraits, of which no truth is known: what of them can be told from themselves.

A portrait has no plate and no lamp pair, and no truth beside it; but specks, saw-teeth and what was
refused are seen without one.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.errors import StandardiseError
from kiosk.evaluation.cutouts import lay_cutout, paste
from kiosk.evaluation.rows import Row
from kiosk.evaluation.samples import LIGHT_BLUE
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.light import to_srgb
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.observation import Face
from kiosk.pipeline.photo.geometry import Crop
from kiosk.pipeline.photo.head import head_rows
from kiosk.pipeline.photo.resample import resample
from kiosk.pipeline.photo.standardise import HEAD_ROWS, MATTE_ROWS, Part
from kiosk.pipeline.specification import specification
from kiosk.pipeline.verify.roughness import measure_roughness
from kiosk.pipeline.verify.specks import find_specks

WANTED = specification().wanted(background="light-blue")

MEAN_GOAL, MANY_SPECKS, MANY_GOAL = 1.0, 5, 2.0
"""How many distinct specks a photo may have on average; how many are many, and how many photos may
have more than these, per cent."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What is seen of one photo."""

    islands: int
    holes: int
    distinct: int
    """Those of both that no true photo has: strands' ends and gaps in curls are not among them."""
    roughness: float | None
    """Of the clothes' outline, px; None where it could not be told."""


@dataclass(frozen=True, slots=True)
class PortraitPhoto:
    """What became of one portrait."""

    name: str
    passes: bool
    """Whether the rules of the shutter let it pass."""
    whole: bool
    """Whether the picture holds the whole head."""
    booth: Looks | None
    """The photo, or what would be one if it were not refused; None where none can be made."""
    modnet: Looks | None
    """MODNet's matte pasted in its place."""
    refusal: str = ""
    """Why there is no photo; empty where there is one."""


def make_photo(models: LoadedModels, name: str, portrait: Picture) -> PortraitPhoto:
    """Judge a portrait and make its photo, as `kiosk check` and `kiosk standardise` do."""
    seen = models.looker.look(portrait)
    passes = judge(seen, specification()).passed
    whole = seen.face is not None and _holds_head(models, portrait, seen.face)
    refusal = ""
    try:
        photo = models.standardiser.standardise(portrait, WANTED)
        crop, made = photo.crop, _decode(photo.encoded.data)
    except StandardiseError as error:
        refusal = str(error)
        part = _cut_out(models, portrait)
        if part is None:
            return PortraitPhoto(name, passes, whole, None, None, refusal)
        crop, made = part.crop, lay_cutout(part)
    chin = 0.0 if seen.face is None else (seen.face.chin[1] - crop.top) / crop.height
    looks = _look_at(made, chin), _look_at(_paste_modnet(models, portrait, crop), chin)
    return PortraitPhoto(name, passes, whole, *looks, refusal)


def _decode(data: bytes) -> Picture:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def _cut_out(models: LoadedModels, portrait: Picture) -> Part | None:
    """The cut-out of a portrait whose photo was refused; None where no crop can be made."""
    geometry = specification().profile(WANTED.profile).geometry
    try:
        measured = models.standardiser.measure(portrait, geometry)
        return models.standardiser.cut_out(measured, geometry, WANTED.size)
    except StandardiseError:
        return None


def _holds_head(models: LoadedModels, portrait: Picture, face: Face) -> bool:
    """Whether the head, with its hair, ends below the picture's upper edge."""
    rows = head_rows(models.matter.alpha(portrait, HEAD_ROWS), face.midline, face.width)
    return bool(rows.size and rows[0] > 0)


def _paste_modnet(models: LoadedModels, portrait: Picture, crop: Crop) -> Picture:
    """MODNet's matte of the part that becomes the photo, with that part's colours."""
    part = to_srgb(resample(portrait, crop, WANTED.size))
    return paste(part, models.matter.alpha(part, MATTE_ROWS))


def _look_at(photo: Picture, chin: float) -> Looks:
    """What is seen of a photo whose chin is at that share of its height."""
    specks = find_specks(photo, LIGHT_BLUE)
    rough = measure_roughness(photo, LIGHT_BLUE, chin * photo.shape[0])
    return Looks(len(specks.islands), len(specks.holes), len(specks.distinct), rough)


def rows_of_photos(made: Sequence[PortraitPhoto]) -> Iterator[Row]:
    """Over all photos: specks and saw-teeth beside MODNet's, and which portraits gave none."""
    given = [
        (one.booth, one.modnet) for one in made if one.booth and one.modnet and not one.refusal
    ]
    refused = [(one.booth, one.modnet) for one in made if one.booth and one.modnet and one.refusal]
    yield Row("portraits", f"photos of {len(made)} portraits", len(given), "photos")
    if given:
        own, peers = (list(each) for each in zip(*given, strict=True))
        yield from _speck_rows(own, peers)
    if refused:
        mean = float(np.mean([own.distinct for own, _ in refused]))
        baseline = float(np.mean([peer.distinct for _, peer in refused]))
        name = f"distinct specks a photo, of {len(refused)} that verify refused"
        yield Row("portraits", name, mean, "", baseline=baseline)
    asked = [one for one in made if one.passes and one.whole]
    got = sum(not one.refusal for one in asked)
    yield Row.at_least(
        "portraits", "photos of whom check passes, head whole", got, "photos", len(asked)
    )
    for one in asked:
        if one.refusal:
            yield Row("portraits", f"no photo of {one.name}: {one.refusal}", 0, "photos")


def _speck_rows(own: Sequence[Looks], peers: Sequence[Looks]) -> Iterator[Row]:
    def mean(looks: Sequence[Looks], kind: str) -> float:
        return float(np.mean([getattr(one, kind) for one in looks]))

    for kind, called in (("islands", "floating islands"), ("holes", "pin-holes")):
        baseline = mean(peers, kind)
        yield Row("portraits", f"{called} a photo, all", mean(own, kind), "", baseline=baseline)
    distinct, baseline = mean(own, "distinct"), mean(peers, "distinct")
    name = "distinct specks a photo, mean"
    yield Row.at_most("portraits", name, distinct, "", MEAN_GOAL, baseline)
    many, baseline = (
        100 * float(np.mean([one.distinct > MANY_SPECKS for one in looks]))
        for looks in (own, peers)
    )
    name = f"photos with more than {MANY_SPECKS} distinct specks"
    yield Row.at_most("portraits", name, many, "%", MANY_GOAL, baseline)
    worst, baseline = (max(one.distinct for one in looks) for looks in (own, peers))
    yield Row("portraits", "distinct specks, worst photo", worst, "", baseline=baseline)
    both = [
        (one.roughness, peer.roughness)
        for one, peer in zip(own, peers, strict=True)
        if one.roughness is not None and peer.roughness is not None
    ]
    if both:
        rough, baseline = np.mean(both, axis=0).tolist()
        yield Row("portraits", "roughness of the clothes' outline", rough, "px", baseline=baseline)
