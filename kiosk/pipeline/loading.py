"""The models at work: loaded from the store, as the booth and the commands need them."""

import ctypes
import logging
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import ModelError
from kiosk.models import load_manifest, read_model, require_models
from kiosk.pipeline.cutout.matting import MattingModel
from kiosk.pipeline.look.looker import Looker, ModelFiles
from kiosk.pipeline.photo.standardise import Standardiser
from kiosk.pipeline.specification import specification

log = logging.getLogger(__name__)

LARGE = 1 << 20
"""Bytes from which on memory goes back to the system as soon as it is freed."""

M_MMAP_THRESHOLD = -3
"""The option's number in the GNU C library's malloc.h."""


@dataclass(frozen=True, slots=True)
class LoadedModels:
    """All models of a visit."""

    looker: Looker
    matter: MattingModel
    standardiser: Standardiser


def load_looker(store: Path, aside: Executor | None = None) -> Looker:
    """Load the models that see; raises ModelError where one that is required is missing.

    `aside` does what takes longer than a frame (`look.aside`); without it that is done at once.
    Without another model the rules that need it are not judged, and staff are told in the log.
    """

    def optional(name: str) -> bytes | None:
        try:
            return read_model(name, store)
        except ModelError as error:
            log.warning("models: %s; not judged: %s", error, load_manifest()[name].used_for)
            return None

    return Looker(
        ModelFiles(
            read_model("face_landmarker", store),
            read_model("face_detector_full_range", store),
            optional("selfie_segmenter"),
            optional("hair_segmenter"),
            optional("selfie_multiclass"),
            optional("face_antispoof"),
        ),
        aside,
    )


def load_models(store: Path, aside: Executor | None = None) -> LoadedModels:
    """Load all models of a visit; `aside` as for `load_looker`. Raises ModelError."""
    require_models(store)
    return_large_blocks()
    matter = MattingModel(read_model("modnet", store))
    looker = load_looker(store, aside)
    return LoadedModels(looker, matter, Standardiser(looker, matter, specification()))


def return_large_blocks() -> None:
    """Let no large block stay in the heap once it is freed, as most do that a model's file and
    MODNet need for a moment: they keep a hundred megabytes from all others, and what they showed.

    Only the GNU C library can be told so; where there is another, nothing happens.
    """
    if (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE)
