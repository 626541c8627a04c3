"""Checked pictures with what was measured drawn on them, and observations that go to JSON."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.commands.main import main
from kiosk.drawing.assessment import LIST_WIDTH, SHEET_HEIGHT, draw_assessment
from kiosk.drawing.colours import WRONG
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Coverage, from_json, to_json
from kiosk.pipeline.specification import specification
from kiosk.twin import Posture
from tests.pipeline.bare import BARE

At = Callable[..., Picture]


def test_an_annotated_picture_shows_the_face_and_lists_every_rule(
    at_booth: At, looker: Looker
) -> None:
    picture = at_booth(Posture("smile"))
    seen = looker.look(picture)
    drawn = draw_assessment(picture, seen, judge(seen, specification()))
    assert drawn.shape == (SHEET_HEIGHT, 720 + LIST_WIDTH, 3)
    plain = np.asarray(Image.fromarray(picture).resize((720, SHEET_HEIGHT)), int)
    assert (np.abs(drawn[:, :720].astype(int) - plain).max(2) > 60).sum() > 1000
    assert (drawn[:, 740:] < 128).any(2).sum() > 3000


def test_what_is_covered_is_ringed_in_the_colour_of_what_does_not_hold(
    at_booth: At, looker: Looker
) -> None:
    picture = at_booth()
    seen = looker.look(picture)
    assert seen.face is not None
    masked = replace(BARE, mouth=0.9)

    def draw(coverage: Coverage | None) -> Picture:
        found = replace(seen, coverage=coverage)
        return draw_assessment(picture, found, judge(found, specification()))[:, :720]

    changed = (draw(masked) != draw(BARE)).any(2)
    rows, columns = np.nonzero(changed)
    scale = SHEET_HEIGHT / picture.shape[0]
    assert seen.face.eye_line * scale < rows.min() < rows.max() < seen.face.chin[1] * scale
    assert abs(columns.mean() - seen.face.midline * scale) < 0.1 * seen.face.width * scale
    assert (draw(masked)[changed] == WRONG).all(1).mean() > 0.3
    assert (draw(None) != draw(BARE)).any()


@pytest.mark.parametrize("shape", [(1, 1), (2000, 30), (30, 2000)])
def test_a_picture_without_a_face_is_annotated_too(shape: tuple[int, int], looker: Looker) -> None:
    picture = np.full((*shape, 3), 90, np.uint8)
    seen = looker.look(picture)
    drawn = draw_assessment(picture, seen, judge(seen, specification()))
    assert drawn.shape[0] == SHEET_HEIGHT


def test_an_observation_that_went_to_json_and_back_is_judged_the_same(
    at_booth: At, looker: Looker
) -> None:
    for picture in (at_booth(), at_booth(Posture("yaw_15")), np.zeros((640, 480, 3), np.uint8)):
        seen = looker.look(picture)
        again = from_json(json.loads(json.dumps(to_json(seen))))
        assert again == seen
        assert judge(again, specification()) == judge(seen, specification())


def test_what_is_no_observation_is_refused() -> None:
    with pytest.raises(ValueError, match="width"):
        from_json({"height": 3})


def test_check_writes_annotated_pictures_into_a_folder_it_makes(
    tmp_path: Path, at_booth: At, models_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(at_booth()).save(tmp_path / "lin.png")
    out = tmp_path / "a" / "b"
    main(["check", str(tmp_path / "lin.png"), "--annotate", str(out)])
    assert [path.name for path in out.iterdir()] == ["lin.png"]
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert main(["check", str(tmp_path / "lin.png"), "--annotate", str(blocked)]) == 2
    assert "cannot be written" in capsys.readouterr().err
