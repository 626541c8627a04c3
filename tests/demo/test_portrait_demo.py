"""A real portrait stands in the booth."""

from pathlib import Path

from tests.demo.demo_process import finish, photos, start


def test_a_portrait_stands_in_the_booth(tmp_path: Path, shared_data: Path) -> None:
    portrait = shared_data / "portraits" / "london_neutral-005.jpg"
    status, said = finish(start(tmp_path / "demo", "--subject", str(portrait)))
    assert status == 0, said


def test_a_portrait_whose_mouth_is_open_is_refused_by_that_rule(
    tmp_path: Path, shared_data: Path
) -> None:
    portrait = shared_data / "portraits" / "london_smiling-036.jpg"
    status, said = finish(start(tmp_path / "demo", "--subject", str(portrait)))
    assert status == 1
    assert "mouth_closed" in said.splitlines()[-1]
    assert photos(tmp_path / "demo") == 0
