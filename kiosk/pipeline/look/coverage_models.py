"""The models that see what covers a head: one that tells six classes, one that knows hair well."""

import cv2
import numpy as np

from kiosk.camera.frame import Picture
from kiosk.pipeline.look.coverage import (
    HAIR,
    PATCH_SIDE,
    ClassMasks,
    cut_out_head,
    measure_coverage,
    shrink_for_classes,
)
from kiosk.pipeline.look.patch import Points
from kiosk.pipeline.look.segmenter import Segmenter
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.observation import Coverage


class CoverageModels:
    """MediaPipe's selfie multiclass segmenter, and its hair segmenter where there is one. Close it.

    Raises ModelError.
    """

    def __init__(self, selfie_multiclass: bytes, hair_segmenter: bytes | None) -> None:
        self._classes = Segmenter(selfie_multiclass, "selfie multiclass")
        self._hair = None if hair_segmenter is None else Segmenter(hair_segmenter, "hair")

    def look(self, picture: Picture, points: Points) -> Coverage:
        """Measure what covers the head of a face whose mesh is `points` in a picture."""
        head = cut_out_head(picture, points)
        masks = self.class_masks(head.patch)
        return measure_coverage(head, masks, self.hair_mask(head.patch, masks))

    def class_masks(self, patch: Picture) -> ClassMasks:
        """What each pixel of an upright patch shows."""
        return self._classes.masks(shrink_for_classes(patch))

    def hair_mask(self, patch: Picture, masks: ClassMasks) -> SoftMask:
        """How surely each pixel of an upright patch is hair; `masks` is what it shows."""
        if self._hair is not None:
            return self._hair.mask(patch)
        return np.asarray(cv2.resize(masks[HAIR], (PATCH_SIDE, PATCH_SIDE)), np.float32)

    def close(self) -> None:
        """Free the models."""
        self._classes.close()
        if self._hair is not None:
            self._hair.close()
