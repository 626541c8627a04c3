"""How codes look is learnt of many, told of all, and no code that came whole is refused."""

import secrets
import string
from random import Random

import pytest

from protocol.code_looks import LEARNT_FROM, MOST_LENGTHS, CodeLooks, LooksSeen, joined


def looks_of(codes: list[str]) -> CodeLooks | None:
    seen = LooksSeen()
    for code in codes:
        seen.see(code)
    return seen.looks()


def test_a_code_that_lost_or_gained_a_character_is_none_of_the_rosters() -> None:
    codes = [secrets.token_hex(16) for _ in range(LEARNT_FROM)]
    looks = looks_of(codes)
    assert looks is not None
    assert all(looks.fits(code) for code in codes)
    for code in codes:
        for at in range(len(code)):
            assert not looks.fits(code[:at] + code[at + 1 :])
            assert not looks.fits(code[:at] + code[at] + code[at:])
            assert not looks.fits(code[:at] + "-" + code[at + 1 :])


def test_from_few_codes_or_from_many_lengths_nothing_is_learnt() -> None:
    assert looks_of(["ABCD1234"] * (LEARNT_FROM - 1)) is None
    assert looks_of(["A" * (4 + n % (MOST_LENGTHS + 1)) for n in range(LEARNT_FROM)]) is None
    assert looks_of([chr(0x4E00 + n) * 4 for n in range(400)]) is None
    assert joined(None, ["ABCD1234"] * 100) is None


@pytest.mark.parametrize(
    ("letters", "told"),
    [("0", string.digits), ("a", "abcdef"), ("Z9", "0123456789GHIJKLMNOPQRSTUVWXYZ"), ("+", "+")],
)
def test_what_is_told_are_whole_kinds_of_characters(letters: str, told: str) -> None:
    looks = looks_of([letters * 8] * LEARNT_FROM)
    assert looks is not None
    assert looks.characters == told


def test_the_order_in_which_codes_are_seen_does_not_matter_and_none_is_forgotten() -> None:
    codes = [secrets.token_urlsafe(24 + n % 3) for n in range(3 * LEARNT_FROM)]
    first = looks_of(codes[:LEARNT_FROM])
    later = joined(first, codes[LEARNT_FROM:])
    Random(1).shuffle(codes)
    assert later == looks_of(codes)
    assert later is not None
    assert all(later.fits(code) for code in codes)
