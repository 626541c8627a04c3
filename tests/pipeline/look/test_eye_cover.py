"""A hand before an eye is told, and bare faces are left in peace."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.errors import StandardiseError
from kiosk.lighting import usual_levels
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.look.eye_cover import eye_covered
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import Wanted
from kiosk.twin import find_subject, single_frame, subject_names
from kiosk.twin.light_stage import RenderedPerson

At = Callable[..., Picture]


def with_hand(picture: Picture, looker: Looker) -> Picture:
    """Draw five fingers over the right eye, in the colour of the cheek, with shade between them."""
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    points = mesh.points
    unit = float(np.hypot(*(points[[362, 263]].mean(0) - points[[33, 133]].mean(0))))
    middle = points[468]
    x, y = (int(v) for v in points[50])
    skin = np.median(picture[y - 4 : y + 4, x - 4 : x + 4].reshape(-1, 3), axis=0)
    drawn = picture.copy()
    for finger in range(-2, 3):
        start = middle + np.array([-1.2, 0.22 * finger + 0.3]) * unit
        end = middle + np.array([0.9, 0.2 * finger]) * unit
        for share, width in ((0.88, 0.24), (0.95, 0.19)):
            ends = tuple(int(v) for v in start), tuple(int(v) for v in end)
            colour = tuple(float(v) for v in skin * share)
            cv2.line(drawn, *ends, colour, int(width * unit), cv2.LINE_AA)
    return drawn


def test_a_hand_before_an_eye_makes_no_photo_and_says_why(
    models: LoadedModels, at_booth: At
) -> None:
    picture = with_hand(at_booth(), models.looker)
    wanted = Wanted((480, 640), "light-blue", "booth")
    with pytest.raises(StandardiseError, match=r"over an eye|cannot be made out"):
        models.standardiser.standardise(picture, wanted)


@pytest.mark.parametrize("name", subject_names())
def test_open_eyes_of_every_rendered_person_are_not_called_covered(
    name: str, looker: Looker
) -> None:
    subject = RenderedPerson(find_subject(name))
    picture = single_frame.take_frame(
        subject, "neutral", {**usual_levels.WORKING, "room": 1.0}, noise=True
    )
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    assert not eye_covered(picture, mesh.points)


def test_bare_faces_of_all_kinds_are_not_called_covered(looker: Looker, shared_data: Path) -> None:
    """Every fifth portrait; the one who wears a patch is among the others."""
    for path in sorted((shared_data / "portraits").glob("*.jpg"))[::5]:
        picture = read_picture(path)
        mesh = looker.find_mesh(picture)
        if mesh is not None:
            assert not eye_covered(picture, mesh.points), path.name
