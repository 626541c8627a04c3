"""The roster as booths hold it: a signed base, then signed deltas, of entries that codes open.

An *edition* of an institution's roster has one salt. Its *base* has all entries as of one number;
each *delta* leads from one number to the next and names the one before, so that none can be left
out, changed, or played back. An *entry* is signed by itself, too: who looks one up reads no other.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.signing import SigningKey, VerifyKey
from pydantic import AwareDatetime, Field

from protocol.capture_code import most_bits
from protocol.code_looks import CodeLooks
from protocol.plain_code import parse_key
from protocol.roster import ALIAS, RESOLUTION, Alias, Resolution
from protocol.signing import SIGNATURE_BYTES, UNSIGNED, is_signature, is_signed, join_parts, sign
from protocol.wire import Digest, Signature, WireType

InstitutionCode = Annotated[str, Field(pattern=r"^[0-9]{5}$")]

UNGUESSABLE_BITS = 80
"""From which on a code is used as it is: 10^10 tries a second come upon one of 200,000 in years."""

STRETCH = 1, 32 << 20
"""Argon2id's passes, and its memory in bytes, for what holds fewer."""

PLACE_BYTES = 16
"""Of 200,000 codes two have one place by a chance of 1 in 10^28."""

SIZE_STEP = 64
"""All answers of an edition are padded to one length, a multiple of this: so no entry's length
says whose it is."""

RESERVE = 48
"""Bytes by which an answer may grow within its edition, as by why a photo was refused."""

FULL_ANSWER = 1_000_000
"""Bytes of deltas from which on the registrar's answer may leave out the newest: ask again."""

_FRAME = struct.Struct(f">{PLACE_BYTES}sQ{SIGNATURE_BYTES}sH")
_BOX_OVERHEAD = SecretBox.NONCE_SIZE + SecretBox.MACBYTES

MOST = 2**53
"""No more than every reader of JSON keeps exactly."""

Count = Annotated[int, Field(strict=True, ge=0, le=MOST)]


class Head(WireType):
    """What the registrar signs of a base or a delta; its entries follow by their places."""

    kind: Literal["roster base 1", "roster delta 1"]
    institution_code: InstitutionCode
    edition: Digest
    """The edition's salt, drawn anew for each, so that two of them cannot be compared."""
    number: Count
    """Of the delta, or of the last that is in the base."""
    previous: Digest
    """The chain before it: of a delta the `chain` of the one before, of a base its own."""
    issued_at: AwareDatetime
    """When the registrar's roster answered so."""
    size: Annotated[int, Field(strict=True, ge=1, le=65_000)]
    """Bytes of a padded answer in this edition."""
    count: Count
    """Entries that follow."""
    looks: CodeLooks | None = None
    """How all codes of the edition look, of before as well; None: nothing was learnt."""
    entries_sha256: Digest
    signature: Signature

    @property
    def message(self) -> bytes:
        """The bytes that the registrar signs."""
        numbers = (self.number, self.size, self.count)
        return join_parts(
            self.kind,
            self.institution_code.encode(),
            self.edition,
            self.previous,
            self.issued_at.isoformat().encode(),
            *(number.to_bytes(8, "big") for number in numbers),
            self.entries_sha256,
            b"" if self.looks is None else self.looks.message,
        )

    @property
    def is_base(self) -> bool:
        """Whether all entries follow, and not only what has changed."""
        return self.kind == "roster base 1"

    @property
    def chain(self) -> bytes:
        """What the next delta names as the one before it."""
        return self.previous if self.is_base else hashlib.sha256(self.message).digest()

    @property
    def base(self) -> str:
        """What tells this base from every other of the institution, in its path."""
        return f"{self.edition.hex()}-{self.number}-{self.chain.hex()[:16]}"

    def follows(self, other: "Head") -> bool:
        """Whether this is a delta of the same edition after the other base or delta."""
        return not self.is_base and self.edition == other.edition and self.number > other.number

    @property
    def entry_bytes(self) -> int:
        """How long each entry of this edition is, but one that is removed."""
        return _FRAME.size + self.size + _BOX_OVERHEAD

    def line(self) -> bytes:
        """The head as it travels, with the line feed that ends it."""
        return self.model_dump_json().encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the roster answers to one capture code."""

    place: bytes
    """Derived from the code and the salt: nobody comes from it to the code."""
    number: int
    """Of the delta that brought it."""
    box: bytes
    """A NaCl secret box of the padded answer under a key from the code; empty: it is removed."""
    signature: bytes

    def encode(self) -> bytes:
        """The entry as it travels."""
        return _FRAME.pack(self.place, self.number, self.signature, len(self.box)) + self.box


class TooLong(ValueError):
    """An answer is longer than this edition's entries: it takes another edition."""


# ---- entries ----


def size_for(longest: int) -> int:
    """The size of an edition's answers of which the longest has so many bytes when it begins."""
    return -(-(longest + RESERVE) // SIZE_STEP) * SIZE_STEP


def derive_secret(capture_code: str, edition: bytes) -> bytes:
    """Derive what opens a capture code's entry in an edition: 32 bytes.

    Whoever copies a booth's disk tries codes one after another, and each try is one for all
    entries. Of a code that was drawn from many that leads nowhere; one that was drawn from few is
    made slow to try (Argon2id, RFC 9106): 32 MiB of memory and some 50 ms for each.
    """
    code = capture_code.encode()
    # Of a plain code's key, long as it is, much is known beforehand.
    if most_bits(capture_code) < UNGUESSABLE_BITS or parse_key(capture_code) is not None:
        code = argon2id.kdf(32, code, edition[: argon2id.SALTBYTES], *STRETCH)
    return hashlib.blake2b(code, digest_size=32, key=edition, person=b"roster secret").digest()


def derive_place(secret: bytes) -> bytes:
    """Derive the place of the entry that a secret opens."""
    return _derive(secret, b"roster index", PLACE_BYTES)


def dump_answer(answer: Resolution | Alias) -> bytes:
    """What an entry holds, before it is padded."""
    if isinstance(answer, Alias):
        return ALIAS.dump_json(answer)
    return RESOLUTION.dump_json(answer)


def make_entry(
    secret: bytes, answer: Resolution | Alias | None, head: Head, key: SigningKey
) -> Entry:
    """Make the entry that a secret opens for the number that `head` has; None: it is removed.

    Raises TooLong.
    """
    box = b""
    if answer is not None:
        text = dump_answer(answer)
        if len(text) > head.size:
            raise TooLong(f"{len(text)} bytes, and {head.size} have room")
        # The nonce is drawn: after a copy of the registrar is brought back, numbers come again.
        box = bytes(_box(secret).encrypt(text.ljust(head.size)))
    place = derive_place(secret)
    message = _entry_message(head.edition, place, head.number, box)
    return Entry(place, head.number, box, key.sign(message).signature)


def open_entry(entry: Entry, secret: bytes, edition: bytes, key: VerifyKey) -> Resolution:
    """Open an entry; raises ValueError where the registrar has not made it for this secret."""
    return RESOLUTION.validate_json(_unseal(entry, secret, edition, key))


def open_alias(entry: Entry, secret: bytes, edition: bytes, key: VerifyKey) -> Alias:
    """Open the entry of a plain code's key; raises ValueError as `open_entry`."""
    return ALIAS.validate_json(_unseal(entry, secret, edition, key))


def _unseal(entry: Entry, secret: bytes, edition: bytes, key: VerifyKey) -> bytes:
    message = _entry_message(edition, entry.place, entry.number, entry.box)
    if not is_signature(entry.signature, message, key):
        raise ValueError("is not signed by this registrar")
    try:
        return bytes(_box(secret).decrypt(entry.box))
    except CryptoError as error:
        raise ValueError("does not open") from error


def read_entries(data: bytes) -> Iterator[Entry]:
    """Read entries one after another; raises ValueError for half a one at the end."""
    at = 0
    while at < len(data):
        entry, at = _read_entry(data, at)
        yield entry


def _read_entry(data: bytes, at: int) -> tuple[Entry, int]:
    begin = at + _FRAME.size
    if begin > len(data):
        raise ValueError("is cut off")
    place, number, signature, length = _FRAME.unpack_from(data, at)
    if begin + length > len(data) or number > MOST:
        raise ValueError("is cut off")
    return Entry(place, number, data[begin : begin + length], signature), begin + length


def _entry_message(edition: bytes, place: bytes, number: int, box: bytes) -> bytes:
    return join_parts("roster entry 1", edition, place, number.to_bytes(8, "big"), box)


def _box(secret: bytes) -> SecretBox:
    return SecretBox(_derive(secret, b"roster entry", SecretBox.KEY_SIZE))


def _derive(secret: bytes, purpose: bytes, size: int) -> bytes:
    return hashlib.blake2b(digest_size=size, key=secret, person=purpose).digest()


# ---- heads ----


def first_head(institution_code: str, edition: bytes, issued_at: AwareDatetime) -> Head:
    """The head of a new edition's base, before its entries have a size, and it is signed.

    `edition` is 32 random bytes, never used for another.
    """
    return Head(
        kind="roster base 1",
        institution_code=institution_code,
        edition=edition,
        number=0,
        previous=edition,
        issued_at=issued_at,
        size=SIZE_STEP,
        count=0,
        entries_sha256=hashlib.sha256().digest(),
        signature=UNSIGNED,
    )


def next_head(before: Head, issued_at: AwareDatetime) -> Head:
    """The head of the delta after a base or a delta, before its entries are counted."""
    changes = {
        "kind": "roster delta 1",
        "number": before.number + 1,
        "previous": before.chain,
        "issued_at": issued_at,
    }
    return before.model_copy(update=changes)


def base_head(newest: Head) -> Head:
    """The head of a base with all that an edition has at its newest head, before it is signed."""
    return newest.model_copy(update={"kind": "roster base 1", "previous": newest.chain})


def sign_head(head: Head, count: int, digest: bytes, key: SigningKey) -> Head:
    """Sign a head over its entries: how many they are, and their SHA-256."""
    counted = {"count": count, "entries_sha256": digest}
    return sign(head.model_copy(update=counted), key)


def check_base(head: Head, institution_code: str, key: VerifyKey) -> None:
    """Raise ValueError where a head is not this registrar's of the institution's roster."""
    if not is_signed(head, key):
        raise ValueError("is not signed by this registrar")
    if head.institution_code != institution_code:
        raise ValueError(
            f"is institution {head.institution_code}'s, and this is {institution_code}"
        )


def check_delta(head: Head, entries: bytes, held: Head, key: VerifyKey) -> list[Entry]:
    """The entries of the delta that follows on what is held; raises ValueError where it is not."""
    check_base(head, held.institution_code, key)
    if (head.edition, head.size) != (held.edition, held.size) or head.is_base:
        raise ValueError("is another edition's")
    if (head.number, head.previous) != (held.number + 1, held.chain):
        raise ValueError(f"does not follow on number {held.number}")
    if hashlib.sha256(entries).digest() != head.entries_sha256:
        raise ValueError("has other entries than were signed")
    found = list(read_entries(entries))
    if len(found) != head.count:
        raise ValueError("has other entries than were signed")
    return found


def split_parts(answer: bytes) -> Iterator[tuple[Head, bytes]]:
    """Split deltas that come one after another, each into its head and its entries.

    Of a base only the head comes so. Raises ValueError for what is neither.
    """
    at = 0
    while at < len(answer):
        line, feed, _ = answer[at : at + 4096].partition(b"\n")
        head = Head.model_validate_json(line)
        begin = end = at + len(line) + len(feed)
        for _ in range(0 if head.is_base else head.count):
            _, end = _read_entry(answer, end)
        yield head, answer[begin:end]
        at = end


def make_delta(head: Head, entries: Iterable[Entry], key: SigningKey) -> tuple[Head, bytes]:
    """Sign a delta of `next_head`: its head, and the whole as it travels."""
    # Sorted by their places: the order in which answers changed tells who is who.
    ordered = sorted(entries, key=lambda entry: entry.place)
    body = b"".join(entry.encode() for entry in ordered)
    signed = sign_head(head, len(ordered), hashlib.sha256(body).digest(), key)
    return signed, signed.line() + body
