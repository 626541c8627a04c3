"""The main job, run as a user runs it: one whole visit."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.photo.provenance import check_record, read_record
from kiosk.pipeline.specification import specification
from kiosk.pipeline.verify.verify import verify
from kiosk.sync.keys import read_signing_key
from tests.demo.demo_process import finish, photos, start
from tests.tracing import CAN_TRACE, check_trace, traced


def test_a_visit_ends_with_the_photo_at_the_registrar(tmp_path: Path, looker: Looker) -> None:
    out, log = tmp_path / "demo", tmp_path / "trace"
    status, said = finish(start(out, before=traced(log) if CAN_TRACE else ()))
    assert status == 0, said
    if CAN_TRACE:
        check_trace(log)
    assert said.splitlines()[-1].startswith("Done: the registrar holds the photo")
    assert photos(out) == 1

    visit = json.loads((out / "visit.json").read_text())
    states = [entry["state"] for entry in visit["states"]]
    for state in (
        "idle",
        "consent",
        "scan",
        "confirm",
        "checklist",
        "guide-hold",
        "review",
        "done",
    ):
        assert state in states
        assert list(out.glob(f"*-{state}.png"))
    assert visit["instructions"]
    for told in visit["instructions"]:
        assert told["phrase"].startswith("rule.")
        assert told["to"] - told["from"] > 1.0  # it could be read
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
    assert (record.rules["attendance"] or 0.0) >= 0.5
    assert record.calibration["attendance_by"] == "lamps"
    (cut,) = (done for done in record.operations if done.name == "cut out")
    assert cut.parameters == {"by": "plate"}


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
