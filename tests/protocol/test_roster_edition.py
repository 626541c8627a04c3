"""An edition of the roster: it opens by codes alone, and takes no part that is not its own."""

import subprocess
import sys
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from protocol.roster import Resolution
from protocol.roster_edition import (
    RESERVE,
    SIZE_STEP,
    Entry,
    Head,
    TooLong,
    base_head,
    check_base,
    check_delta,
    derive_place,
    derive_secret,
    make_entry,
    open_entry,
    read_entries,
    size_for,
    split_parts,
)
from protocol.student import Student
from tests.rosters import EDITION, entries_of, sign_base, sign_delta
from tests.town import INSTITUTION, TAKEN_AT

KEY, ANOTHER = SigningKey(b"k" * 32), SigningKey(b"x" * 32)
STUDENT = Student("record-1", "林小雨", "2022010001", INSTITUTION, "示范大学", "文学院")
ANSWERS: dict[str, Resolution] = {
    "code-1": STUDENT,
    "code-2": "already_photographed",
    "code-3": "record_abnormal",
}


def opened(entries: bytes, code: str, edition: bytes = EDITION) -> Resolution:
    secret = derive_secret(code, edition)
    (entry,) = (e for e in read_entries(entries) if e.place == derive_place(secret))
    return open_entry(entry, secret, edition, KEY.verify_key)


# ---- what an entry tells, and what not ----


def test_each_code_opens_its_own_entry() -> None:
    _, entries = sign_base(ANSWERS, KEY)
    assert {code: opened(entries, code) for code in ANSWERS} == ANSWERS


def test_nobody_is_named_without_a_code() -> None:
    head, entries = sign_base(ANSWERS, KEY)
    for text in (STUDENT.name, STUDENT.student_no, STUDENT.record_id, "code-1", "already"):
        assert text.encode() not in head.line() + entries


def test_every_entry_is_as_long_as_another() -> None:
    head, entries = sign_base(ANSWERS, KEY)
    assert {len(entry.encode()) for entry in read_entries(entries)} == {head.entry_bytes}


def test_entries_lie_by_their_places_in_whatever_order_they_came() -> None:
    base, entries = sign_base(ANSWERS, KEY)
    _, changes = sign_delta(dict(reversed(ANSWERS.items())), base, KEY)
    for part in (entries, changes):
        places = [entry.place for entry in read_entries(part)]
        assert places == sorted(places)


def test_two_editions_cannot_be_compared() -> None:
    one, other = (sign_base(ANSWERS, KEY, edition=salt * 32)[1] for salt in (b"s", b"t"))
    assert not {e.place for e in read_entries(one)} & {e.place for e in read_entries(other)}


def test_an_answer_that_has_no_room_in_an_edition_is_told() -> None:
    head, _ = sign_base(ANSWERS, KEY)
    long = Student("r", "长" * 100, "2022", INSTITUTION, "示范大学", "文学院")
    with pytest.raises(TooLong):
        make_entry(derive_secret("code", EDITION), long, head, KEY)


@given(st.integers(1, 5000))
def test_entries_have_room_for_the_longest_answer_and_little_more(longest: int) -> None:
    assert longest + RESERVE <= size_for(longest) < longest + RESERVE + SIZE_STEP


def test_an_entry_of_another_registrar_edition_number_or_place_is_not_believed() -> None:
    head, _ = sign_base(ANSWERS, KEY)
    (entry,) = entries_of({"code-1": STUDENT}, head, KEY)
    (forged,) = entries_of({"code-1": STUDENT}, head, ANOTHER)
    secret, of_another = (derive_secret(code, EDITION) for code in ("code-1", "code-2"))
    moved = Entry(derive_place(of_another), entry.number, entry.box, entry.signature)
    later = Entry(entry.place, 1, entry.box, entry.signature)
    for wrong, edition in (
        (forged, EDITION),
        (moved, EDITION),
        (later, EDITION),
        (entry, b"t" * 32),
    ):
        with pytest.raises(ValueError, match="is not signed"):
            open_entry(wrong, secret, edition, KEY.verify_key)
    with pytest.raises(ValueError, match="does not open"):
        open_entry(entry, of_another, EDITION, KEY.verify_key)


@pytest.mark.parametrize(
    ("code", "is_slow"),
    [("1234567890", True), ("A7F-92KD", True), ("DEMO-3F6A-91C7-04BD", False), ("9f" * 20, False)],
)
def test_a_code_that_could_be_guessed_is_slow_to_try(
    code: str, is_slow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def count(size: int, password: bytes, *_: object) -> bytes:
        asked.append(password)
        return bytes(size)

    monkeypatch.setattr("protocol.roster_edition.argon2id.kdf", count)
    derive_secret(code, EDITION)
    assert bool(asked) is is_slow


def test_each_try_takes_32_mebibytes() -> None:
    fresh = "import protocol.roster_edition as r; print(*r.STRETCH)"
    said = subprocess.run([sys.executable, "-c", fresh], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["1", str(32 << 20)]


# ---- bases and deltas ----


def test_a_delta_follows_on_its_base_and_the_next_on_it() -> None:
    base, _ = sign_base(ANSWERS, KEY)
    first, entries = sign_delta({"code-1": "already_photographed", "code-3": None}, base, KEY)
    assert [bool(e.box) for e in check_delta(first, entries, base, KEY.verify_key)].count(
        False
    ) == 1
    second, more = sign_delta({"code-4": STUDENT}, first, KEY)
    assert len(check_delta(second, more, first, KEY.verify_key)) == 1
    # A base that was made of all of them is followed by what follows on them.
    third, none = sign_delta({}, second, KEY)
    assert third.previous == base_head(second).chain
    assert check_delta(third, none, base_head(second), KEY.verify_key) == []


def test_a_delta_that_is_forged_left_out_played_back_or_anothers_is_refused() -> None:
    base, _ = sign_base(ANSWERS, KEY)
    first, entries = sign_delta({"code-1": "already_photographed"}, base, KEY)
    second, more = sign_delta({"code-2": None}, first, KEY)
    other_first, other_entries = sign_delta({"code-2": None}, base, KEY)
    elsewhere, _ = sign_base({}, KEY, edition=b"t" * 32)
    strange, stranger = sign_delta({"code-1": "already_photographed"}, base, ANOTHER)
    later = first.model_copy(update={"issued_at": TAKEN_AT + timedelta(days=1)})
    for head, changes, held, why in (
        (strange, stranger, base, "not signed"),
        (later, entries, base, "not signed"),
        (first, entries[:-1] + b"x", base, "other entries"),
        (first, b"", base, "other entries"),
        (second, more, base, "does not follow"),
        (first, entries, second, "does not follow"),
        (second, more, other_first, "does not follow"),
        (other_first, other_entries, first, "does not follow"),
        (first, entries, elsewhere, "another edition"),
        (base, b"", base, "another edition"),
    ):
        with pytest.raises(ValueError, match=why):
            check_delta(head, changes, held, KEY.verify_key)


def test_a_base_of_another_registrar_or_institution_is_refused() -> None:
    head, _ = sign_base(ANSWERS, KEY)
    check_base(head, INSTITUTION, KEY.verify_key)
    with pytest.raises(ValueError, match="not signed"):
        check_base(head, INSTITUTION, ANOTHER.verify_key)
    with pytest.raises(ValueError, match="institution 10000's, and this is 10001"):
        check_base(head, "10001", KEY.verify_key)


def test_parts_that_come_together_are_split() -> None:
    base, _ = sign_base(ANSWERS, KEY)
    first, one = sign_delta(ANSWERS, base, KEY)
    second, two = sign_delta({"code-1": None}, first, KEY)
    answer = first.line() + one + second.line() + two
    assert list(split_parts(answer)) == [(first, one), (second, two)]
    assert list(split_parts(base.line())) == [(base, b"")]


@given(st.binary(max_size=400))
def test_rubbish_is_no_part(rubbish: bytes) -> None:
    base, _ = sign_base(ANSWERS, KEY)
    first, entries = sign_delta(ANSWERS, base, KEY)
    for answer in (rubbish + b"\n", first.line() + rubbish + entries[:300]):
        try:
            parts = list(split_parts(answer))
        except ValueError:
            continue
        for head, found in parts:
            with pytest.raises(ValueError, match=r"entries|another|follow|signed"):
                check_delta(head, found, base, KEY.verify_key)


def test_a_delta_of_100_photos_has_at_most_50_kilobytes() -> None:
    codes = {f"code-{number}": STUDENT for number in range(1000)}
    base, _ = sign_base(codes, KEY)
    photographed: dict[str, Resolution | None] = {
        f"code-{number}": "already_photographed" for number in range(100)
    }
    head, entries = sign_delta(photographed, base, KEY)
    assert len(head.line() + entries) <= 50_000


def test_a_head_comes_through_json_as_it_was_signed() -> None:
    base, _ = sign_base(ANSWERS, KEY)
    assert Head.model_validate_json(base.line()) == base
