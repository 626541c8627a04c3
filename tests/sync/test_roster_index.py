"""The booth's index of the roster: one entry a scan, whole or of before after any harm."""

import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk.errors import SyncError
from kiosk.sync.errors import Forged
from kiosk.sync.roster_index import ComingBase, RosterIndex, apply_delta, mark_path, take_place
from protocol.roster import Resolution
from protocol.roster_edition import Head
from protocol.student import Student
from tests.rosters import keep_base, keep_roster, sign_base, sign_delta
from tests.town import INSTITUTION, TAKEN_AT

KEY, ANOTHER = SigningKey(b"k" * 32), SigningKey(b"x" * 32)
STUDENT = Student("record-1", "林小雨", "2022010001", INSTITUTION, "示范大学", "文学院")
ANSWERS: dict[str, Resolution] = {
    "code-1": STUDENT,
    "code-2": "already_photographed",
    "code-3": "record_abnormal",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "roster.extract"


def opened(path: Path) -> RosterIndex:
    return RosterIndex(path, KEY.verify_key, INSTITUTION)


def change(path: Path, sql: str, *values: object) -> None:
    """Change the file as whoever has the disk could."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute(sql, values)
        db.commit()


# ---- what a scan is answered ----


def test_the_index_answers_as_the_registrar_would_have(path: Path) -> None:
    keep_roster(path, ANSWERS, KEY)
    index = opened(path)
    assert {code: index.find(code) for code in ANSWERS} == ANSWERS
    assert index.find("code-4") is None
    assert (len(index), index.issued_at) == (3, TAKEN_AT)
    index.check()


def test_it_is_its_owners_only_and_names_nobody(path: Path) -> None:
    keep_roster(path, ANSWERS, KEY)
    assert path.stat().st_mode & 0o777 == 0o600
    for text in (STUDENT.name, STUDENT.student_no, STUDENT.record_id, "code-1", "already"):
        assert text.encode() not in path.read_bytes()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_deltas_change_add_and_remove_entries(path: Path) -> None:
    base = keep_roster(path, ANSWERS, KEY)
    first, one = sign_delta({"code-1": "already_photographed", "code-3": None}, base, KEY)
    second, two = sign_delta({"code-4": STUDENT, "code-9": None}, first, KEY)
    apply_delta(path, first, one, KEY.verify_key)
    apply_delta(path, second, two, KEY.verify_key)
    apply_delta(path, first, one, KEY.verify_key)  # another run was faster
    index = opened(path)
    assert index.find("code-1") == "already_photographed"
    assert index.find("code-3") is None
    assert index.find("code-4") == STUDENT
    assert (len(index), index.head.number) == (3, 2)
    index.check()


def test_a_removed_students_entry_is_not_on_the_disk_any_more(path: Path) -> None:
    base, entries = sign_base(ANSWERS, KEY)
    keep_base(path, base, entries)
    delta, changes = sign_delta(dict.fromkeys(ANSWERS), base, KEY)
    apply_delta(path, delta, changes, KEY.verify_key)
    assert entries[100:140] not in path.read_bytes()


# ---- harm ----


def test_a_file_of_another_registrar_or_institution_is_named(path: Path) -> None:
    keep_roster(path, ANSWERS, ANOTHER)
    with pytest.raises(Forged, match="not signed by this registrar; kiosk sync"):
        opened(path)
    keep_roster(path, ANSWERS, KEY, institution_code="10001")
    with pytest.raises(Forged, match="institution 10001's, and this is 10000"):
        opened(path)


def test_an_entry_that_was_changed_answers_nobody_and_the_next_check_fails(path: Path) -> None:
    keep_roster(path, ANSWERS, KEY)
    opened(path).check()
    change(path, "UPDATE entry SET box = zeroblob(length(box))")
    with pytest.raises(Forged, match=r"roster\.extract: an entry of the roster was changed"):
        opened(path).find("code-1")
    with pytest.raises(Forged, match="damaged"):
        opened(path).check()


def test_the_entry_of_one_code_in_the_place_of_anothers_answers_nobody(path: Path) -> None:
    keep_roster(path, ANSWERS, KEY)
    change(
        path,
        "UPDATE entry SET (box, signature, number) ="
        " (SELECT box, signature, number FROM entry ORDER BY place LIMIT 1)",
    )
    answered = {}
    for code in ANSWERS:
        with contextlib.suppress(Forged):
            answered[code] = opened(path).find(code)
    assert len(answered) == 1
    assert answered.items() <= ANSWERS.items()


def test_entries_that_are_missing_are_found_by_the_check(path: Path) -> None:
    keep_roster(path, ANSWERS, KEY)
    change(path, "DELETE FROM entry WHERE rowid = 2")
    with pytest.raises(Forged, match="has 2 entries of 3"):
        opened(path).check()


def test_rubbish_and_flipped_bytes_are_named_wherever_they_are_or_harm_nothing(path: Path) -> None:
    answers: dict[str, Resolution] = {f"code-{number}": STUDENT for number in range(40)}
    keep_roster(path, answers, KEY)
    chance, whole = random.Random(20261127), path.read_bytes()
    for size in [512, 40, 1, 1] * 8:
        at = chance.randrange(len(whole))
        path.write_bytes(whole[:at] + chance.randbytes(size) + whole[at + size :])
        with contextlib.suppress(SyncError):
            index = opened(path)
            for code in answers:
                with contextlib.suppress(SyncError):
                    assert index.find(code) in (STUDENT, None)
            index.check()


def test_half_a_file_is_named(path: Path) -> None:
    answers: dict[str, Resolution] = {f"code-{number}": STUDENT for number in range(40)}
    keep_roster(path, answers, KEY)
    path.write_bytes(path.read_bytes()[:8192])
    with pytest.raises(Forged, match=r"roster\.extract"):
        opened(path).check()


def test_a_delta_that_does_not_follow_changes_nothing(path: Path) -> None:
    base = keep_roster(path, ANSWERS, KEY)
    first, _ = sign_delta({"code-1": None}, base, KEY)
    second, entries = sign_delta({"code-2": None}, first, KEY)
    forged, others = sign_delta({"code-2": None}, base, ANOTHER)
    for head, changes in ((second, entries), (forged, others)):
        with pytest.raises(Forged, match="a change of the roster"):
            apply_delta(path, head, changes, KEY.verify_key)
    index = opened(path)
    assert index.head == base
    assert {code: index.find(code) for code in ANSWERS} == ANSWERS


# ---- a base that comes ----


def coming(path: Path, head: Head) -> ComingBase:
    return ComingBase(path.with_name("coming"), head)


def test_a_base_that_is_cut_off_goes_on_where_it_was(path: Path) -> None:
    head, entries = sign_base(ANSWERS, KEY)
    first = coming(path, head)
    first.append(0, entries[: head.entry_bytes])
    again = coming(path, head)
    assert again.have == head.entry_bytes
    again.append(0, entries[: head.entry_bytes])  # another run has brought it: passed over
    again.append(head.entry_bytes, entries[head.entry_bytes :])
    again.finish()
    take_place(path, again.path)
    take_place(path, again.path)  # another run was faster
    assert opened(path).find("code-1") == STUDENT


def test_what_has_come_of_another_base_is_dropped(path: Path) -> None:
    head, entries = sign_base(ANSWERS, KEY)
    coming(path, head).append(0, entries)
    other, _ = sign_base(ANSWERS, KEY, edition=b"t" * 32)
    assert coming(path, other).have == 0
    path.with_name("coming").write_bytes(b"rubbish" * 999)
    assert coming(path, head).have == 0


def test_a_base_with_other_entries_than_were_signed_is_dropped(path: Path) -> None:
    head, entries = sign_base(ANSWERS, KEY)
    _, others = sign_base(ANSWERS | {"code-2": STUDENT}, ANOTHER)
    for wrong in (others, entries[: head.entry_bytes]):
        begun = coming(path, head)
        begun.append(0, wrong)
        with pytest.raises(Forged, match="other entries"):
            begun.finish()
        assert not begun.path.exists()
    with pytest.raises(Forged, match="cut off"):
        coming(path, head).append(0, entries[:-9])


def test_a_new_base_is_not_spoilt_by_the_journal_of_the_file_before(path: Path) -> None:
    keep_roster(path, ANSWERS, KEY)
    stop_in_a_delta(path)
    assert path.with_name(f"{path.name}-journal").exists()
    head, entries = sign_base({"code-7": STUDENT}, KEY, edition=b"t" * 32)
    keep_base(path, head, entries)
    index = opened(path)
    index.check()
    assert index.find("code-7") == STUDENT


# ---- a pulled plug ----

HALF_A_DELTA = """
import os, signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA cache_size = 1")
db.execute("BEGIN IMMEDIATE")
db.execute("UPDATE entry SET box = randomblob(length(box)), signature = randomblob(64)")
db.execute("PRAGMA cache_spill = 1")
db.execute("CREATE TABLE large AS SELECT randomblob(200000)")
os.kill(os.getpid(), signal.SIGKILL)
"""


def stop_in_a_delta(path: Path) -> None:
    """Have a process change entries, and kill it before it is done."""
    killed = subprocess.run([sys.executable, "-c", HALF_A_DELTA, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL


def test_after_a_kill_within_a_delta_a_scan_finds_the_roster_of_before(path: Path) -> None:
    answers: dict[str, Resolution] = {f"code-{number}": STUDENT for number in range(200)}
    keep_roster(path, answers, KEY)
    before = path.read_bytes()
    stop_in_a_delta(path)
    assert path.read_bytes() != before
    index = opened(path)
    assert {index.find(code) for code in answers} == {STUDENT}
    index.check()
    assert path.read_bytes() == before


def test_who_only_looks_need_not_write(path: Path) -> None:
    keep_roster(path, ANSWERS, KEY)
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        assert opened(path).find("code-1") == STUDENT
    finally:
        path.parent.chmod(0o700)
    assert not mark_path(path).exists()
