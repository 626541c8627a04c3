"""Who stands in the twin: a rendered person by name, or whoever a photo shows."""

from pathlib import Path

import numpy as np

from kiosk.config import Config
from kiosk.errors import StandardiseError
from kiosk.pipeline.cutout.matting import estimate_foreground
from kiosk.pipeline.loading import load_models
from kiosk.pipeline.photo.head import measure_head, require_one_face
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import specification
from kiosk.twin import portrait

TWIN_SIZE = (960, 1280)
"""Main stream in which a photo of a person stands before the twin's backdrop."""


def subject_source(subject: str, folder: Path, config: Config) -> str | Path:
    """Who stands in the twin: a rendered subject's name, or a file with a photo's person.

    The file is written into `folder`, and is to go with it. Raises UsageError, StandardiseError.
    """
    path = Path(subject)
    is_photo = path.suffix.lower() in (".jpg", ".jpeg", ".png")
    return _stand(path, folder, config) if is_photo else subject


def _stand(path: Path, folder: Path, config: Config) -> Path:
    """Cut a person out of a photo, and lay them down for the twin. Raises StandardiseError."""
    picture = read_picture(path)
    models = load_models(config.models.store)
    try:
        face = require_one_face(models.looker.look(picture), specification().profile().geometry)
        alpha = models.matter.alpha(picture)
        measure_head(alpha, face)  # a head that its own photo cuts off cannot stand anywhere
    except StandardiseError as error:
        raise StandardiseError(f"{path}: {error}") from error
    finally:
        models.looker.close()
    person = np.rint(estimate_foreground(picture, alpha) * 255).astype(np.uint8)
    file = folder / "subject.npz"
    portrait.save_portrait(
        file, person, alpha, (face.midline, face.eye_line), face.width, TWIN_SIZE
    )
    return file
