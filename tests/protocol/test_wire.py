"""The wire: what is signed cannot be read as something else, and the registrar needs no more."""

import ast
import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from nacl.signing import SigningKey
from pydantic import ValidationError

from protocol.envelope import Envelope
from protocol.provenance import Operation, Provenance
from protocol.receipt import Receipt
from protocol.request import request_message
from protocol.roster import RESOLUTION, entry_index, entry_key
from protocol.student import Student
from tests.town import TAKEN_AT, provenance

KEY = SigningKey(b"b" * 32)
ID = UUID(int=7)
STUDENT = Student("record-1", "林小雨", "2022010001", "10000", "示范大学", "文学院")


def test_an_envelope_comes_back_from_json_with_every_byte() -> None:
    sent = Envelope(
        submission_id=ID, booth_id="booth-1", sealed=bytes(range(256)), signature=b"s" * 64
    )
    assert Envelope.model_validate_json(sent.model_dump_json()) == sent


def test_a_receipt_signs_the_same_bytes_after_its_way_over_the_wire() -> None:
    receipt = Receipt(
        submission_id=ID,
        envelope_sha256=b"d" * 32,
        at=TAKEN_AT + timedelta(microseconds=1200),
        refused=None,
        signature=b"s" * 64,
    )
    assert Receipt.model_validate_json(receipt.model_dump_json()).message == receipt.message


@pytest.mark.parametrize(
    "change",
    [
        {"refused": "conflict"},
        {"at": TAKEN_AT + timedelta(seconds=1)},
        {"submission_id": UUID(int=8)},
        {"envelope_sha256": b"e" * 32},
    ],
)
def test_a_receipt_signs_everything_it_says(change: dict[str, object]) -> None:
    receipt = Receipt(
        submission_id=ID, envelope_sha256=b"d" * 32, at=TAKEN_AT, refused=None, signature=b"s" * 64
    )
    assert receipt.model_copy(update=change).message != receipt.message


def test_a_requests_parts_cannot_be_moved_into_each_other() -> None:
    one = request_message("POST", "/v1/resolve", "booth-1", "23", b"")
    other = request_message("POST", "/v1/resolve", "booth-12", "3", b"")
    assert one != other


def test_a_resolution_is_a_student_or_a_reason() -> None:
    assert RESOLUTION.validate_json(RESOLUTION.dump_json(STUDENT)) == STUDENT
    assert RESOLUTION.validate_json(b'"record_abnormal"') == "record_abnormal"
    with pytest.raises(ValidationError):
        RESOLUTION.validate_json(b'"because"')


def test_an_entrys_place_does_not_give_its_key() -> None:
    salt = b"s" * 32
    assert bytes.fromhex(entry_index("code", salt)) != entry_key("code", salt)
    assert entry_index("code", salt) != entry_index("code", b"t" * 32)


def test_the_registrar_imports_nothing_of_the_kiosk(root: Path) -> None:
    imported = set()
    for path in (root / "registrar").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
    assert not {name for name in imported if name.split(".")[0] == "kiosk"}


def test_a_record_of_provenance_signs_the_same_bytes_however_it_is_written() -> None:
    record = provenance(b"photo", KEY)
    said = json.loads(record.as_file())
    said["operations"][0]["parameters"]["left"] = 12  # as other languages write 12.0
    turned = dict(reversed(list(said.items())))
    for text in (json.dumps(turned, indent=4), json.dumps(said, ensure_ascii=True)):
        again = Provenance.model_validate_json(text)
        assert again.message == record.message
        KEY.verify_key.verify(again.message, again.signature)


@pytest.mark.parametrize(
    "change",
    [
        {"photo_sha256": b"d" * 32},
        {"capture_sha256": b"d" * 32},
        {"made_at": TAKEN_AT + timedelta(microseconds=1)},
        {"booth_id": "booth-2"},
        {"operations": ()},
        {"operations": (Operation(name="crop", parameters={"left": 12.5}),)},
        {"rules": {}},
        {"fidelity": {"psnr": 71.5}},
        {"kiosk_version": "0.1.1"},
        {"models": {"modnet": "cd" * 32}},
        {"calibration": {"exposure_time": "10000"}},
    ],
)
def test_a_record_of_provenance_signs_everything_it_says(change: dict[str, object]) -> None:
    record = provenance(b"photo", KEY)
    assert record.model_copy(update=change).message != record.message


def test_a_record_of_provenance_is_signed_as_canonical_json() -> None:
    calibration = {"z": 1e21, "ö": 1e-7, "a": -0.0, "b": 0.000001, "c": 4.50, "d": 2e20, "e": '€"'}
    message = provenance(b"photo", KEY, calibration=calibration).message
    assert b"provenance 1" in message[:40]
    assert b'{"booth_id":"booth-1","calibration":{' in message
    assert (
        '"calibration":{"a":0,"b":0.000001,"c":4.5,"d":200000000000000000000,"e":"€\\"",'
        '"z":1e+21,"ö":1e-7}'
    ).encode() in message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("calibration", '{"gain": NaN}'),
        ("calibration", '{"gain": Infinity}'),
        ("calibration", '{"gain": true}'),
        ("fidelity", '{"psnr": 1e999}'),
        ("rules", '{"one_face": NaN}'),
        ("rules", '{"one_face": "1"}'),
        ("models", '{"modnet": "none"}'),
        ("made_at", '"2026-06-01T09:30:00"'),
        ("kind", '"provenance 2"'),
        ("operations", '[{"name": "\\u001b[2J", "parameters": {}}]'),
        ("student_no", '"2022010001"'),
    ],
)
def test_a_record_of_provenance_says_only_what_it_can(field: str, value: str) -> None:
    said = json.loads(provenance(b"photo", KEY).as_file())
    said[field] = "HERE"
    with pytest.raises(ValidationError):
        Provenance.model_validate_json(json.dumps(said).replace('"HERE"', value))


@pytest.mark.parametrize("field", sorted(Provenance.model_fields.keys() - {"kind"}))
def test_a_record_of_provenance_is_whole(field: str) -> None:
    said = json.loads(provenance(b"photo", KEY).as_file())
    del said[field]
    with pytest.raises(ValidationError, match=field):
        Provenance.model_validate_json(json.dumps(said))
