"""How many photos come to lie inside the specification: rendered people and labelled portraits."""

from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.camera.frame import Picture
from kiosk.errors import StandardiseError
from kiosk.evaluation.accuracy import PORTRAITS
from kiosk.lighting import control_law
from kiosk.pipeline.judge.judge import judge, within
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Face
from kiosk.pipeline.photo.geometry import Head
from kiosk.pipeline.photo.standardise import Wanted
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import Geometry, specification
from kiosk.pipeline.verify.verify import verify
from kiosk.twin import find, names, show
from kiosk.twin.stage import Rendered

WANTED = Wanted((480, 640), "light-blue", "booth")


@dataclass(frozen=True, slots=True)
class Person:
    """One picture to make a photo of."""

    kind: str
    name: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class Cropped:
    """What became of it."""

    kind: str
    name: str
    passes: bool
    """Whether the rules of the shutter hold."""
    made: bool
    inside: bool
    """Whether the finished file is inside the specification."""
    margin: float | None
    peer_inside: bool
    """Whether a peer's crop would be."""
    why: str
    """Why no photo was made."""


def pictures(*, quick: bool) -> Iterator[Person]:
    """Give each rendered person in each pose, and each portrait where these lie."""
    for name in names()[:2] if quick else names():
        subject = Rendered(find(name))
        for pose in subject.poses:
            lit = {**control_law.WORKING, "room": 1.0}
            yield Person("twin", f"{name}, {pose}", show.frame(subject, pose, lit, noise=True))
    paths = sorted(PORTRAITS.glob("*.jpg"))
    for path in paths[::10] if quick else paths:
        yield Person("portraits", path.stem, read_picture(path))


def measure(person: Person, eyes: LoadedModels, looker: Looker) -> Cropped:
    """Make the photo, and verify its file anew."""
    rules = specification()
    passes = judge(looker.look(person.picture), rules).passed
    peer = False
    try:
        face, head = eyes.standardiser.measure(person.picture)
        peer = _peer_inside(face, head, rules.geometry)
        photo = eyes.standardiser.standardise(person.picture, WANTED)
    except StandardiseError as error:
        return Cropped(person.kind, person.name, passes, False, False, None, peer, str(error))
    found = verify(photo.encoded.data, looker, rules, WANTED.background, WANTED.profile)
    margin = photo.crop.margin
    return Cropped(person.kind, person.name, passes, True, found.accepted, margin, peer, "")


FACE_SHARE, FACE_MIDDLE, HEAD_TOP = 0.2, 0.45, (0.10, 0.12)
"""HivisionIDPhotos' defaults: the face's box takes a fifth of the photo, its middle lies at 45 % of
the height, and the head's top is then moved to 10 to 12 % of the height from the upper edge."""

BOX = 1.25
"""Height over width of the box that a face detector draws."""


def _peer_inside(face: Face, head: Head, geometry: Geometry) -> bool:
    """Whether the crop by the peer's rule would keep the specification's bounds."""
    area = face.width * face.width * BOX / FACE_SHARE
    height = (area * 4 / 3) ** 0.5
    middle = face.chin[1] - face.width * BOX / 2
    top = middle - FACE_MIDDLE * height
    above = (head.top - top) / height
    if not within(above, HEAD_TOP):
        top = head.top - min(max(above, HEAD_TOP[0]), HEAD_TOP[1]) * height
    return (
        within((head.top - top) / height, geometry.head_top)
        and within((face.eye_line - top) / height, geometry.eye_line)
        and within(face.width / (height * 0.75), geometry.face_width)
        and top + height <= head.height
    )
