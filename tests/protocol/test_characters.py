"""Characters of a person's text: what is not seen, and what no name can have."""

import pytest

from protocol.characters import find_impossible, remove_unseen


@pytest.mark.parametrize(
    "unseen",
    ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", "\u202a", "\u2066",
     "\u061c", "\u180e", "\u034f", "\u3164", "\uffa0", "\ufe0f", "\U000e0100", "\U000e0041"],
)  # fmt: skip
def test_what_shows_nothing_is_left_out(unseen: str) -> None:
    assert remove_unseen(f"{unseen}张{unseen}三{unseen}") == "张三"


@pytest.mark.parametrize(
    "name",
    [
        "张三",
        "𡈙",
        "𠔌",
        "\U000323b5",
        "〇",
        "Łukasz Š",
        "O’Brien",
        "阿卜杜·热合曼",
        "མཁའ",
        "ئابدۇ",
        "ễ",
    ],
)
def test_a_persons_name_has_nothing_impossible(name: str) -> None:
    assert remove_unseen(name) == name
    assert find_impossible(name) is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("张\ue863", "private-use"),
        ("\U000f0000", "private-use"),
        ("\u0378", "no character"),
        ("\U0002ffff", "no character"),
        ("\ud800", "half a character"),
        ("a\nb", "a line break"),
        ("a\x00b", "a control code"),
        ("a\u200bb", "shows nothing"),
        ("张?", "a question mark"),
        ("张*", "an asterisk"),
        ("\ufffd", "U+FFFD"),
        ("□", "a symbol"),
        ("😀", "a symbol"),
        ("·", "no letter"),
    ],
)
def test_what_no_name_can_have_is_told(name: str, why: str) -> None:
    assert why in (find_impossible(name) or "")
