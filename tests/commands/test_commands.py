"""The command `kiosk`: what it says, and its exit status, for right and for wrong use."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.commands.main import main
from kiosk.twin import Posture

At = Callable[..., Picture]
Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _models(models_store: Path) -> None:
    """The commands need the models."""


@pytest.fixture
def capture(tmp_path: Path, at_booth: At) -> Path:
    Image.fromarray(at_booth()).save(tmp_path / "capture.png")
    return tmp_path / "capture.png"


def lines(out: Out) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.readouterr().out.splitlines()]


def test_a_capture_is_checked_standardised_and_verified(capture: Path, capsys: Out) -> None:
    photo = capture.with_name("photo.jpg")
    assert main(["check", str(capture), "--json"]) == 0
    (checked,) = lines(capsys)
    assert (checked["faces"], checked["verdict"]) == (1, "pass")
    assert main(["standardise", str(capture), str(photo), "--json"]) == 0
    (made,) = lines(capsys)
    assert made["size"] == [480, 640]
    assert main(["verify", str(photo), "--json"]) == 0
    (verified,) = lines(capsys)
    assert verified["verdict"] == "pass"


def test_a_picture_that_fails_gives_one(tmp_path: Path, at_booth: At, capsys: Out) -> None:
    Image.fromarray(at_booth(Posture("smile"))).save(tmp_path / "smile.png")
    assert main(["check", str(tmp_path / "smile.png"), "--json"]) == 1
    (checked,) = lines(capsys)
    rules = checked["rules"]
    assert isinstance(rules, dict)
    assert rules["mouth_closed"]["ok"] is False
    assert set(rules["mouth_closed"]) == {"value", "ok", "bounds", "force", "who"}


def test_one_bad_picture_does_not_keep_the_others_from_being_checked(
    capture: Path, capsys: Out
) -> None:
    assert main(["check", "no-such.jpg", str(capture), "--json"]) == 2
    missing, checked = lines(capsys)
    assert "no such file" in str(missing["error"])
    assert checked["verdict"] == "pass"


def test_standardise_refuses_what_cannot_be_a_photo_and_writes_nothing(
    tmp_path: Path, at_booth: At, capsys: Out
) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("no picture")
    Image.fromarray(at_booth(Posture(present=False))).save(tmp_path / "nobody.png")
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(tmp_path / "film.gif")
    out = tmp_path / "photo.jpg"
    wrong = {
        "empty.jpg": (2, "is empty"),
        "text.jpg": (2, "is not a picture"),
        "film.gif": (2, "is not a picture"),
        "missing.jpg": (2, "no such file"),
        "": (2, "is a folder"),
        "nobody.png": (1, "no face"),
    }
    for name, (status, reason) in wrong.items():
        assert main(["standardise", str(tmp_path / name), str(out)]) == status
        assert reason in capsys.readouterr().err
        assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["out.png"], "end in .jpg"),
        (["capture.jpg"], "would take the place"),
        (["no/such/folder/out.jpg"], "cannot be written"),
        (["out.jpg", "--size", "481x641"], "sizes are 3:4"),
        (["out.jpg", "--size", "48x64"], "sizes are 3:4"),
    ],
)
def test_wrong_use_of_standardise_names_what_is_wrong(
    arguments: list[str],
    reason: str,
    tmp_path: Path,
    at_booth: At,
    capsys: Out,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(at_booth()).save("capture.jpg", quality=97)
    assert main(["standardise", "capture.jpg", *arguments]) == 2
    assert reason in capsys.readouterr().err


def test_a_colour_mode_and_orientation_of_any_kind_is_standardised(
    tmp_path: Path, at_booth: At
) -> None:
    image = Image.fromarray(at_booth())
    exif = Image.Exif()
    exif[0x0112] = 3
    image.rotate(180).save(tmp_path / "turned.jpg", quality=97, exif=exif)
    image.convert("CMYK").save(tmp_path / "cmyk.jpg", quality=97)
    for name in ("turned.jpg", "cmyk.jpg"):
        assert main(["standardise", str(tmp_path / name), str(tmp_path / "photo.jpg")]) == 0
        assert main(["verify", str(tmp_path / "photo.jpg")]) == 0


def test_a_missing_model_is_a_named_fault(tmp_path: Path, capture: Path, capsys: Out) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text(f'[models]\nstore = "{tmp_path / "nothing"}"\n')
    assert main(["--config", str(config), "check", str(capture)]) == 1
    said = capsys.readouterr().err
    assert "face_landmarker.task" in said
    assert "kiosk models --fetch" in said
    assert main(["--config", str(config), "models", "--json"]) == 1
    assert all(row["ok"] is False for row in lines(capsys))


def test_a_wrong_key_in_the_configuration_names_its_line(tmp_path: Path, capsys: Out) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text('[booth]\nnmae = "2"\n')
    assert main(["--config", str(config), "config"]) == 2
    said = capsys.readouterr().err
    assert f"{config}:2" in said
    assert "nmae" in said


def test_a_booth_without_a_registrar_says_how_to_get_one(capsys: Out) -> None:
    for command in ("run", "sync"):
        assert main([command]) == 2
        assert "registrar booth add" in capsys.readouterr().err


def test_doctor_finds_a_whole_twin(capsys: Out) -> None:
    assert main(["doctor", "--json"]) == 0
    found = {row["check"]: row["verdict"] for row in lines(capsys)}
    assert {found[name] for name in ("models", "camera", "lamps", "reader", "fonts")} == {"ok"}


def test_a_bench_compares_with_a_baseline_of_the_same_run(capsys: Out) -> None:
    main(["bench", "codes", "--quick", "--json"])
    rows = lines(capsys)
    of_all = next(row for row in rows if row["row"] == "read of all")
    assert set(of_all) == {"bench", "row", "value", "unit", "goal", "ok", "baseline"}
    assert of_all["baseline"]
