"""The receipt: the registrar vouches for one envelope, and for everything it says of it."""

from datetime import timedelta
from uuid import UUID

import pytest
from nacl.signing import SigningKey

from protocol.envelope import Envelope
from protocol.receipt import Receipt, sign_receipt
from protocol.signing import is_signed
from tests.town import TAKEN_AT

ID = UUID(int=7)
KEY = SigningKey(b"k" * 32)


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


def test_a_receipt_answers_the_envelope_it_was_signed_for_and_no_other() -> None:
    envelope = Envelope(submission_id=ID, booth_id="booth-1", sealed=b"box", signature=b"s" * 64)
    receipt = sign_receipt(envelope, TAKEN_AT, "conflict", KEY)
    assert receipt.answers(envelope)
    assert is_signed(receipt, KEY.verify_key)
    assert not is_signed(receipt.model_copy(update={"refused": None}), KEY.verify_key)
    assert not receipt.answers(envelope.model_copy(update={"sealed": b"other"}))
    assert not receipt.answers(envelope.model_copy(update={"submission_id": UUID(int=8)}))
