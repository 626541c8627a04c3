"""The staff's PIN: none that is guessed first, and only its hash is kept, for its owner only."""

import json
from pathlib import Path

import pytest

from kiosk.errors import UsageError
from kiosk.staff.pin import (
    Cost,
    PinError,
    check_pin,
    find_pin_fault,
    hash_pin,
    pin_path,
    read_pin,
    write_pin,
)

CHEAP = Cost(n=2)


def salt(length: int) -> bytes:
    return b"s" * length


@pytest.mark.parametrize("digits", ["4711", "0815", "1235", "13579", "112233", "738291046582"])
def test_a_pin_has_four_to_twelve_digits(digits: str) -> None:
    assert find_pin_fault(digits) is None


@pytest.mark.parametrize(
    "digits",
    [
        "",
        "471",
        "1" * 13,
        "47a1",
        "４７１１",
        "47 1",
        "0000",
        "7777",
        "1234",
        "56789",
        "7890",
        "4321",
    ],
)
def test_what_is_none_or_guessed_first_is_refused_unseen(digits: str) -> None:
    with pytest.raises(UsageError) as caught:
        hash_pin(digits, salt, CHEAP)
    assert not digits or digits not in str(caught.value)


def test_the_right_digits_match_and_no_others(tmp_path: Path) -> None:
    path = pin_path(tmp_path / "state" / "outbox.sqlite")  # a folder that is not there yet
    assert read_pin(path) is None
    assert not check_pin(path, "4711")
    write_pin(path, hash_pin("4711", salt, CHEAP))
    assert check_pin(path, "4711")
    assert not check_pin(path, "4712")
    assert "4711" not in path.read_text("ascii")
    assert path.stat().st_mode & 0o777 == 0o600
    write_pin(path, hash_pin("0815", salt, CHEAP))
    assert not check_pin(path, "4711")


@pytest.mark.parametrize(
    "content", ["", "{}", "4711", '{"salt": "zz", "digest": "", "scrypt": {}}']
)
def test_a_file_that_is_none_says_how_to_make_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "staff.pin").write_text(content, "ascii")
    with pytest.raises(PinError, match="kiosk pin"):
        read_pin(tmp_path / "staff.pin")


def test_a_cost_that_cannot_be_is_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "staff.pin"
    write_pin(path, hash_pin("4711", salt, CHEAP))
    kept = json.loads(path.read_bytes())
    kept["scrypt"]["n"] = 3
    path.write_text(json.dumps(kept), "ascii")
    with pytest.raises(PinError, match="kiosk pin"):
        check_pin(path, "4711")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="file"):
        write_pin(tmp_path / "file" / "staff.pin", hash_pin("4711", salt, CHEAP))
