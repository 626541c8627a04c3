"""The record of provenance: it says only what it can, and the booth signs all of it."""

import json
from datetime import timedelta

import pytest
from nacl.signing import SigningKey
from pydantic import ValidationError

from protocol.provenance import Operation, Provenance, find_faults
from tests.town import TAKEN_AT, provenance

KEY = SigningKey(b"b" * 32)


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


def test_each_fault_of_a_record_is_found() -> None:
    record, stranger = provenance(b"photo", KEY), SigningKey(b"x" * 32).verify_key
    assert find_faults(record, b"photo", KEY.verify_key) == ()
    assert find_faults(record, b"other", KEY.verify_key) == ("photo",)
    assert find_faults(record, b"photo", stranger) == ("signature",)
    assert find_faults(record, b"other", stranger) == ("signature", "photo")
