"""The models at work: loaded from the store, as the booth and the commands need them."""

from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ModelError
from kiosk.models import find
from kiosk.pipeline.cutout.matting import MattingModel
from kiosk.pipeline.look.looker import Looker, ModelFiles
from kiosk.pipeline.photo.standardise import Standardiser
from kiosk.pipeline.specification import specification


@dataclass(frozen=True, slots=True)
class LoadedModels:
    """All models of a visit."""

    looker: Looker
    matter: MattingModel
    standardiser: Standardiser


def load_looker(store: Path) -> Looker:
    """Load the models that see; raises ModelError without the face's mesh.

    Without another the rules that need it are not judged.
    """

    def optional(name: str) -> Path | None:
        try:
            return find(name, store)
        except ModelError:
            return None

    return Looker(
        ModelFiles(
            find("face_landmarker", store),
            optional("face_detector_full_range"),
            optional("selfie_segmenter"),
            optional("hair_segmenter"),
            optional("face_antispoof"),
        )
    )


def load_models(store: Path) -> LoadedModels:
    """Load all models of a visit; raises ModelError."""
    matter = MattingModel(find("modnet", store))
    looker = load_looker(store)
    return LoadedModels(looker, matter, Standardiser(looker, matter, specification()))
