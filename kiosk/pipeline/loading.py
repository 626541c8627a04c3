"""The models at work: loaded from the store, as the booth and the commands need them."""

from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ModelError
from kiosk.models import find
from kiosk.pipeline.cutout.matting import Matter
from kiosk.pipeline.look.looker import Looker, Models
from kiosk.pipeline.photo.standardise import Standardiser
from kiosk.pipeline.specification import specification


@dataclass(frozen=True, slots=True)
class Eyes:
    """All models of a visit."""

    looker: Looker
    matter: Matter
    standardiser: Standardiser


def open_looker(store: Path) -> Looker:
    """Load the models that see; raises ModelError without the face's mesh.

    Without another the rules that need it are not judged.
    """

    def optional(name: str) -> Path | None:
        try:
            return find(name, store)
        except ModelError:
            return None

    return Looker(
        Models(
            find("face_landmarker", store),
            optional("face_detector_full_range"),
            optional("selfie_segmenter"),
            optional("hair_segmenter"),
            optional("face_antispoof"),
        )
    )


def open_eyes(store: Path) -> Eyes:
    """Load all models of a visit; raises ModelError."""
    matter = Matter(find("modnet", store))
    looker = open_looker(store)
    return Eyes(looker, matter, Standardiser(looker, matter, specification()))
