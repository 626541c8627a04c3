"""Where irises stand: in eyes that are drawn, and in those of rendered people."""

import cv2
import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.pipeline.look.iris import find_irises
from kiosk.pipeline.look.patch import Points

CORNERS = {"left": ((362, 263), 120.0), "right": ((33, 133), 40.0)}
IRISES = {"left": (473, (474, 475, 476, 477)), "right": (468, (469, 470, 471, 472))}
WIDTH, RADIUS = 40.0, 8.5


def eyes_that_look(
    aside: float, up: float, *, colour: tuple[int, int, int] = (70, 45, 30), light: float = 1.0
) -> tuple[Picture, Points]:
    """Two eyes whose irises stand so many widths off the middle, half under the lids; and a mesh
    that takes them to look straight ahead."""
    picture = np.full((80, 160, 3), (190, 140, 115), np.uint8)
    points = np.zeros((478, 2))
    for side, ((start, end), x) in CORNERS.items():
        points[start], points[end] = (x - WIDTH / 2, 40.0), (x + WIDTH / 2, 40.0)
        middle, edge = IRISES[side]
        points[middle] = x, 40.0
        points[list(edge)] = [
            (x + RADIUS, 40),
            (x, 40 - RADIUS),
            (x - RADIUS, 40),
            (x, 40 + RADIUS),
        ]
        eye = picture.copy()
        place = round(16 * (x + aside * WIDTH)), round(16 * (40 - up * WIDTH))
        cv2.ellipse(eye, (round(x), 38), (20, 9), 0, 0, 360, (225, 220, 215), -1)
        cv2.circle(eye, place, round(16 * RADIUS), colour, -1, cv2.LINE_AA, 4)
        opening = np.zeros(picture.shape[:2], np.uint8)
        cv2.ellipse(opening, (round(x), 38), (20, 9), 0, 0, 360, 1, -1)
        picture[opening > 0] = eye[opening > 0]
    soft = cv2.GaussianBlur(picture, (0, 0), 1.0) * light
    return np.asarray(soft, np.uint8), points


@pytest.mark.parametrize(("aside", "up"), [(0.0, 0.05), (0.08, 0.05), (-0.08, 0.0), (0.0, 0.12)])
def test_irises_are_found_where_they_stand_though_the_mesh_has_them_elsewhere(
    aside: float, up: float
) -> None:
    found = find_irises(*eyes_that_look(aside, up))
    assert found == pytest.approx(np.array([(aside, up)] * 2), abs=0.03)


@pytest.mark.parametrize("colour", [(30, 18, 12), (95, 115, 135), (110, 95, 60)])
def test_irises_of_every_colour_are_found(colour: tuple[int, int, int]) -> None:
    found = find_irises(*eyes_that_look(0.0, 0.1, colour=colour))
    assert found[:, 1] == pytest.approx(0.1, abs=0.03)


def test_little_light_moves_no_iris() -> None:
    lit, dim = (find_irises(*eyes_that_look(0.05, 0.1, light=light)) for light in (1.0, 0.2))
    assert dim == pytest.approx(lit, abs=0.015)


def test_a_picture_without_eyes_has_irises_somewhere_near() -> None:
    _, points = eyes_that_look(0.0, 0.0)
    for flat in (0, 128, 255):
        found = find_irises(np.full((80, 160, 3), flat, np.uint8), points)
        assert np.isfinite(found).all()
        assert np.abs(found).max() < 0.3
