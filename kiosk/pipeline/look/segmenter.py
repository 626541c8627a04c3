"""A segmentation model: which pixels of a picture show a person, or hair."""

import numpy as np

from kiosk.camera.frame import Picture
from kiosk.errors import ModelError
from kiosk.pipeline.look.face_models import to_mediapipe
from kiosk.pipeline.look.tasks import load_tasks
from kiosk.pipeline.mask import SoftMask


class Segmenter:
    """One of MediaPipe's image segmenters. Close it.

    `finds` is what it finds, for the error. Raises ModelError.
    """

    def __init__(self, model: bytes, finds: str) -> None:
        tasks = load_tasks()
        try:
            self._segmenter = tasks.vision.ImageSegmenter.create_from_options(
                tasks.vision.ImageSegmenterOptions(
                    base_options=tasks.base_options(model_asset_buffer=model),
                    output_confidence_masks=True,
                )
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(f"the {finds} segmenter cannot be loaded: {error}") from error

    def mask(self, picture: Picture) -> SoftMask:
        """How surely each pixel of a picture shows what the model finds."""
        # A model with several classes has the background first.
        found = self._segmenter.segment(to_mediapipe(picture)).confidence_masks[-1]
        return np.array(found.numpy_view(), np.float32).reshape(picture.shape[:2])

    def close(self) -> None:
        """Free the model."""
        self._segmenter.close()
