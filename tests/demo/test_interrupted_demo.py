"""What a pulled plug does to a visit."""

from pathlib import Path

import pytest

from tests.demo.demo_process import finish, kill_when, photos, start


@pytest.mark.soak
def test_a_demo_killed_on_its_way_leaves_one_photo_and_nothing_half_written(
    tmp_path: Path,
) -> None:
    out = tmp_path / "demo"
    for moment in ("*-standardising.png", "*-saving.png"):
        kill_when(start(out), out, moment)
        for picture in out.glob(moment):
            picture.unlink()
        assert not (out / "registrar.json").exists()
    status, said = finish(start(out))
    assert status == 0, said
    assert photos(out) == 1
    names = {path.name for path in out.iterdir() if not path.name.endswith(".png")}
    assert {"photo.jpg", "photo.provenance.json", "registrar.json"} <= names <= {
        "photo.jpg", "photo.provenance.json", "registrar.json", "visit.json", ".booth",
    }  # fmt: skip
