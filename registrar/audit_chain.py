"""The audit log's chain, without its table: each entry bears the hash of the one before.

Who changes, removes or moves an entry changes a hash that the next one bears; who rewrites all that
follow, or cuts off the end, is found by a head that was signed before and kept elsewhere.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nacl.signing import SigningKey
from pydantic import AwareDatetime, Field

from protocol.canonical_json import canonical_json
from protocol.signing import UNSIGNED, join_parts, sign
from protocol.wire import Digest, Signature, Whole, WireType

Detail = Mapping[str, str | float | bool | list[str] | None]
"""What else is to be known of an entry: ids and settings, never names, numbers or pixels."""

START = bytes(32)
"""Stands in the first entry for the hash of the one before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did, as the table holds it."""

    number: int
    """From 1, without a gap."""
    at: str
    """When, in UTC by ISO 8601."""
    actor: str
    """Who: a staff member's login name, `booth NAME`, or `command`."""
    action: str
    subject: str
    """Of whom or what: `record ID`, `photo ID`, `booth NAME`, …"""
    detail: str
    """A `Detail` as canonical JSON."""
    previous: bytes
    """The hash of the entry before; `START` in the first."""
    hash: bytes
    """SHA-256 of all else that the entry says, as canonical JSON."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first entry of a log that does not hold, and why."""

    number: int
    why: str


class SignedHead(WireType):
    """The registrar's word on how far its log went: kept elsewhere, it shows what is missing."""

    number: Whole = Field(ge=0)
    """The last entry's; 0 where there was none."""
    hash: Digest
    at: AwareDatetime
    signature: Signature

    @property
    def message(self) -> bytes:
        """The bytes that the registrar signs."""
        return join_parts(
            "audit head 1", self.number.to_bytes(8, "big"), self.hash, self.at.isoformat().encode()
        )


def next_entry(
    last: Entry | None, at: str, actor: str, action: str, subject: str, detail: Detail
) -> Entry:
    """Chain an entry to the last one; `at` is in UTC by ISO 8601."""
    number, previous = (1, START) if last is None else (last.number + 1, last.hash)
    written = canonical_json(dict(detail))
    unhashed = Entry(number, at, actor, action, subject, written, previous, b"")
    return Entry(number, at, actor, action, subject, written, previous, hash_of(unhashed))


def hash_of(entry: Entry) -> bytes:
    """Calculate the hash that an entry must bear."""
    said = {
        "kind": "audit 1",
        "number": entry.number,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "previous": entry.previous.hex(),
    }
    return hashlib.sha256(canonical_json(said).encode()).digest()


def sign_head(last: Entry | None, at: AwareDatetime, key: SigningKey) -> SignedHead:
    """Write how far a log goes, and sign it."""
    number, digest = (0, START) if last is None else (last.number, last.hash)
    return sign(SignedHead(number=number, hash=digest, at=at, signature=UNSIGNED), key)


def verify_chain(entries: Iterable[Entry], head: SignedHead | None = None) -> Fault | None:
    """Find the first entry that does not hold; None where all do.

    `entries` are a log's, in their order. `head` is one whose signature was found good: the log
    must go as far, and be the same up to there.
    """
    number, previous = 0, START
    for entry in entries:
        if entry.number != number + 1:
            return Fault(number + 1, f"is missing: entry {entry.number} stands in its place")
        if entry.previous != previous:
            return Fault(entry.number, "does not follow the entry before")
        if entry.hash != hash_of(entry):
            return Fault(entry.number, "was changed")
        number, previous = entry.number, entry.hash
        if head is not None and head.number == number and head.hash != previous:
            return Fault(number, "is not the one that was signed: the log was written anew")
    if head is not None and head.number > number:
        return Fault(number + 1, f"is missing: the log went on to entry {head.number}")
    return None
