"""What all readers share: how they are opened, and that a code held out is read once."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.reader import READERS, Heard, open_reader
from kiosk.reader.reader import Debounce, strip_frame


@dataclass(frozen=True)
class Settings:
    kind: str
    device: Path = Path("/nowhere/kiosk-scanner")
    name: str = ""
    prefix: str = "~"
    suffix: str = "$"
    length: int = 0


@pytest.mark.parametrize("kind", READERS)
def test_each_kind_opens_and_hears_nothing_in_an_empty_booth(kind: str) -> None:
    reader = open_reader(Settings(kind))
    assert [reader.listen(Heard((), None, at)) for at in (0.0, 0.1, 5.0)] == [None] * 3
    assert reader.available is (reader.fault is None) is (kind not in ("serial", "evdev"))
    reader.close()
    reader.close()


def test_the_wedge_takes_prefix_and_suffix_from_the_settings() -> None:
    keys = tuple((char, 0.0) for char in "~TX9-4471$\r")
    reader = open_reader(Settings("wedge"))
    assert [reader.listen(Heard(keys, None, 0.0)), reader.listen(Heard((), None, 1.0))] == [
        None,
        "TX9-4471",
    ]


def test_which_readers_there_are_is_known_without_opencv_or_numpy() -> None:
    heavy = "{'cv2', 'numpy', 'zxingcpp', 'pyzbar', 'pydantic'}"
    code = f"import sys, kiosk.reader; sys.exit(' '.join({heavy} & sys.modules.keys()) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_of_the_last_code_only_a_hash_with_a_key_of_its_own_is_kept() -> None:
    one, other = Debounce(), Debounce()
    assert one.is_new("TX9-4471", 0.0)
    assert other.is_new("TX9-4471", 0.0)
    assert "TX9" not in repr(vars(one))
    assert one._last != other._last


@pytest.mark.parametrize(
    ("text", "code"),
    [("~~A1$", "A1"), ("~~$", ""), ("~A1$", None), ("~~A1", None), ("", None)],
)
def test_a_frame_is_taken_off_whole_or_the_text_is_no_code(text: str, code: str | None) -> None:
    assert strip_frame(text, "~~", "$") == code
