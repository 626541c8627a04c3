"""The keyboard wedge: a scanner's typing is a code, a person's is not."""

import pytest

from kiosk.display.keyboard import ELSEWHERE, NOTHING
from kiosk.reader.reader import BROKEN_SCAN, LONGEST_CODE, LONGEST_PAUSE, Framing, Heard
from kiosk.reader.wedge import WedgeReader

CODE = "TX9-4471-KQ"

ROUND = 1 / 30
"""Seconds from one round of the booth's loop to the next."""


def type_in(wedge: WedgeReader, keys: str | list[str], start: float, gap: float) -> list[str]:
    """Type each key `gap` seconds after the one before, and then none; what came of it.

    Each is heard in a round of the booth's loop.
    """
    heard = [press(wedge, char, start + index * gap) for index, char in enumerate(keys)]
    after = start + len(keys) * gap
    heard += [wedge.listen(Heard((), None, after + n * ROUND)) for n in range(12)]
    return [text for text in heard if text is not None]


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


def test_a_code_is_handed_on_once_nothing_follows_its_enter() -> None:
    wedge = WedgeReader()
    for index, char in enumerate(CODE + "\r"):
        assert press(wedge, char, index * 0.005) is None
    assert wedge.listen(Heard((), None, 0.2)) is None
    assert wedge.listen(Heard((), None, 0.4)) == CODE
    assert wedge.listen(Heard((), None, 0.5)) is None


def test_what_a_person_left_in_the_line_spoils_the_scan_and_not_the_next() -> None:
    wedge = WedgeReader()
    assert type_in(wedge, "hello", 0.0, 0.15) == []
    assert scan(wedge, CODE, 5.0) == [BROKEN_SCAN]
    assert scan(wedge, CODE, 9.0) == [CODE]


def test_a_booth_that_stalls_a_moment_in_the_midst_of_a_scan_still_reads_it() -> None:
    wedge = WedgeReader()
    assert [press(wedge, char, 0.0) for char in CODE[:5]] == [None] * 5  # all in one picture
    assert type_in(wedge, CODE[5:] + "\r", 0.25, 0.0) == [CODE]


@pytest.mark.parametrize("cut", range(1, len(CODE) + 1))
@pytest.mark.parametrize("pause", [LONGEST_PAUSE + 0.01, 0.4, 2.0, 60.0])
def test_a_scan_that_pauses_gives_none_of_its_parts(cut: int, pause: float) -> None:
    wedge = WedgeReader()
    assert set(type_in(wedge, CODE[:cut], 0.0, 0.005)) <= {BROKEN_SCAN}
    assert set(scan(wedge, CODE[cut:], 0.005 * cut + pause)) <= {BROKEN_SCAN}
    assert scan(wedge, CODE, 100.0) == [CODE]


def test_a_pause_that_the_booth_slept_through_is_a_pause_too() -> None:
    wedge = WedgeReader()
    keys = tuple((char, at) for part, at in ((CODE[:5], 0.0), (CODE[5:], 0.9)) for char in part)
    assert wedge.listen(Heard((*keys, ("\r", 0.9)), None, 0.9)) == BROKEN_SCAN
    assert wedge.listen(Heard((), None, 2.0)) == BROKEN_SCAN


def test_a_scan_without_its_enter_is_told_and_is_not_part_of_the_next() -> None:
    wedge = WedgeReader()
    assert type_in(wedge, CODE, 0.0, 0.005) == [BROKEN_SCAN]
    assert scan(wedge, "ANOTHER-1", 60.0) == [BROKEN_SCAN]
    assert scan(wedge, "ANOTHER-1", 70.0) == ["ANOTHER-1"]


def test_an_enter_in_the_midst_makes_no_code_of_either_part() -> None:
    wedge = WedgeReader()
    assert scan(wedge, CODE[:6] + "\r" + CODE[6:]) == [BROKEN_SCAN]
    assert scan(wedge, CODE, 5.0) == [CODE]


@pytest.mark.parametrize("index", range(len(CODE)))
@pytest.mark.parametrize("key", [NOTHING, ELSEWHERE, "\x1b", "\x7f", "é", "你"])
def test_a_key_that_types_nothing_right_spoils_the_scan(key: str, index: int) -> None:
    wedge = WedgeReader()
    keys = [*CODE[:index], key, *CODE[index + 1 :], "\r"]
    assert type_in(wedge, keys, 0.0, 0.005) == [BROKEN_SCAN]
    assert scan(wedge, CODE, 5.0) == [CODE]


def test_a_window_that_comes_to_the_fore_leaves_nothing_behind() -> None:
    wedge = WedgeReader()
    assert type_in(wedge, [ELSEWHERE], 0.0, 0.0) == []
    assert scan(wedge, CODE, 5.0) == [CODE]


@pytest.mark.parametrize(
    "doubled", ["".join(2 * char for char in CODE), CODE + CODE, 2 * (CODE + "\r")]
)
def test_a_scan_that_comes_double_is_no_longer_code(doubled: str) -> None:
    assert set(scan(WedgeReader(), doubled)) <= {BROKEN_SCAN}


def test_two_scanners_at_once_give_no_mixture() -> None:
    other = "PQ8-2250-ZZ9"
    mixed = [char for pair in zip(CODE + "\r ", other + "\r", strict=True) for char in pair]
    mixed.remove(" ")
    assert type_in(WedgeReader(), mixed, 0.0, 0.005) == [BROKEN_SCAN]


def test_where_the_length_is_known_a_lost_or_added_character_is_noticed() -> None:
    framing = Framing(length=len(CODE))
    for index in range(len(CODE)):
        lost = CODE[:index] + CODE[index + 1 :]
        twice = CODE[: index + 1] + CODE[index:]
        assert scan(WedgeReader(framing), lost) == [BROKEN_SCAN]
        assert scan(WedgeReader(framing), twice) == [BROKEN_SCAN]
    assert scan(WedgeReader(framing), CODE) == [CODE]


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


@pytest.mark.parametrize("control", ["\b", "\x1b", "\x00", "\x7f", "\t"])
def test_a_control_character_spoils_a_scan_and_not_the_next(control: str) -> None:
    wedge = WedgeReader()
    assert scan(wedge, CODE[:5] + control + CODE[5:]) == [BROKEN_SCAN]
    assert scan(wedge, CODE, 1.0) == [CODE]


def test_a_scan_too_long_is_dropped_with_its_tail() -> None:
    wedge = WedgeReader()
    longest = ("AB1" * LONGEST_CODE)[:LONGEST_CODE]
    assert scan(wedge, longest) == [longest]
    for at, length in ((10.0, LONGEST_CODE + 1), (20.0, 4_000), (50.0, 100_000)):
        assert scan(wedge, ("AB1" * length)[:length], at) == [BROKEN_SCAN]
    assert scan(wedge, CODE, 600.0) == [CODE]


def test_what_is_too_short_for_a_code_is_none() -> None:
    assert scan(WedgeReader(), "abc") == []
    assert scan(WedgeReader(), "") == []


def test_a_scanners_prefix_and_suffix_are_taken_off() -> None:
    assert scan(WedgeReader(Framing("~Q", "\t")), f"~Q{CODE}\t") == [CODE]


@pytest.mark.parametrize(
    "text", [CODE, f"~Q{CODE}", f"{CODE}\t", f"Q{CODE}\t", f"~Q{CODE[:4]}\t{CODE}\t"]
)
def test_a_scan_without_its_whole_frame_is_none(text: str) -> None:
    assert scan(WedgeReader(Framing("~Q", "\t")), text) == [BROKEN_SCAN]


def test_a_prefix_that_is_also_the_suffix_is_not_counted_twice() -> None:
    assert scan(WedgeReader(Framing("~~~~", "~~~~")), "~~~~") == [BROKEN_SCAN]


def test_a_scan_that_comes_in_one_round_of_the_loop_is_a_code() -> None:
    keys = tuple((char, 0.0) for char in f"{CODE}\r")
    wedge = WedgeReader()
    assert wedge.listen(Heard(keys, None, 0.0)) is None
    assert wedge.listen(Heard((), None, 0.5)) == CODE


def test_what_was_typed_is_forgotten_after_a_pause() -> None:
    wedge = WedgeReader()
    assert press(wedge, "A", 0.0) is None
    assert wedge._characters == ["A"]
    assert wedge.listen(Heard((), None, 1.0)) is None
    assert wedge._characters == []
