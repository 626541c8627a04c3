"""How many photos lie inside the specification, of rendered people and of labelled portraits,
against a peer's crop.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiosk.camera.frame import Picture
from kiosk.config import Config
from kiosk.errors import StandardiseError
from kiosk.evaluation.portraits import missing_portraits, portraits_folder
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.judge.judge import judge, within
from kiosk.pipeline.loading import LoadedModels, load_looker, load_models
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Face
from kiosk.pipeline.photo.geometry import Head
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import Geometry, specification
from kiosk.pipeline.verify.verify import verify
from kiosk.twin import find_subject, subject_names
from kiosk.twin.light_stage import RenderedPerson

WANTED = specification().wanted()


@dataclass(frozen=True, slots=True)
class Source:
    """A picture of one person, to make a photo of."""

    kind: str
    """`twin` or `portraits`."""
    name: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it."""

    kind: str
    passes: bool
    """Whether the rules of the shutter hold."""
    made: bool
    inside: bool
    """Whether the finished file is inside the specification."""
    margin: float | None
    peer_inside: bool
    """Whether a peer's crop would be."""


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Make a photo of each picture, verify its file, and count by kind of picture."""
    if portraits_folder() is None:
        yield missing_portraits("geometry")
    with load_looker(config.models.store) as looker:
        models = load_models(config.models.store)
        sources = list(find_sources(quick=quick))
        outcomes = [
            make_and_verify(source, models, looker) for source in show_progress(sources, "cropping")
        ]
        models.looker.close()
    for kind in dict.fromkeys(outcome.kind for outcome in outcomes):
        yield from _rows(kind, [outcome for outcome in outcomes if outcome.kind == kind])


def _rows(kind: str, outcomes: Sequence[Outcome]) -> Iterator[Row]:
    passing = [outcome for outcome in outcomes if outcome.passes]
    inside = 100 * sum(outcome.inside for outcome in passing)
    peer_inside = 100 * sum(outcome.peer_inside for outcome in passing)
    count = max(len(passing), 1)
    unit = f"% of {len(passing)} that check passes"
    yield Row.at_least(
        "geometry", f"{kind}: inside", inside / count, unit, 100, peer_inside / count
    )
    made = [outcome for outcome in outcomes if outcome.made]
    share = 100 * sum(outcome.inside for outcome in made) / max(len(made), 1)
    unit = f"% of {len(made)} photos made, of {len(outcomes)} pictures"
    yield Row.at_least("geometry", f"{kind}: inside, all made", share, unit, 100)
    margins = [outcome.margin for outcome in made if outcome.margin is not None]
    if margins:
        yield Row.at_least("geometry", f"{kind}: least margin", float(min(margins)), "of 1", 0)


def find_sources(*, quick: bool) -> Iterator[Source]:
    """Each rendered person in each pose, and each portrait where there are any."""
    for name in subject_names()[:2] if quick else subject_names():
        subject = RenderedPerson(find_subject(name))
        for pose in subject.poses:
            yield Source("twin", f"{name}, {pose}", picture_of(subject, pose, noise=True))
    portraits = portraits_folder()
    paths = [] if portraits is None else sorted(portraits.glob("*.jpg"))
    for path in paths[::10] if quick else paths:
        yield Source("portraits", path.stem, read_picture(path))


def make_and_verify(source: Source, models: LoadedModels, looker: Looker) -> Outcome:
    """Make the photo, and verify its file with a looker that has not seen the picture."""
    rules = specification()
    geometry = rules.profile(WANTED.profile).geometry
    passes = judge(looker.look(source.picture), rules).passed
    peer = False
    try:
        measured = models.standardiser.measure(source.picture, geometry)
        peer = _peer_inside(measured.face, measured.head, geometry)
        photo = models.standardiser.standardise(source.picture, WANTED)
    except StandardiseError:
        return Outcome(source.kind, passes, False, False, None, peer)
    found = verify(photo.encoded.data, looker, rules, WANTED.background, WANTED.profile)
    return Outcome(source.kind, passes, True, found.accepted, photo.crop.margin, peer)


PEER_FACE_AREA, PEER_FACE_MIDDLE, PEER_HEAD_TOP = 0.2, 0.45, (0.10, 0.12)
"""HivisionIDPhotos' defaults: the face's box takes a fifth of the photo, its middle lies at 45 % of
the height, and the head's top is then moved to 10 to 12 % of the height from the upper edge."""

PEER_BOX_ASPECT = 1.25
"""Height over width of the box that its face detector draws."""


def _peer_inside(face: Face, head: Head, geometry: Geometry) -> bool:
    """Whether the crop by the peer's rule would keep the specification's bounds."""
    area = face.width * face.width * PEER_BOX_ASPECT / PEER_FACE_AREA
    height = (area * 4 / 3) ** 0.5
    middle = face.chin[1] - face.width * PEER_BOX_ASPECT / 2
    top = middle - PEER_FACE_MIDDLE * height
    above = (head.top - top) / height
    if not within(above, PEER_HEAD_TOP):
        top = head.top - min(max(above, PEER_HEAD_TOP[0]), PEER_HEAD_TOP[1]) * height
    return (
        within((head.top - top) / height, geometry.head_top)
        and within((face.eye_line - top) / height, geometry.eye_line)
        and within(face.width / (height * 0.75), geometry.face_width)
        and top + height <= head.height
    )
