"""What is seen in one picture: which faces, by the detector and by the mesh."""

from collections.abc import Callable

import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.look.face_models import FaceModels
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.specification import specification

At = Callable[..., Picture]


def test_a_face_that_has_a_mesh_is_there_though_the_detector_misses_it(
    at_booth: At, looker: Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FaceModels, "find_boxes", lambda *_: [])
    picture = at_booth()
    looker.forget()
    followed = looker.follow(picture, 0.0)
    looker.forget()
    for seen in (looker.look(picture), looker.find_face(picture), followed):
        assert (seen.faces, seen.face is not None) == (1, True)
        assert judge(seen, specification()).rules[0].ok
    assert looker.look(np.zeros_like(picture)).faces == 0
