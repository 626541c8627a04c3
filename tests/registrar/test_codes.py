"""Whose a code is that no roster has: plain codes, and what an institution's decryptor opens."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nacl.secret import SecretBox
from nacl.signing import SigningKey

from protocol.plain_code import PlainCode
from protocol.student import Student
from registrar.codes import Codes
from registrar.configuration import set_for_booths
from registrar.decrypting import DecryptorFault, decrypt
from registrar.doctor import _look_at_decryptors
from registrar.store import Store
from tests.town import BOOTH, INSTITUTION, record

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "examples" / "decryptor" / "example_decryptor.py"
KEY = b"e" * SecretBox.KEY_SIZE

Install = Callable[[str], None]
"""Installs a decryptor of that text under the name `ours`."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = Store(tmp_path / "data")
    opened.records.import_records(record(number) for number in range(3))
    opened.booths.enrol(BOOTH, SigningKey(b"b" * 32).verify_key, INSTITUTION)
    return opened


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    site = tmp_path / "site"
    told = site / "ours-1.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1\n")
    (told / "entry_points.txt").write_text("[registrar.decryptors]\nours = ours:decrypt\n")
    (tmp_path / "key").write_bytes(KEY)
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("EXAMPLE_DECRYPTOR_KEY", str(tmp_path / "key"))

    def write(text: str) -> None:
        (site / "ours.py").write_text(text)

    return write


def configure(store: Store, **settings: str) -> None:
    with store.database.transaction() as db:
        for name, value in settings.items():
            set_for_booths(db, INSTITUTION, name, value, "tom", AT)


def ask(store: Store, code: str) -> object:
    found = Codes(store.database, store.records).resolve(BOOTH, code)
    return found.record_id if isinstance(found, Student) else found


def sealed(**said: str) -> str:
    return base64.b64encode(SecretBox(KEY).encrypt(json.dumps(said).encode())).decode()


# ---- plain codes ----


def test_a_plain_code_is_taken_where_its_institution_wants_it_and_nowhere_else(
    store: Store,
) -> None:
    key = PlainCode(INSTITUTION, "2022000001", "学生1").key
    assert ask(store, key) == "code_unknown"
    configure(store, plain_codes="online")
    assert ask(store, key) == "record-1"
    assert ask(store, PlainCode(INSTITUTION, "2022000001", "").key) == "record-1"
    configure(store, plain_codes="off")
    assert ask(store, key) == "code_unknown"


def test_a_number_with_another_name_or_of_another_institution_is_nobodys(store: Store) -> None:
    configure(store, plain_codes="online")
    assert ask(store, PlainCode(INSTITUTION, "2022000001", "学生2").key) == "code_unknown"
    assert ask(store, PlainCode("10001", "2022000001", "学生1").key) == "code_unknown"
    assert ask(store, "plain|10000|' or 1=1 --|") == "code_unknown"


# ---- decryptors ----


def test_the_example_opens_what_the_roster_does_not_know(store: Store, install: Install) -> None:
    install(EXAMPLE.read_text("utf-8"))
    code = sealed(institution_code=INSTITUTION, student_no="2022000002", name="学*2")
    assert ask(store, code) == "code_unknown"
    configure(store, decryptor="ours")
    assert ask(store, code) == "record-2"
    assert ask(store, sealed(institution_code=INSTITUTION, record_id="record-0")) == "record-0"
    assert ask(store, "no such code") == "code_unknown"
    other = sealed(institution_code="10001", record_id="record-0")
    assert ask(store, other) == "other_institution"
    renamed = sealed(institution_code=INSTITUTION, record_id="record-0", name="李*")
    assert ask(store, renamed) == "decryptor_failed"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("import os\ndef decrypt(code): os._exit(9)", "failed (exit status 9)"),
        ("raise RuntimeError('x')", "failed (exit status 1)"),
        ("def decrypt(code): return [code] * 3", "names no student"),
        ("def decrypt(code): return {'institution_code': '10000'}", "names no student"),
        ("def decrypt(code): return object()", "failed (exit status 1)"),
        ("def decrypt(code): return 'x' * 10**6", "names no student"),
        ("def decrypt(code): return bytearray(10**10)", "failed (exit status 1)"),
        ("import time\ndef decrypt(code): time.sleep(60)", "no answer within 0.7 s"),
        ("def decrypt(code):\n  while True: pass", "no answer within 0.7 s"),
    ],
)
@pytest.mark.soak
def test_a_decryptor_that_does_not_do_its_work_is_a_fault_with_a_name_and_without_the_code(
    install: Install, text: str, fault: str
) -> None:
    install(text)
    with pytest.raises(DecryptorFault, match=r"^decryptor ours: ") as raised:
        decrypt("ours", "SECRET-CODE", deadline=0.7 if "within" in fault else 10.0)
    assert fault in str(raised.value)
    assert "SECRET" not in str(raised.value)


def test_a_decryptor_that_is_not_there_is_told_and_admits_nobody(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    configure(store, decryptor="theirs")
    with caplog.at_level("ERROR", logger="uvicorn.error"):
        assert ask(store, "SECRET-CODE") == "decryptor_failed"
    assert "decryptor theirs: is not installed" in caplog.text
    assert "SECRET" not in caplog.text


def test_what_a_decryptor_prints_is_no_answer(install: Install) -> None:
    install("def decrypt(code):\n  print({'institution_code': '1'})\n  return None")
    assert decrypt("ours", "code") is None


def test_the_doctor_says_whose_decryptor_is_not_there(store: Store) -> None:
    configure(store, decryptor="theirs")
    (found,) = _look_at_decryptors(store)
    assert not found.is_well
    assert f"institution {INSTITUTION}: theirs is not installed" in found.said
