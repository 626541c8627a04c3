"""Keys are set in the configuration's file, and all that people wrote there stays."""

from pathlib import Path

import pytest

from kiosk.config import load
from kiosk.config.edit import set_keys
from kiosk.errors import UsageError

TEXT = """\
# Ours since 2026.
[camera]
kind = "pi"                  # the booth's
exposure_time = 10_000       # µs
colour_gains = [2.1, 1.7]    # measured

[lamps]
frequency = 1_000
"""


def edited(tmp_path: Path, text: str, **values: str) -> str:
    path = tmp_path / "kiosk.toml"
    path.write_text(text)
    path.chmod(0o640)
    assert set_keys(load(path), "camera", values) == path
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["kiosk.toml"]
    return path.read_text()


def test_a_value_is_replaced_and_its_comment_stays_where_it_was(tmp_path: Path) -> None:
    text = edited(tmp_path, TEXT, exposure_time="20_000", colour_gains="[1.95, 1.5]")
    assert text == TEXT.replace("10_000 ", "20_000 ").replace("[2.1, 1.7]    #", "[1.95, 1.5]   #")


def test_a_key_that_is_new_comes_into_its_section(tmp_path: Path) -> None:
    text = edited(tmp_path, TEXT, analogue_gain="4.0")
    assert text == TEXT.replace("[camera]\n", "[camera]\nanalogue_gain = 4.0\n")
    text = edited(tmp_path, "[booth]\n", analogue_gain="4.0")
    assert text == "[booth]\n\n[camera]\nanalogue_gain = 4.0\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[camera]\nexposure_time = 1\n", '"long"'),
        ("[camera]\ncolour_gains = [\n1, 1]\n", "[2, 2]"),
    ],
)
def test_what_would_not_be_right_leaves_the_file_as_it_was(
    tmp_path: Path, text: str, value: str
) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(text)
    key = "exposure_time" if "time" in text else "colour_gains"
    with pytest.raises(UsageError):
        set_keys(load(path), "camera", {key: value})
    assert path.read_text() == text
    assert [each.name for each in tmp_path.iterdir()] == ["kiosk.toml"]


def test_without_a_file_it_is_told_where_one_belongs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--config"):
        set_keys(load(installed=tmp_path / "none", environ={}), "camera", {})
