"""Provenance: anybody with the booth's public key can check what was done to a capture."""

import hashlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from nacl.signing import SigningKey
from PIL import Image

from kiosk.commands.main import main
from kiosk.errors import UsageError
from kiosk.pipeline.photo.fidelity import Fidelity
from kiosk.pipeline.photo.geometry import Crop
from kiosk.pipeline.photo.jpeg import Encoded
from kiosk.pipeline.photo.provenance import (
    MOST_RECORD_BYTES,
    capture_digest,
    check_record,
    make_record,
    read_record,
    record_path,
)
from kiosk.pipeline.photo.standardise import Operation, Photo
from kiosk.sync.keys import make_signing_key, verify_key_text
from protocol.provenance import Provenance
from tests.town import TAKEN_AT, picture, provenance

Out = pytest.CaptureFixture[str]

KEY = SigningKey(b"b" * 32)
CAPTURE = np.arange(4 * 3 * 3, dtype=np.uint8).reshape(4, 3, 3)
PHOTO = Photo(
    picture=CAPTURE,
    encoded=Encoded(picture(1), 95, "4:4:4"),
    size=(120, 160),
    crop=Crop(0, 0, 3, 4, 0),
    fidelity=Fidelity(71.5, 44.0, 0.75),
    operations=(
        Operation("crop", {"left": 12.5, "rows": 640}),
        Operation("encode", {"quality": 95, "chroma": "4:4:4"}),
    ),
)


def recorded(**changes: object) -> Provenance:
    usual: dict[str, object] = {
        "made_at": TAKEN_AT,
        "booth_id": "booth-1",
        "kiosk_version": "0.1.0",
        "models": {"modnet": "ab" * 32},
        "signing_key": KEY,
    }
    return make_record(PHOTO, CAPTURE, **(usual | changes))  # type: ignore[arg-type]


def test_a_record_says_what_was_done_in_order_and_holds() -> None:
    made = recorded(rules={"yaw": 1.5, "glare": None}, calibration={"exposure_time": 10_000})
    assert check_record(made, picture(1), KEY.verify_key) == ()
    assert [done.name for done in made.operations] == ["crop", "encode"]
    assert made.operations[0].parameters == {"left": 12.5, "rows": 640}
    assert made.fidelity == {"psnr": 71.5, "psnr_jpeg": 44.0, "structured": 0.75}
    assert made.rules == {"yaw": 1.5, "glare": None}
    assert (made.made_at, made.calibration) == (TAKEN_AT, {"exposure_time": 10_000})


def test_a_captures_digest_is_that_of_its_ppm_file() -> None:
    file = io.BytesIO()
    Image.fromarray(CAPTURE).save(file, "PPM")
    assert capture_digest(CAPTURE) == hashlib.sha256(file.getvalue()).digest()
    wide = CAPTURE.reshape(3, 4, 3)  # the same bytes in another shape
    assert capture_digest(wide) != capture_digest(CAPTURE)
    mirrored = CAPTURE[:, ::-1]
    assert capture_digest(mirrored) == capture_digest(np.ascontiguousarray(mirrored))


def test_numpys_numbers_are_recorded_as_plain_ones() -> None:
    made = recorded(
        rules={"yaw": np.float32(1.5), "glare": float("nan")},
        calibration={"gain": np.float32(0.5), "rows": np.int64(3), "swung": True},
    )
    assert made.rules == {"yaw": 1.5, "glare": None}
    assert made.calibration == {"gain": 0.5, "rows": 3, "swung": 1}
    assert Provenance.model_validate_json(made.as_file()) == made


@pytest.mark.parametrize(
    "change",
    [
        {"calibration": {"gain": float("nan")}},
        {"calibration": {"gain": float("inf")}},
        {"made_at": datetime(2026, 6, 1)},
        {"models": {"modnet": "none"}},
        {"calibration": {"note": "\x1b[2J"}},
    ],
)
def test_what_a_record_cannot_say_is_named(change: dict[str, object]) -> None:
    (field,) = change
    with pytest.raises(UsageError, match=field):
        recorded(**change)


def test_a_photo_of_which_one_byte_was_changed_is_not_the_records() -> None:
    jpeg = bytearray(picture(1))
    jpeg[200] ^= 1
    (reason,) = check_record(recorded(), bytes(jpeg), KEY.verify_key)
    assert "another photo" in reason


def test_a_changed_parameter_breaks_the_signature() -> None:
    said = json.loads(recorded().as_file())
    said["operations"][0]["parameters"]["left"] = 12.500001
    changed = Provenance.model_validate_json(json.dumps(said))
    (reason,) = check_record(changed, picture(1), KEY.verify_key)
    assert "signature" in reason


def test_another_booths_key_does_not_vouch() -> None:
    (reason,) = check_record(recorded(), picture(1), SigningKey(b"x" * 32).verify_key)
    assert "signature" in reason


def test_a_record_laid_out_otherwise_still_holds() -> None:
    said = json.loads(recorded(calibration={"gain": 2.0}).as_file())
    said["calibration"]["gain"] = 2
    text = json.dumps(dict(reversed(list(said.items()))), separators=(" ,", " : "))
    assert check_record(Provenance.model_validate_json(text), picture(1), KEY.verify_key) == ()


# ---- the commands ----


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a photo and its record, and a configuration with the key that signed it."""
    key = make_signing_key(tmp_path / "signing.key")
    config = tmp_path / "kiosk.toml"
    config.write_text(f'[sync]\nsigning_key_file = "{tmp_path / "signing.key"}"\n')
    (tmp_path / "photo.jpg").write_bytes(picture(1))
    (tmp_path / "photo.provenance.json").write_bytes(provenance(picture(1), key).as_file())
    return tmp_path


def run(folder: Path, *arguments: str | Path) -> int:
    return main(["--config", str(folder / "kiosk.toml"), "provenance", *map(str, arguments)])


def test_a_record_is_shown_to_staff_in_words(folder: Path, capsys: Out) -> None:
    assert run(folder, "show", folder / "photo.provenance.json") == 0
    said = capsys.readouterr().out
    for words in (
        hashlib.sha256(picture(1)).hexdigest(),
        "2026-06-01 09:30:00+00:00",
        "booth-1, kiosk 0.1.0",
        "1. crop",
        "left 12, top 30.25, rows 640",
        "chroma 4:4:4",
        "psnr 71.5",
        "exposure_time 10000",
        "model modnet",
    ):
        assert words in said
    assert run(folder, "show", folder / "photo.provenance.json", "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert Provenance.model_validate_json(line) == read_record(folder / "photo.provenance.json")


def test_a_record_that_holds_gives_zero_and_one_that_does_not_one(
    folder: Path, capsys: Out
) -> None:
    photo = folder / "photo.jpg"
    assert run(folder, "verify", photo) == 0
    assert "the record holds: booth-1" in capsys.readouterr().out
    other = folder / "other.jpg"
    other.write_bytes(picture(2))
    assert run(folder, "verify", other, record_path(photo)) == 1
    assert "another photo" in capsys.readouterr().out
    assert run(folder, "verify", photo, "--key", verify_key_text(KEY.verify_key), "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "fail"
    assert "signature" in found["reasons"][0]


def test_anybody_with_the_public_key_can_verify(folder: Path, capsys: Out) -> None:
    record = provenance(picture(1), KEY)
    record_path(folder / "photo.jpg").write_bytes(record.as_file())
    (folder / "signing.key").unlink()
    assert run(folder, "verify", folder / "photo.jpg") == 2
    assert "--key BASE64" in capsys.readouterr().err
    key = verify_key_text(KEY.verify_key)
    assert run(folder, "verify", folder / "photo.jpg", "--key", key) == 0
    assert run(folder, "verify", folder / "photo.jpg", "--key", "böse") == 2
    assert "--key is no booth's public key" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\xff\xd8\xff\x00", "is no JSON"),
        (b'{"kind": "provenance 1"', "is no JSON"),
        (b"[" * 10_000, "is no JSON"),
        (b"[]", "is no record of provenance"),
        (b'{"kind": "provenance 1"}', "photo_sha256: Field required"),
        (b" " * (MOST_RECORD_BYTES + 1), "is larger than"),
        (None, "cannot be read (No such file or directory)"),
        ("folder", "cannot be read (Is a directory)"),
    ],
)
def test_what_is_no_record_is_named(
    folder: Path, content: bytes | str | None, reason: str, capsys: Out
) -> None:
    path = folder / "wrong.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
    for arguments in (("show", path), ("verify", folder / "photo.jpg", path)):
        assert run(folder, *arguments) == 2
        said = capsys.readouterr().err
        assert f"{path}: " in said
        assert reason in said


def test_what_is_no_photo_is_named(folder: Path, capsys: Out) -> None:
    (folder / "empty.jpg").touch()
    (folder / "folder.jpg").mkdir()
    (folder / "damaged.jpg").write_bytes(picture(1)[:-300])
    with (folder / "huge.jpg").open("wb") as file:
        file.truncate(3_000_000_000)
    proof = folder / "photo.provenance.json"
    wrong = {"empty": "is empty", "folder": "directory", "huge": "larger", "missing": "No such"}
    for name, reason in wrong.items():
        assert run(folder, "verify", folder / f"{name}.jpg", proof) == 2
        assert reason in capsys.readouterr().err
    assert run(folder, "verify", folder / "damaged.jpg", proof) == 1


# ---- beside the photo ----


@pytest.fixture
def portrait(folder: Path, models_store: Path, at_booth: object) -> Path:
    """A capture in the folder."""
    assert callable(at_booth)
    Image.fromarray(at_booth()).save(folder / "capture.png")
    return folder / "capture.png"


def standardise(portrait: Path, out: Path) -> int:
    config = portrait.with_name("kiosk.toml")
    return main(["--config", str(config), "standardise", str(portrait), str(out), "--json"])


def test_standardise_leaves_the_record_beside_the_photo(
    folder: Path, portrait: Path, capsys: Out
) -> None:
    out = folder / "made.jpg"
    assert standardise(portrait, out) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["provenance"] == str(folder / "made.provenance.json")
    assert run(folder, "verify", out) == 0
    record = read_record(record_path(out))
    with Image.open(portrait) as opened:
        assert record.capture_sha256 == capture_digest(np.asarray(opened))
    assert abs((datetime.now(UTC) - record.made_at).total_seconds()) < 600
    assert record.rules == {}
    assert {"modnet", "face_landmarker"} <= record.models.keys()


def test_standardise_without_a_key_says_so_and_leaves_no_old_record(
    folder: Path, portrait: Path, capsys: Out
) -> None:
    (folder / "signing.key").unlink()
    out = folder / "photo.jpg"
    assert standardise(portrait, out) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["provenance"] is None
    assert "no record of provenance is written" in said.err
    assert "registrar booth add" in said.err
    assert not record_path(out).exists()
