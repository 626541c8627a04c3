"""Enrolment by a one-time code: a booth brings its key, and learns the registrar's.

Whoever looks after the registrar reads the code to whom stands before the booth. Both sides prove
that they know it, and it never goes over the wire: so nobody between the two can put a key of their
own in the place of either's, with or without TLS.
"""

import hmac
import re
from hashlib import blake2b
from typing import Annotated

from nacl.signing import SigningKey
from pydantic import Field

from protocol.signing import UNSIGNED, join_parts, sign
from protocol.wire import BoothId, Signature, WireType

CODE_BYTES = 10
"""Of randomness in a code, as 16 characters: nobody finds 80 bits from what goes over the wire."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, which are read as others or as words."""

_GROUP = 4

Key = Annotated[bytes, Field(min_length=32, max_length=32)]
Proof = Annotated[bytes, Field(min_length=32, max_length=32)]


def write_code(random: bytes) -> str:
    """Write `CODE_BYTES` random bytes as a code, in groups: what people read to each other."""
    number = int.from_bytes(random, "big")
    letters = [_ALPHABET[number >> 5 * place & 31] for place in range(len(random) * 8 // 5)]
    groups = range(0, len(letters), _GROUP)
    return "-".join("".join(letters[start : start + _GROUP]) for start in groups)


def read_code(text: str) -> str:
    """Read a code as it was typed; raises ValueError where it is none."""
    letters = re.sub(r"[\s-]", "", text).upper().translate(str.maketrans("OIL", "011"))
    if len(letters) != CODE_BYTES * 8 // 5 or set(letters) - set(_ALPHABET):
        raise ValueError("a code has 16 letters and digits, as XXXX-XXXX-XXXX-XXXX")
    return letters


def code_id(code: str) -> bytes:
    """By which the registrar finds a code (`read_code`) that it does not keep."""
    return blake2b(code.encode(), digest_size=16, person=b"enrol id").digest()


def code_key(code: str) -> bytes:
    """By which both sides prove that they know a code (`read_code`)."""
    return blake2b(code.encode(), digest_size=32, person=b"enrol key").digest()


class EnrolmentRequest(WireType):
    """A booth asks to be served from now on."""

    code_id: Annotated[bytes, Field(min_length=16, max_length=16)]
    verify_key: Key
    """The booth's, by which its requests and photos are signed."""
    proof: Proof
    """That whoever asks knows the code."""
    signature: Signature
    """By the booth's key: it is not another's."""

    @property
    def message(self) -> bytes:
        """The bytes that the booth signs."""
        return join_parts("enrolment request 1", self.code_id, self.verify_key)

    def is_proved(self, key: bytes) -> bool:
        """Say whether whoever asks knows the code of this `code_key`."""
        return hmac.compare_digest(self.proof, _prove(self.message, key))


class EnrolmentAnswer(WireType):
    """What a booth must know of the registrar."""

    booth_id: BoothId
    """The name under which it is served."""
    registrar_public_key: Key
    """That it seals photos to."""
    registrar_verify_key: Key
    """That receipts and rosters bear."""
    proof: Proof
    """That whoever answers knows the code, and which key was enrolled."""

    def is_proved(self, key: bytes, verify_key: bytes) -> bool:
        """Say whether who gave out the code of this `code_key` answers, of the booth's own key."""
        return hmac.compare_digest(self.proof, _prove(_answer_message(self, verify_key), key))


def make_request(code: str, key: SigningKey) -> EnrolmentRequest:
    """Ask for a booth with this key, by a code (`read_code`)."""
    request = EnrolmentRequest(
        code_id=code_id(code),
        verify_key=bytes(key.verify_key),
        proof=bytes(32),
        signature=UNSIGNED,
    )
    proof = _prove(request.message, code_key(code))
    return sign(request.model_copy(update={"proof": proof}), key)


def make_answer(
    request: EnrolmentRequest, key: bytes, booth_id: str, public_key: bytes, verify_key: bytes
) -> EnrolmentAnswer:
    """Answer a request, by the `code_key`; the keys are the registrar's."""
    answer = EnrolmentAnswer(
        booth_id=booth_id,
        registrar_public_key=public_key,
        registrar_verify_key=verify_key,
        proof=bytes(32),
    )
    proof = _prove(_answer_message(answer, request.verify_key), key)
    return answer.model_copy(update={"proof": proof})


def _answer_message(answer: EnrolmentAnswer, verify_key: bytes) -> bytes:
    return join_parts(
        "enrolment answer 1",
        verify_key,
        answer.booth_id.encode(),
        answer.registrar_public_key,
        answer.registrar_verify_key,
    )


def _prove(message: bytes, key: bytes) -> bytes:
    return blake2b(message, digest_size=32, key=key).digest()
