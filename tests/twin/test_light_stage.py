import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.twin.light_stage import EmptyBooth, RenderedPerson, SubjectError
from kiosk.twin.people import KEPT_OUT, STRANGERS, SUBJECTS, find_subject, subject_names


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """One subject's folder, to be damaged."""
    source = SUBJECTS / subject_names()[0]
    poses = json.loads((source / "subject.json").read_text())["poses"][:2]
    folder = tmp_path / source.name
    folder.mkdir()
    for pose in poses:
        shutil.copytree(source / pose, folder / pose)
    note = json.loads((source / "subject.json").read_text()) | {"poses": poses}
    (folder / "subject.json").write_text(json.dumps(note))
    return folder


def test_strangers_stand_apart_at_rest_and_those_kept_out_of_every_fit_are_among_them() -> None:
    there = subject_names(STRANGERS)
    assert set(KEPT_OUT) < set(there)
    assert not set(there) & set(subject_names())
    for name in there:
        subject = RenderedPerson(find_subject(name, STRANGERS))
        assert (subject.size, subject.lamps) == (EmptyBooth().size, EmptyBooth().lamps)
        assert subject.poses == ("neutral",)
        assert subject.stage("neutral", large=False).alpha.max() == 255


def test_every_subject_that_comes_along_can_be_read_in_every_pose() -> None:
    assert subject_names()
    for name in subject_names():
        subject = RenderedPerson(find_subject(name))
        assert subject.name == name
        assert subject.size == EmptyBooth().size
        assert subject.lamps == EmptyBooth().lamps
        for pose in subject.poses:
            stage = subject.stage(pose, large=False)
            assert stage.alpha.max() == 255
            assert stage.alpha.min() == 0
            assert {"yaw", "pitch", "roll", "eyes"} <= subject.truth(pose).keys()


def test_small_pictures_have_half_the_size_of_large_ones() -> None:
    booth = EmptyBooth()
    width, height = booth.size
    assert booth.stage(large=True).pictures["fill"].shape == (height, width, 3)
    assert booth.stage(large=False).pictures["fill"].shape == (height // 2, width // 2, 3)


def test_a_small_picture_holds_the_light_of_the_large_one() -> None:
    small, large = (EmptyBooth().stage(large=large) for large in (False, True))
    for lamp in ("key_left", "backdrop"):
        table = small.decoding_table(lamp, 1.0)
        assert table[small.pictures[lamp]].mean() == pytest.approx(
            table[large.pictures[lamp]].mean(), rel=0.01
        )


def test_an_encoded_value_is_the_square_root_of_its_light() -> None:
    stage = EmptyBooth().stage(large=False)
    table = stage.decoding_table("fill", 0.5)
    assert table[255] == pytest.approx(0.5 * stage.white["fill"])
    assert table[51] == pytest.approx(0.5 * stage.white["fill"] / 25)


def test_an_unknown_subject_names_those_there_are() -> None:
    with pytest.raises(SubjectError, match=f"no subject nobody: there are .*{subject_names()[0]}"):
        find_subject("nobody")


def test_an_unknown_pose_names_those_there_are(copy: Path) -> None:
    with pytest.raises(SubjectError, match="no pose handstand: there are neutral"):
        RenderedPerson(copy).stage("handstand", large=False)


def test_a_folder_without_its_note_is_no_subject(copy: Path) -> None:
    (copy / "subject.json").unlink()
    assert subject_names(copy.parent) == ()
    with pytest.raises(SubjectError, match=r"subject\.json: cannot be read \(No such file"):
        RenderedPerson(copy)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "cannot be read"),
        ("[1]", "valid dictionary"),
        ('{"name": "x"}', "size: Field required"),
    ],
)
def test_a_damaged_note_says_what_is_wrong_in_it(copy: Path, text: str, reason: str) -> None:
    (copy / "subject.json").write_text(text)
    with pytest.raises(SubjectError, match=reason):
        RenderedPerson(copy)


def test_a_lamp_without_its_white_is_named(copy: Path) -> None:
    note = json.loads((copy / "subject.json").read_text())
    del note["white"]["fill"]
    (copy / "subject.json").write_text(json.dumps(note))
    with pytest.raises(SubjectError, match="no white for fill"):
        RenderedPerson(copy)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:2000])


def _shrink(path: Path) -> None:
    Image.fromarray(np.zeros((8, 6, 3), np.uint8)).save(path)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.unlink(), r"cannot be read \(No such file"),
        (lambda path: path.write_bytes(b""), r"cannot be read \(not a picture"),
        (_truncate, r"cannot be read \(image file is truncated"),
        (_shrink, r"is RGB of \(6, 8\), and not RGB of"),
    ],
)
def test_a_damaged_picture_is_named_with_its_pose(
    copy: Path, damage: Callable[[Path], object], reason: str
) -> None:
    damage(copy / "neutral" / "fill.jpg")
    with pytest.raises(SubjectError, match=rf"neutral/fill\.jpg: {reason}"):
        RenderedPerson(copy).stage("neutral", large=True)


def test_a_missing_matte_is_named(copy: Path) -> None:
    (copy / "neutral" / "alpha.png").unlink()
    with pytest.raises(SubjectError, match=r"neutral/alpha\.png: cannot be read"):
        RenderedPerson(copy).stage("neutral", large=False)


def test_a_missing_booth_is_named(tmp_path: Path) -> None:
    with pytest.raises(SubjectError, match=r"booth\.json: cannot be read"):
        EmptyBooth(tmp_path)
