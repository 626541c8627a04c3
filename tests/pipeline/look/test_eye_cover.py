"""A hand before an eye is told, and bare faces are left in peace."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.errors import StandardiseError
from kiosk.lighting import usual_levels
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.look.eye_cover import eye_covered
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import Wanted, specification
from kiosk.twin import find_subject, props, single_frame, subject_names
from kiosk.twin.light_stage import RenderedPerson

At = Callable[..., Picture]


def with_hand(picture: Picture, looker: Looker) -> Picture:
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    return props.hold_hand_before_eye(picture, mesh.points, np.random.default_rng(0))


def test_a_hand_before_an_eye_makes_no_photo_and_says_why(
    models: LoadedModels, at_booth: At
) -> None:
    picture = with_hand(at_booth(), models.looker)
    wanted = Wanted((480, 640), "light-blue", "booth")
    with pytest.raises(StandardiseError, match=r"over an eye|cannot be made out") as refused:
        models.standardiser.standardise(picture, wanted)
    assert (refused.value.rule, refused.value.side) in {("eye_covered", "high"), (None, "low")}


def test_whoever_is_excused_for_a_covered_eye_is_not_turned_away(
    models: LoadedModels, at_booth: At
) -> None:
    picture = with_hand(at_booth(), models.looker)
    geometry = specification().profile().geometry
    with pytest.raises(StandardiseError, match="over an eye"):
        models.standardiser.measure(picture, geometry)
    measured = models.standardiser.measure(picture, geometry, excused={"eye_covered"})
    assert measured.picture is picture


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
