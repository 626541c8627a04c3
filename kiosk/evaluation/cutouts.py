"""Ways of cutting a sample's person out and laying them on the new background: the booth's own,
MODNet alone, and the steps of HivisionIDPhotos.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.evaluation.samples import LIGHT_BLUE, PHOTO_SIZE, Sample
from kiosk.pipeline.cutout.matting import FloatPicture, MattingModel, composite
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.photo.geometry import Crop
from kiosk.pipeline.photo.standardise import Evidence, Part, lay_on_background
from kiosk.pipeline.specification import specification


def cut_out_as_booth(
    models: LoadedModels, sample: Sample, evidence: Evidence
) -> tuple[Part, float]:
    """Crop and cut out as the booth does: the part, and the chin's row in the capture."""
    geometry = specification().profile().geometry
    measured = models.standardiser.measure(sample.capture, geometry, evidence)
    part = models.standardiser.cut_out(measured, geometry, PHOTO_SIZE)
    return part, measured.face.chin[1]


def cut_out_crop(models: LoadedModels, sample: Sample, evidence: Evidence, crop: Crop) -> Part:
    """Cut a given crop out as the booth does, with other evidence."""
    geometry = specification().profile().geometry
    measured = models.standardiser.measure(sample.capture, geometry, evidence)
    return models.standardiser.cut_out_crop(measured, crop, PHOTO_SIZE)


def lay_cutout(part: Part) -> Picture:
    """The booth's photo: the person's own colours on the new background."""
    return lay_on_background(part.picture, part.cutout, LIGHT_BLUE)


def lay_modnet_alone(part: Part) -> Picture:
    """MODNet's photo: its alpha on the new background, and the picture's colours as they are."""
    return paste(part.picture, part.estimate.clip(0, 1))


def paste(picture: Picture, alpha: SoftMask) -> Picture:
    """A matte on the new background, with the picture's colours as they are."""
    return composite(_as_colour(picture), alpha, LIGHT_BLUE)


def _as_colour(picture: Picture) -> FloatPicture:
    return picture.astype(np.float32) / np.float32(255)


def follow_hivision(matter: MattingModel, capture: Picture, crop: Crop) -> tuple[SoftMask, Picture]:
    """The steps of HivisionIDPhotos 1.3, with the booth's MODNet and crop: alpha and photo.

    The whole picture is squeezed to 512 × 512 for MODNet, holes in the largest outline are filled,
    colours stay as they are, and both are blended in sRGB, then scaled.
    """
    height, width = capture.shape[:2]
    square = np.asarray(cv2.resize(capture, (512, 512), interpolation=cv2.INTER_AREA), np.uint8)
    soft = np.asarray(cv2.resize(matter.alpha(square, 512), (width, height)), np.float32)
    filled = np.maximum(soft, _fill_holes(soft)).clip(0, 1)
    laid = composite(_as_colour(capture), filled, LIGHT_BLUE)
    box = [round(v) for v in (crop.left, crop.top, crop.left + crop.width, crop.top + crop.height)]
    alpha = _cut_box(filled, box, (0,))
    return np.asarray(alpha, np.float32), np.asarray(_cut_box(laid, box, LIGHT_BLUE), np.uint8)


def _fill_holes(soft: SoftMask) -> SoftMask:
    solid = cv2.erode((soft > 0.5).astype(np.uint8), np.ones((13, 13), np.uint8))
    outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(soft.shape, np.float32)
    if outlines:
        cv2.drawContours(filled, [max(outlines, key=cv2.contourArea)], -1, 1.0, cv2.FILLED)
    return filled


def _cut_box(
    values: NDArray[np.float32] | Picture, box: list[int], outside: tuple[int, ...]
) -> cv2.typing.MatLike:
    """The box (left, top, right, bottom; px) at PHOTO_SIZE, with `outside` beyond the picture."""
    left, top, right, bottom = box
    height, width = values.shape[:2]
    beyond = max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)
    whole = cv2.copyMakeBorder(values, *beyond, cv2.BORDER_CONSTANT, value=outside)
    above, _, before, _ = beyond
    part = whole[top + above : bottom + above, left + before : right + before]
    return cv2.resize(part, PHOTO_SIZE, interpolation=cv2.INTER_AREA)
