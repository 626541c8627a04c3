"""Sealing: only the registrar reads a photo, and everybody can tell which booth took it."""

import hashlib
from uuid import UUID

import pytest
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey, SealedBox
from nacl.signing import SigningKey

from protocol.envelope import (
    Envelope,
    Metadata,
    is_vouched_for,
    open_envelope,
    open_sealed,
    seal_photo,
)
from tests.town import TAKEN_AT, picture, provenance

REGISTRAR = PrivateKey(b"r" * 32)
BOOTH_KEY = SigningKey(b"b" * 32)
PHOTO = picture(1)
METADATA = Metadata(
    submission_id=UUID(int=7),
    record_id="record-1",
    taken_at=TAKEN_AT,
    booth_id="booth-1",
    photo_sha256=hashlib.sha256(PHOTO).digest(),
    rules={"one_face": 1.0},
    kiosk_version="0.1.0",
    provenance=provenance(PHOTO, BOOTH_KEY),
)


def test_the_registrar_finds_metadata_and_photo_in_an_envelope() -> None:
    envelope = seal_photo(METADATA, PHOTO, REGISTRAR.public_key, BOOTH_KEY)
    line, _, photo = SealedBox(REGISTRAR).decrypt(envelope.sealed).partition(b"\n")
    assert Metadata.model_validate_json(line) == METADATA
    assert photo == PHOTO


def test_nobody_else_opens_an_envelope() -> None:
    envelope = seal_photo(METADATA, PHOTO, REGISTRAR.public_key, BOOTH_KEY)
    with pytest.raises(CryptoError):
        SealedBox(PrivateKey(b"x" * 32)).decrypt(envelope.sealed)


def test_an_envelope_shows_neither_record_nor_pixels() -> None:
    text = seal_photo(METADATA, PHOTO, REGISTRAR.public_key, BOOTH_KEY).model_dump_json().encode()
    assert b"record-1" not in text
    assert PHOTO[:64] not in text


def test_the_booth_vouches_for_id_and_content() -> None:
    envelope = seal_photo(METADATA, PHOTO, REGISTRAR.public_key, BOOTH_KEY)
    BOOTH_KEY.verify_key.verify(envelope.message, envelope.signature)
    moved = envelope.model_copy(update={"submission_id": UUID(int=8)})
    with pytest.raises(BadSignatureError):
        BOOTH_KEY.verify_key.verify(moved.message, moved.signature)


def test_metadata_of_another_photo_are_not_sealed() -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        seal_photo(METADATA, picture(2), REGISTRAR.public_key, BOOTH_KEY)


def test_an_envelope_comes_back_from_json_with_every_byte() -> None:
    sent = Envelope(
        submission_id=UUID(int=7), booth_id="booth-1", sealed=bytes(range(256)), signature=b"s" * 64
    )
    assert Envelope.model_validate_json(sent.model_dump_json()) == sent


def test_an_envelope_opens_for_the_registrar_that_knows_its_booth() -> None:
    envelope = seal_photo(METADATA, PHOTO, REGISTRAR.public_key, BOOTH_KEY)
    other = PrivateKey(b"x" * 32)
    assert open_envelope(envelope, [REGISTRAR]) == (METADATA, PHOTO)
    assert open_envelope(envelope, [other, REGISTRAR]) == (METADATA, PHOTO)
    assert open_envelope(envelope, [other]) == "sealed_elsewhere"
    assert open_sealed(envelope.sealed, [other, REGISTRAR]) == (METADATA, PHOTO)


def test_an_envelope_that_claims_another_name_or_number_does_not_open() -> None:
    envelope = seal_photo(METADATA, PHOTO, REGISTRAR.public_key, BOOTH_KEY)
    for change in ({"submission_id": UUID(int=8)}, {"booth_id": "booth-2"}):
        assert open_envelope(envelope.model_copy(update=change), [REGISTRAR]) == "unreadable"


def test_a_booth_vouches_for_its_own_record_of_its_own_photo() -> None:
    assert is_vouched_for(METADATA, BOOTH_KEY.verify_key)
    assert not is_vouched_for(METADATA, SigningKey(b"x" * 32).verify_key)
    for change in ({"booth_id": "booth-2"}, {"photo_sha256": b"x" * 32}):
        assert not is_vouched_for(METADATA.model_copy(update=change), BOOTH_KEY.verify_key)
