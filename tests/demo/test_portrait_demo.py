"""A real portrait stands in the booth."""

import json
from pathlib import Path

import pytest

from tests.demo.demo_process import finish, start


@pytest.mark.soak
def test_a_portrait_stands_in_the_booth(tmp_path: Path, shared_data: Path) -> None:
    portrait = shared_data / "portraits" / "london_neutral-005.jpg"
    status, said = finish(start(tmp_path / "demo", "--subject", str(portrait)))
    assert status == 0, said


@pytest.mark.soak
def test_a_portrait_whose_mouth_is_open_is_taken_for_staff_to_decide(
    tmp_path: Path, shared_data: Path
) -> None:
    portrait = shared_data / "portraits" / "london_smiling-036.jpg"
    demo = tmp_path / "demo"
    status, said = finish(start(demo, "--subject", str(portrait)))
    assert status == 0, said
    record = json.loads((demo / "photo.provenance.json").read_text())
    excused = next(done for done in record["operations"] if done["name"] == "excused")
    assert excused["parameters"]["mouth_closed"] == "waived"
    assert set(excused["parameters"].values()) == {"waived"}
