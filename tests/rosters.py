"""Rosters as booths hold them, made without a registrar."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from nacl.signing import SigningKey

from kiosk.sync.roster_index import ComingBase, take_place
from protocol.roster import Alias, Resolution
from protocol.roster_edition import (
    Entry,
    Head,
    derive_secret,
    first_head,
    make_delta,
    make_entry,
    next_head,
    sign_head,
)
from tests.town import INSTITUTION, TAKEN_AT

EDITION = b"s" * 32
SIZE = 256


def sign_base(
    answers: Mapping[str, Resolution | Alias],
    key: SigningKey,
    *,
    issued_at: datetime = TAKEN_AT,
    institution_code: str = INSTITUTION,
    edition: bytes = EDITION,
) -> tuple[Head, bytes]:
    """The signed head of a new edition's base, and its entries."""
    head = first_head(institution_code, edition, issued_at).model_copy(update={"size": SIZE})
    entries = sorted(entries_of(answers, head, key), key=lambda entry: entry.place)
    body = b"".join(entry.encode() for entry in entries)
    return sign_head(head, len(entries), hashlib.sha256(body).digest(), key), body


def sign_delta(
    answers: Mapping[str, Resolution | Alias | None],
    before: Head,
    key: SigningKey,
    *,
    issued_at: datetime = TAKEN_AT,
) -> tuple[Head, bytes]:
    """The signed head of the delta after a head, and its entries."""
    head = next_head(before, issued_at)
    signed, whole = make_delta(head, entries_of(answers, head, key), key)
    return signed, whole.partition(b"\n")[2] if answers else b""


def entries_of(
    answers: Mapping[str, Resolution | Alias | None], head: Head, key: SigningKey
) -> list[Entry]:
    """The entries of answers, for the number that a head has."""
    return [
        make_entry(derive_secret(code, head.edition), answer, head, key)
        for code, answer in answers.items()
    ]


def keep_base(path: Path, head: Head, entries: bytes) -> None:
    """Put a base in the place of the index at a path, as a sync does."""
    coming = ComingBase(path.with_name(f"{path.name}.coming"), head)
    coming.append(0, entries)
    coming.finish()
    take_place(path, coming.path)


def keep_roster(
    path: Path,
    answers: Mapping[str, Resolution | Alias],
    key: SigningKey,
    *,
    issued_at: datetime = TAKEN_AT,
    institution_code: str = INSTITUTION,
) -> Head:
    """Keep a roster at a path; returns its head."""
    head, entries = sign_base(answers, key, issued_at=issued_at, institution_code=institution_code)
    keep_base(path, head, entries)
    return head
