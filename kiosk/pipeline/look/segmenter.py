"""A segmentation model: which pixels of a picture show a person, or hair, or what else."""

import numpy as np
from numpy.typing import NDArray

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
        # A model with two classes has the background first.
        return np.asarray(self.masks(picture)[-1])

    def masks(self, picture: Picture) -> NDArray[np.float32]:
        """Classes x height x width: how surely each pixel of a picture is of each class."""
        found = self._segmenter.segment(to_mediapipe(picture)).confidence_masks
        height, width = picture.shape[:2]
        return np.stack([np.reshape(mask.numpy_view(), (height, width)) for mask in found])

    def close(self) -> None:
        """Free the model."""
        self._segmenter.close()
