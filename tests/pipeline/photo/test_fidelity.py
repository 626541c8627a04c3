"""Fidelity: the photo's face is the capture's, and a photo that touched it is found out."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import to_linear, to_srgb
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.fidelity import IDENTICAL, face_area, measure_fidelity
from kiosk.pipeline.photo.jpeg import encode
from kiosk.pipeline.photo.resample import resample
from kiosk.pipeline.photo.standardise import Photo
from kiosk.pipeline.specification import Wanted, specification

At = Callable[..., Picture]
BOUNDS = specification().fidelity
Made = tuple[Photo, Picture, np.ndarray]


@pytest.fixture(scope="module")
def made(at_booth: At, models: LoadedModels) -> Made:
    """A photo, its capture under its crop and scale, and where the face lies."""
    capture = at_booth()
    photo = models.standardiser.standardise(capture, Wanted((480, 640), "light-blue", "booth"))
    face = models.looker.look(capture).face
    assert face is not None
    wanted = to_srgb(resample(to_linear(capture), photo.crop, photo.size))
    return photo, wanted, face_area(face, photo.crop, photo.size)


def file_of(picture: Picture) -> bytes:
    encoded = encode(picture, (0, 1_000_000), (60, 100), 300)
    assert encoded is not None
    return encoded.data


def test_before_the_jpeg_no_pixel_of_the_face_is_altered(made: Made) -> None:
    photo, wanted, inside = made
    assert photo.fidelity.psnr == IDENTICAL
    assert photo.fidelity.keeps(BOUNDS)
    assert (photo.picture[inside] == wanted[inside]).all()
    assert 0.1 < inside.mean() < 0.4


@pytest.mark.parametrize(
    "touch",
    [
        lambda face: cv2.bilateralFilter(face, 9, 60, 9),
        lambda face: np.clip(face * 1.05, 0, 255).astype(np.uint8),
        lambda face: np.roll(face, 2, axis=1),
    ],
    ids=["smoothed", "brightened", "moved"],
)
def test_a_retouched_face_is_found_out(touch: Callable[[Picture], Picture], made: Made) -> None:
    _, wanted, inside = made
    touched = np.where(inside[..., None], np.asarray(touch(wanted), np.uint8), wanted)
    found = measure_fidelity(wanted, touched, file_of(touched), inside)
    assert not found.keeps(BOUNDS)
    assert found.psnr < BOUNDS.least_psnr


def test_a_small_mole_that_is_taken_away_is_found_out(made: Made) -> None:
    _, wanted, inside = made
    rows, columns = np.nonzero(inside)
    x, y = int(columns.mean()) + 60, int(rows.mean()) + 60
    marked = wanted.copy()
    cv2.circle(marked, (x, y), 4, (40, 25, 20), -1)
    found = measure_fidelity(marked, wanted, file_of(wanted), inside)
    assert not found.keeps(BOUNDS)


def test_the_jpeg_s_own_loss_is_no_retouching(made: Made) -> None:
    _, wanted, inside = made
    for quality in (95, 75, 60):
        done, data = cv2.imencode(".jpg", wanted[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        assert done
        found = measure_fidelity(wanted, wanted, data.tobytes(), inside)
        assert found.keeps(BOUNDS), (quality, found)
