"""`kiosk twin list|show|frame`, as staff type it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.commands.main import main
from kiosk.twin import subject_names
from kiosk.twin.light_stage import RenderedPerson, SubjectError
from kiosk.twin.people import SUBJECTS, open_all_subjects
from kiosk.twin.portrait import key_lamp_gain
from kiosk.twin.single_frame import parse_levels

LAMPS = ("key_left", "key_right", "fill", "backdrop", "room")


def test_the_list_names_everybody_with_what_they_look_like(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["twin", "list", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert tuple(row["name"] for row in rows) == subject_names()
    assert all(row["words"] and row["poses"][0] == "neutral" for row in rows)


def test_a_damaged_subject_is_named_and_the_others_are_still_there(tmp_path: Path) -> None:
    for name in ("lin", "bo"):
        shutil.copytree(SUBJECTS / name, tmp_path / name)
    (tmp_path / "bo" / "neutral" / "fill.jpg").write_bytes(b"\xff\xd8 not a picture")
    wrong, right = open_all_subjects(tmp_path)
    assert isinstance(wrong, SubjectError)
    assert "bo/neutral/fill.jpg" in str(wrong)
    assert isinstance(right, RenderedPerson)
    assert right.name == "lin"


def test_show_prints_what_is_true_of_each_pose(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["twin", "show", "lin", "--json"]) == 0
    rows = {row["pose"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["yaw_15"]["yaw"] == 15
    assert rows["eyes_closed"]["eye_opening"] == 0
    assert main(["twin", "show", "lin"]) == 0
    assert "roll_6" in capsys.readouterr().out


def frame(path: Path, lamps: str, *more: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    assert main(["twin", "frame", "lin", "--lamps", lamps, "-o", str(path), *more]) == 0
    with Image.open(path) as picture:
        assert picture.size == (960, 1280)
        return np.asarray(picture)


def test_a_frame_shows_only_the_lamps_that_are_lit(tmp_path: Path) -> None:
    dark = frame(tmp_path / "dark.png", "key_left=0", "--no-noise")
    lit = frame(tmp_path / "lit.png", "key_left=0.6", "--no-noise")
    assert dark.max() == 0
    face = lit[400:800, 350:610].astype(float)
    assert face[:, :120].mean() > 1.2 * face[:, -120:].mean()


def test_noise_is_there_unless_it_is_left_out_and_is_the_same_each_time(tmp_path: Path) -> None:
    noisy, again = (frame(tmp_path / f"{i}.png", "fill=0.5") for i in range(2))
    clean = frame(tmp_path / "clean.png", "fill=0.5", "--no-noise")
    np.testing.assert_array_equal(noisy, again)
    assert np.abs(noisy.astype(int) - clean).mean() > 0.3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "nobody"], "no subject nobody: there are amara"),
        (["frame", "lin", "--pose", "upside_down", "-o", "x.png"], "there are neutral"),
        (["frame", "lin", "--lamps", "torch=1", "-o", "x.png"], "no lamp torch: there are key_"),
        (["frame", "lin", "--lamps", "fill=2", "-o", "x.png"], "from 0 (dark) to 1"),
        (["frame", "lin", "--lamps", "fill=much", "-o", "x.png"], "from 0 (dark) to 1"),
        (["frame", "lin", "--lamps", "fill", "-o", "x.png"], "NAME=LEVEL"),
        (["frame", "lin", "--lamps", "fill=1,fill=0", "-o", "x.png"], "given twice"),
        (["frame", "lin", "-o", "x.jpg"], "PNG"),
        (["frame", "nobody.jpg", "-o", "x.png"], "nobody.jpg: there is no such file"),
        (["frame", "lin", "-o", "not/there/x.png"], "cannot be written"),
    ],
)
def test_what_is_wrong_is_named_with_what_there_is(
    arguments: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["twin", *arguments]) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_portrait_stands_before_the_backdrop_lit_as_it_is(
    tmp_path: Path, shared_data: Path, models_store: Path
) -> None:
    portrait = str(shared_data / "portraits" / "london_neutral-005.jpg")
    pictures = []
    for number, lamps in enumerate(("backdrop=0.6", "backdrop=0.2,key_left=0.5,key_right=0.5")):
        out = tmp_path / f"{number}.png"
        assert (
            main(["twin", "frame", portrait, "--lamps", lamps, "--no-noise", "-o", str(out)]) == 0
        )
        with Image.open(out) as opened:
            pictures.append(np.asarray(opened).astype(int))
    bright, dim = pictures
    assert bright.shape == (1280, 960, 3)
    assert bright[40, 480].sum() > 1.3 * dim[40, 480].sum()
    np.testing.assert_allclose(bright[700:740, 440:520], dim[700:740, 440:520], atol=1)


def test_a_portrait_s_cheeks_answer_key_lamps_out_of_balance() -> None:
    even, left, dark = (
        key_lamp_gain({"key_left": a, "key_right": b}, 960)
        for a, b in ((0.5, 0.5), (0.6, 0.4), (0, 0))
    )
    assert (even == 1).all()
    assert (dark == 1).all()
    assert left[0] > 1.05
    assert left[-1] < 0.95
    assert left.mean() == pytest.approx(1, abs=1e-3)


def test_lamps_that_are_not_named_are_dark() -> None:
    assert parse_levels("", LAMPS) == {}
    assert parse_levels(" fill = 0.5 , ", LAMPS) == {"fill": 0.5}
