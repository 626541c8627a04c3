"""The roster at the booth: offline it serves who is there, of one institution and no other."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path

import pytest
from nacl.secret import SecretBox
from nacl.signing import SigningKey

from kiosk.sync.errors import Forged
from kiosk.sync.former_extract import FormerExtract
from kiosk.sync.ledger import Ledger
from kiosk.sync.resolve import Refusal, Unasked, resolve
from kiosk.sync.roster import Roster, read_roster
from kiosk.sync.roster_fetch import fetch_roster
from kiosk.sync.roster_index import RosterIndex
from protocol.admission import USUAL_LIMITS, surely
from protocol.roster import RESOLUTION, Answer, Resolution
from protocol.student import Student
from registrar.serve import Server
from tests.rosters import keep_roster
from tests.town import BOOTH, INSTITUTION, TAKEN_AT, Town, question

KEY = SigningKey(b"k" * 32)
STUDENT = Student("record-1", "林小雨", "2022010001", INSTITUTION, "示范大学", "文学院")
ANSWERS: dict[str, Resolution] = {
    "code-1": STUDENT,
    "code-2": "already_photographed",
    "code-3": "record_abnormal",
}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=2)


@pytest.fixture
def roster(tmp_path: Path) -> Roster | None:
    keep_roster(tmp_path / "roster", ANSWERS, KEY)
    return read_roster(tmp_path / "roster", KEY.verify_key, INSTITUTION)


class Asking:
    """A booth that asks whose codes are, and photographs nobody."""

    def __init__(self, town: Town, roster: Roster | None, folder: Path) -> None:
        self._client, self._roster = town.client(), roster
        self._ledger = Ledger(folder / "ledger")

    def without_network(self, town: Town) -> "Asking":
        self._client = town.client("http://127.0.0.1:9")
        return self

    def ask(self, code: str, institution: str = INSTITUTION) -> Answer | Refusal:
        unasked = Unasked(self._roster, BOOTH, KEY.verify_key, USUAL_LIMITS, ())
        now = surely(TAKEN_AT)
        whose = self._ledger.whose(code)
        return resolve(question(code), whose, now, self._client, unasked, self._ledger, institution)


def test_the_registrar_is_asked_before_the_roster_here(
    town: Town, roster: Roster, tmp_path: Path
) -> None:
    booth = Asking(town, roster, tmp_path)
    found = booth.ask("code-1")
    assert isinstance(found, Student)
    assert found.name == "学生1"
    assert booth.ask("code-9") == "code_unknown"


def test_another_institutions_student_is_not_admitted(town: Town, tmp_path: Path) -> None:
    assert Asking(town, None, tmp_path).ask("code-1", "10001") == "other_institution"


def test_offline_the_roster_here_is_asked(town: Town, roster: Roster, tmp_path: Path) -> None:
    away = Asking(town, roster, tmp_path).without_network(town)
    assert away.ask("code-1") == STUDENT
    assert away.ask("code-2") == "already_photographed"
    assert away.ask("code-9") == "code_unknown"
    assert away.ask("code-1", "10001") == "other_institution"
    nothing = Asking(town, None, tmp_path).without_network(town)
    assert nothing.ask("code-1") == "registrar_unreachable"


def test_before_the_first_sync_there_is_none(tmp_path: Path) -> None:
    assert read_roster(tmp_path / "roster", KEY.verify_key, INSTITUTION) is None


# ---- what a release of before has left ----


def write_former(path: Path, answers: Mapping[str, Resolution], key: SigningKey = KEY) -> None:
    """Write a roster as releases up to 0.1 kept it."""

    def derive(code: str, purpose: bytes) -> bytes:
        return blake2b(code.encode(), digest_size=32, key=b"s" * 32, person=purpose).digest()

    entries = {}
    for code, answer in answers.items():
        box = SecretBox(derive(code, b"roster entry"))
        sealed = bytes(box.encrypt(RESOLUTION.dump_json(answer).ljust(256)))
        entries[derive(code, b"roster index").hex()] = urlsafe_b64encode(sealed).decode()
    extract = {
        "kind": "roster extract 1",
        "issued_at": TAKEN_AT.isoformat(),
        "salt": urlsafe_b64encode(b"s" * 32).decode(),
        "entries": dict(sorted(entries.items())),
    }
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(key.sign(json.dumps(extract, separators=(",", ":")).encode()))


def test_a_booth_that_was_brought_up_to_date_offline_serves_from_what_was_kept_before(
    tmp_path: Path,
) -> None:
    answers: dict[str, Resolution] = {f"code-{n}": "record_abnormal" for n in range(60)}
    answers |= ANSWERS
    write_former(tmp_path / "roster", answers)
    former = read_roster(tmp_path / "roster", KEY.verify_key, INSTITUTION)
    assert isinstance(former, FormerExtract)
    assert (len(former), former.issued_at) == (len(answers), TAKEN_AT)
    assert {code: former.find(code) for code in answers} == answers
    assert [former.find(f"no-code-{n}") for n in range(20)] == [None] * 20


def test_what_was_kept_before_and_was_changed_or_is_anothers_is_not_believed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "roster"
    write_former(path, ANSWERS)
    signed = path.read_bytes()
    for forged in (signed[:-1], signed[:64] + b" " + signed[64:], b"", b"x" * 200):
        path.write_bytes(forged)
        with pytest.raises(Forged, match="roster"):
            read_roster(path, KEY.verify_key, INSTITUTION)
    path.write_bytes(KEY.sign(b"{}"))
    with pytest.raises(Forged, match="is no roster"):
        read_roster(path, KEY.verify_key, INSTITUTION)


def test_the_first_sync_puts_the_index_in_the_place_of_what_was_kept_before(town: Town) -> None:
    key = town.server.keys.signing_key
    write_former(town.roster, ANSWERS, key)
    fetch_roster(town.client(), town.roster, INSTITUTION)
    assert isinstance(read_roster(town.roster, key.verify_key, INSTITUTION), RosterIndex)
