"""Intake: a photo is held once, and only if it is what its envelope claims."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.public import PrivateKey, SealedBox
from nacl.signing import SigningKey

from protocol.envelope import Envelope, seal_photo
from protocol.receipt import Receipt
from protocol.request import CLOCK_WINDOW
from protocol.signing import sign
from registrar.intake import receive_envelope
from registrar.key_files import read_seal_keys
from registrar.serve import Server
from tests.town import BOOTH, TAKEN_AT, Town, picture, provenance, submission


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=3)


def taken(town: Town, envelope: Envelope) -> Receipt:
    return receive_envelope(town.store, town.server.keys, envelope, TAKEN_AT)


def test_a_photo_sent_twice_is_held_once_under_the_same_receipt(town: Town) -> None:
    envelope = town.envelope(1)
    first = taken(town, envelope)
    later = receive_envelope(
        town.store,
        town.server.keys,
        envelope,
        TAKEN_AT.replace(year=2027),
    )
    assert first == later
    assert town.held() == {submission(1): picture(1)}


def test_the_same_id_with_other_bytes_is_a_conflict(town: Town) -> None:
    taken(town, town.envelope(1))
    assert taken(town, town.envelope(1)).refused == "conflict"  # sealed anew: other bytes
    assert taken(town, town.envelope(1, photo=picture(8))).refused == "conflict"
    assert town.held() == {submission(1): picture(1)}


def test_a_second_photo_of_a_student_is_refused_unless_permitted_once(town: Town) -> None:
    taken(town, town.envelope(1))
    assert town.store.records.resolve("code-1") == "already_photographed"
    second, third = town.envelope(11, of_student=1), town.envelope(12, of_student=1)
    assert taken(town, second).refused == "already_photographed"
    town.permit(1)
    assert not isinstance(town.store.records.resolve("code-1"), str)
    assert taken(town, second).refused is None
    assert taken(town, third).refused == "already_photographed"
    assert set(town.held()) == {submission(1), submission(11)}


def test_a_photo_of_nobody_on_the_roster_is_refused(town: Town) -> None:
    assert taken(town, town.envelope(1, of_student=99)).refused == "record_unknown"


def test_what_is_no_jpeg_is_refused(town: Town) -> None:
    for number, photo in enumerate((b"", b"text", picture(1)[:-300], picture(1) + b"tail")):
        assert taken(town, town.envelope(number, photo=photo)).refused == "no_photo"
    assert town.held() == {}


def test_a_refusal_is_signed_too(town: Town) -> None:
    receipt = taken(town, town.envelope(1, of_student=99))
    town.server.keys.signing_key.verify_key.verify(receipt.message, receipt.signature)


def test_an_envelope_that_was_changed_on_its_way_does_not_open(town: Town) -> None:
    envelope = town.envelope(1)
    sealed = bytearray(envelope.sealed)
    sealed[100] ^= 1
    changes: list[dict[str, object]] = [
        {"sealed": bytes(sealed)},
        {"submission_id": submission(2)},
        {"booth_id": "booth-2"},
        {"signature": b"s" * 64},
    ]
    for change in changes:
        changed = envelope.model_copy(update=change)
        assert taken(town, changed).refused == "unreadable"


def test_an_envelope_sealed_to_another_registrar_does_not_open(town: Town) -> None:
    opened = town.server.keys.vault.photo(town.envelope(1).sealed)
    elsewhere = seal_photo(*opened, PrivateKey.generate().public_key, town.key)
    assert taken(town, elsewhere).refused == "sealed_elsewhere"


def test_a_record_of_provenance_that_does_not_hold_is_refused(town: Town) -> None:
    own = provenance(picture(1), town.key)
    records = [
        provenance(picture(2), town.key),  # of another photo
        provenance(picture(1), SigningKey.generate()),
        provenance(picture(1), town.key, booth_id="booth-2"),
        own.model_copy(update={"operations": own.operations[:1]}),
        own.model_copy(update={"fidelity": {"psnr": 99.0}}),
    ]
    for record in records:
        assert taken(town, town.envelope(1, record=record)).refused == "provenance"
    assert town.held() == {}
    assert taken(town, town.envelope(1, record=own)).refused is None


@pytest.mark.parametrize("record", [None, {"kind": "provenance 1"}])
def test_a_photo_without_a_record_of_provenance_is_refused(
    town: Town, record: dict[str, str] | None
) -> None:
    (seal_key,) = read_seal_keys(town.store.folder)
    envelope = town.envelope(1)
    line, _, jpeg = SealedBox(seal_key).decrypt(envelope.sealed).partition(b"\n")
    metadata = json.loads(line)
    del metadata["provenance"]
    if record is not None:
        metadata["provenance"] = record
    sealed = SealedBox(seal_key.public_key).encrypt(json.dumps(metadata).encode() + b"\n" + jpeg)
    changed = sign(envelope.model_copy(update={"sealed": sealed}), town.key)
    assert taken(town, changed).refused == "provenance"


def test_the_registrar_keeps_the_record_as_the_booth_signed_it(town: Town) -> None:
    taken(town, town.envelope(1))
    (held,) = town.store.photos.newest(10, 0)
    assert held.metadata.provenance == provenance(picture(1), town.key)


def test_what_hides_in_a_photo_is_refused_with_a_reason_of_its_own(town: Town) -> None:
    jpeg = picture(1)
    hidden = jpeg[:20] + b"\xff\xed\x00\x0cPhotoshop " + jpeg[20:]
    assert taken(town, town.envelope(1, photo=hidden)).refused == "no_photo"
    assert taken(town, town.envelope(1)).refused is None


@pytest.mark.parametrize(
    ("taken_at", "refused"),
    [
        (datetime(1970, 1, 1, 0, 1, tzinfo=UTC), "time"),
        (datetime(2019, 12, 31, 23, 59, tzinfo=UTC), "time"),
        (datetime(2199, 1, 1, tzinfo=UTC), "time"),
        (TAKEN_AT + timedelta(seconds=CLOCK_WINDOW + 1), "time"),
        (TAKEN_AT + timedelta(seconds=CLOCK_WINDOW), None),
        (datetime(2020, 1, 1, tzinfo=UTC), None),
    ],
)
def test_a_photo_of_another_time_than_booths_have_is_refused(
    town: Town, taken_at: datetime, refused: str | None
) -> None:
    opened = town.server.keys.vault.photo(town.envelope(1).sealed)
    metadata = opened[0].model_copy(update={"taken_at": taken_at})
    seal_key = town.server.keys.vault.public_key
    assert taken(town, seal_photo(metadata, opened[1], seal_key, town.key)).refused == refused


def test_a_photo_signed_with_a_former_key_is_told_and_taken_once_staff_accept_it(
    town: Town,
) -> None:
    waiting = town.envelope(1)
    town.store.booths.remove(BOOTH)
    assert taken(town, waiting).refused == "former_key"
    town.store.booths.enrol(BOOTH, SigningKey.generate().verify_key)
    assert taken(town, waiting).refused == "former_key"
    assert town.store.booths.accept_former_keys(BOOTH) == 1
    assert taken(town, waiting).refused is None
    assert town.held() == {submission(1): picture(1)}


def test_a_booth_that_was_renamed_hands_over_what_it_sealed_before(town: Town) -> None:
    town.store.booths.enrol("booth-9", town.key.verify_key)
    assert taken(town, town.envelope(1)).refused is None


def test_no_booth_speaks_in_anothers_name(town: Town) -> None:
    other = SigningKey.generate()
    town.store.booths.enrol("booth-9", other.verify_key)
    opened = town.server.keys.vault.photo(town.envelope(1).sealed)
    forged = seal_photo(*opened, town.server.keys.vault.public_key, other)
    assert taken(town, forged).refused == "unreadable"
