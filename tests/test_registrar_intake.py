"""Intake: a photo is held once, and only if it is what its envelope claims."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.public import PrivateKey
from PIL import Image

from kiosk.sync import Envelope, seal
from kiosk.sync.wire import Receipt
from registrar.intake import is_jpeg, open_envelope, take
from registrar.serve import Server
from tests.town import TAKEN_AT, Town, picture, submission


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=3)


def taken(town: Town, envelope: Envelope) -> Receipt:
    return take(town.store, town.server.keys, town.key.verify_key, envelope, TAKEN_AT)


def test_a_photo_sent_twice_is_held_once_under_the_same_receipt(town: Town) -> None:
    envelope = town.envelope(1)
    first = taken(town, envelope)
    later = take(
        town.store,
        town.server.keys,
        town.key.verify_key,
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
    assert town.store.resolve("code-1") == "already_photographed"
    second, third = town.envelope(11, of_student=1), town.envelope(12, of_student=1)
    assert taken(town, second).refused == "already_photographed"
    town.store.grant("record-1")
    assert not isinstance(town.store.resolve("code-1"), str)
    assert taken(town, second).refused is None
    assert taken(town, third).refused == "already_photographed"
    assert set(town.held()) == {submission(1), submission(11)}


def test_a_photo_of_nobody_on_the_roster_is_refused(town: Town) -> None:
    assert taken(town, town.envelope(1, of_student=99)).refused == "record_unknown"


def test_what_is_no_jpeg_is_refused(town: Town) -> None:
    for number, photo in enumerate((b"", b"text", picture(1)[:-300], picture(1) + b"tail")):
        assert taken(town, town.envelope(number, photo=photo)).refused == "unreadable"
    assert town.held() == {}


def test_a_refusal_is_signed_too(town: Town) -> None:
    receipt = taken(town, town.envelope(1, of_student=99))
    town.server.keys.sign.verify_key.verify(receipt.message, receipt.signature)


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
        assert open_envelope(changed, town.key.verify_key, town.server.keys.seal) is None


def test_an_envelope_sealed_to_another_registrar_does_not_open(town: Town) -> None:
    opened = open_envelope(town.envelope(1), town.key.verify_key, town.server.keys.seal)
    assert opened is not None
    elsewhere = seal(*opened, PrivateKey.generate().public_key, town.key)
    assert taken(town, elsewhere).refused == "unreadable"


def test_a_picture_far_larger_than_any_photo_is_refused_before_it_is_decoded() -> None:
    file = io.BytesIO()
    Image.new("L", (5_000, 5_000)).save(file, "JPEG", quality=10)
    assert not is_jpeg(file.getvalue())


def test_a_png_by_another_name_is_no_jpeg() -> None:
    file = io.BytesIO()
    Image.new("RGB", (480, 640)).save(file, "PNG")
    assert not is_jpeg(file.getvalue())
