"""The keyboard wedge: a scanner's typing is a code, a person's is not."""

import pytest

from kiosk.reader.reader import LONGEST_CODE, Heard
from kiosk.reader.wedge import WedgeReader

CODE = "TX9-4471-KQ"


def type_in(wedge: WedgeReader, text: str, start: float, gap: float) -> list[str]:
    """Type each character `gap` seconds after the one before; the codes that came of it.

    Each is heard in a round of the booth's loop.
    """
    codes = (press(wedge, char, start + index * gap) for index, char in enumerate(text))
    return [code for code in codes if code is not None]


def press(wedge: WedgeReader, char: str, at: float) -> str | None:
    return wedge.listen(Heard(((char, at),), None, at))


def scan(wedge: WedgeReader, text: str, start: float = 0.0) -> list[str]:
    return type_in(wedge, text + "\r", start, 0.005)


def test_a_scan_is_a_code() -> None:
    assert scan(WedgeReader(), CODE) == [CODE]


def test_enter_as_two_characters_ends_one_code() -> None:
    assert type_in(WedgeReader(), CODE + "\r\n", 0.0, 0.005) == [CODE]


def test_a_person_who_types_gives_no_code() -> None:
    assert type_in(WedgeReader(), CODE + "\r", 0.0, 0.1) == []


def test_what_a_person_typed_before_is_not_part_of_the_scan() -> None:
    wedge = WedgeReader()
    type_in(wedge, "hello", 0.0, 0.15)
    assert scan(wedge, CODE, 5.0) == [CODE]


def test_a_booth_that_stalls_in_the_midst_of_a_scan_still_reads_it() -> None:
    wedge = WedgeReader()
    type_in(wedge, CODE[:5], 0.0, 0.0)  # all seen in one picture
    assert type_in(wedge, CODE[5:] + "\r", 0.25, 0.0) == [CODE]


def test_a_scan_that_breaks_off_leaves_nothing_behind() -> None:
    wedge = WedgeReader()
    type_in(wedge, CODE[:5], 0.0, 0.005)
    assert scan(wedge, "ANOTHER-1", 1.0) == ["ANOTHER-1"]


def test_a_code_held_before_the_scanner_is_read_once() -> None:
    wedge = WedgeReader()
    assert [scan(wedge, CODE, at) for at in (0, 1, 2.5, 4)] == [[CODE], [], [], []]
    assert scan(wedge, CODE, 7) == [CODE]


def test_another_code_is_read_at_once() -> None:
    wedge = WedgeReader()
    assert scan(wedge, CODE, 0.0) == [CODE]
    assert scan(wedge, "OTHER-222", 0.5) == ["OTHER-222"]


def test_full_width_characters_of_an_input_method_are_made_plain() -> None:
    assert scan(WedgeReader(), "ＴＸ９－４４７１－ＫＱ") == [CODE]


def test_keys_that_type_nothing_do_no_harm() -> None:
    wedge = WedgeReader()
    codes = [
        press(wedge, char, i * 0.004) for i, char in enumerate(["", "A", "", "B", "1", "2", ""])
    ]
    assert codes == [None] * 7
    assert press(wedge, "\r", 0.03) == "AB12"


@pytest.mark.parametrize("control", ["\b", "\x1b", "\x00", "\x7f", "\t"])
def test_a_control_character_spoils_a_scan_and_not_the_next(control: str) -> None:
    wedge = WedgeReader()
    assert scan(wedge, CODE[:5] + control + CODE[5:]) == []
    assert scan(wedge, CODE, 0.1) == [CODE]


def test_a_scan_too_long_is_dropped_with_its_tail() -> None:
    wedge = WedgeReader()
    assert scan(wedge, "A" * LONGEST_CODE) == ["A" * LONGEST_CODE]
    assert scan(wedge, "A" * (LONGEST_CODE + 1), 10.0) == []
    assert scan(wedge, "B" * 100_000, 20.0) == []
    assert scan(wedge, CODE, 600.0) == [CODE]


def test_what_is_too_short_for_a_code_is_none() -> None:
    assert scan(WedgeReader(), "abc") == []
    assert scan(WedgeReader(), "") == []


def test_a_scanners_prefix_and_suffix_are_taken_off() -> None:
    assert scan(WedgeReader(prefix="~Q", suffix="\t"), f"~Q{CODE}\t") == [CODE]


def test_with_a_prefix_what_lacks_it_is_no_scan() -> None:
    assert scan(WedgeReader(prefix="~Q"), CODE) == []


def test_a_prefix_that_is_also_the_suffix_is_not_counted_twice() -> None:
    assert scan(WedgeReader(prefix="~~~~", suffix="~~~~"), "~~~~") == []


def test_a_scan_that_comes_in_one_round_of_the_loop_is_a_code() -> None:
    keys = tuple((char, 0.0) for char in f"{CODE}\r")
    assert WedgeReader().listen(Heard(keys, None, 0.0)) == CODE


def test_what_was_typed_is_forgotten_after_a_pause() -> None:
    wedge = WedgeReader()
    assert press(wedge, "A", 0.0) is None
    assert wedge._characters == ["A"]
    assert wedge.listen(Heard((), None, 1.0)) is None
    assert wedge._characters == []
