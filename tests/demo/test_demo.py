"""The main job, run as a user runs it: one whole visit, and what a pulled plug does to it."""

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.photo.provenance import check_record, read_record
from kiosk.pipeline.specification import specification
from kiosk.pipeline.verify.verify import verify
from kiosk.sync.keys import read_signing_key
from registrar.store import Store

PATIENCE = 180
"""Seconds for one visit, many times what it takes."""


@pytest.fixture(autouse=True)
def _models(models_store: Path) -> None:
    """The demo needs the models."""


def start(out: Path, *more: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "kiosk",
        "demo",
        "--headless",
        "--out",
        str(out),
        *more,
    ]
    environment = os.environ | {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )


def finish(demo: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = demo.communicate(timeout=PATIENCE)
    return demo.returncode, said


def kill_when(demo: subprocess.Popen[str], out: Path, pattern: str) -> None:
    """Kill the demo with no warning as soon as a file of its visit appears."""
    until = time.monotonic() + PATIENCE
    while not list(out.glob(pattern)):
        if demo.poll() is not None or time.monotonic() > until:
            pytest.fail(f"the demo ended before {pattern}: {demo.communicate()[0]}")
        time.sleep(0.005)
    demo.send_signal(signal.SIGKILL)
    demo.communicate()


def photos(out: Path) -> int:
    return Store(out / ".booth" / "registrar").counts().photos


def test_a_visit_ends_with_the_photo_at_the_registrar(tmp_path: Path, looker: Looker) -> None:
    out = tmp_path / "demo"
    status, said = finish(start(out))
    assert status == 0, said
    assert said.splitlines()[-1].startswith("Done: the registrar holds the photo")
    assert photos(out) == 1

    visit = json.loads((out / "visit.json").read_text())
    states = [entry["state"] for entry in visit["states"]]
    for state in ("idle", "confirm", "consent", "checklist", "guide-hold", "review", "done"):
        assert state in states
        assert list(out.glob(f"*-{state}.png"))
    assert any(state.startswith("guide-") and state != "guide-hold" for state in states)
    assert not [id for id, rule in visit["rules"].items() if rule["ok"] is False]
    assert visit["rules"]["gaze"]["ok"] is True
    assert set(visit["lamps"]) == {"key_left", "key_right", "fill", "backdrop"}

    data = (out / "photo.jpg").read_bytes()
    found = verify(data, looker, specification(), "light-blue", "booth")
    assert found.accepted, found.reasons
    answer = json.loads((out / "registrar.json").read_text())
    assert answer["receipt"]["refused"] is None
    named = base64.urlsafe_b64decode(answer["metadata"]["photo_sha256"])
    assert named == hashlib.sha256(data).digest()
    record = read_record(out / "photo.provenance.json")
    key = read_signing_key(out / ".booth" / "signing.key").verify_key
    assert check_record(record, data, key) == ()
    (cut,) = (done for done in record.operations if done.name == "cut out")
    assert cut.parameters == {"by": "plate, lamp pair"}

    again, said = finish(start(out))
    assert again == 0, said
    assert photos(out) == 1


def test_a_demo_killed_on_its_way_leaves_one_photo_and_nothing_half_written(
    tmp_path: Path,
) -> None:
    out = tmp_path / "demo"
    for moment in ("*-guide-*.png", "*-standardising.png", "*-saving.png"):
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


def test_a_folder_that_is_no_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    status, said = finish(start(tmp_path))
    assert status == 2
    assert "name another --out" in said
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("subject", ["nobody", "no-such.jpg"])
def test_a_subject_that_is_not_there_is_named(tmp_path: Path, subject: str) -> None:
    status, said = finish(start(tmp_path / "demo", "--subject", subject))
    assert status == 2
    assert subject in said
    assert "Traceback" not in said
