"""The models at work: loaded from the store, as the booth and the commands need them."""

from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ModelError
from kiosk.models import find
from kiosk.pipeline.look import Looker
from kiosk.pipeline.matting import Matter
from kiosk.pipeline.specification import specification
from kiosk.pipeline.standardise import Standardiser


@dataclass(frozen=True, slots=True)
class Eyes:
    """All models of a visit."""

    looker: Looker
    matter: Matter
    standardiser: Standardiser


def open_looker(store: Path) -> Looker:
    """Load the face models; raises ModelError.

    Without the detector faces are seen but not counted: `one_face` is not judged then.
    """
    try:
        detector = find("face_detector_full_range", store)
    except ModelError:
        detector = None
    return Looker(find("face_landmarker", store), detector)


def open_eyes(store: Path) -> Eyes:
    """Load all models of a visit; raises ModelError."""
    matter = Matter(find("modnet", store))
    looker = open_looker(store)
    return Eyes(looker, matter, Standardiser(looker, matter, specification()))
