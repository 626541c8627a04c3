"""The base of a roster's edition: all entries, sorted by their places, in little memory.

The entries lie in one object, each as long as the others; its head in another beside it.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nacl.signing import SigningKey

from protocol.code_looks import LooksSeen
from protocol.roster import Alias, Resolution
from protocol.roster_edition import (
    Entry,
    Head,
    TooLong,
    base_head,
    derive_secret,
    dump_answer,
    make_entry,
    read_entries,
    sign_head,
    size_for,
)
from registrar.objects import ObjectStore

Answers = Callable[[], Iterable[tuple[str, Resolution | Alias]]]
"""Reads what an institution's roster answers to each of its capture codes, from the beginning."""

PIECE_ENTRIES = 2000
"""Entries that are in memory at once."""


def place_base(institution_code: str, base: str) -> str:
    """What the names of a base's objects begin with, by its `Head.base`."""
    return f"roster/{institution_code}/{base}"


def entries_object(base: str) -> str:
    """The name of the object with a base's entries."""
    return f"{base}/entries"


def read_head(objects: ObjectStore, base: str) -> Head:
    """Read a base's head; raises NoSuchObject, StoreError."""
    return Head.model_validate_json(objects.get(f"{base}/head"))


def make_base(
    head: Head, answers: Answers, objects: ObjectStore, folder: Path, key: SigningKey
) -> Head:
    """Make the base of a new edition, of `first_head`, and keep it; returns its signed head.

    `folder` is where files without names lie meanwhile. Of each code only its place is in memory.
    """
    longest = max((len(dump_answer(answer)) for _, answer in answers()), default=1)
    while True:
        sized = head.model_copy(update={"size": size_for(longest)})
        try:
            with tempfile.TemporaryFile(dir=folder) as unsorted:
                places, seen = [], LooksSeen()
                for code, answer in answers():
                    if not isinstance(answer, Alias):
                        seen.see(code)
                    entry = make_entry(derive_secret(code, sized.edition), answer, sized, key)
                    places.append(entry.place)
                    unsorted.write(entry.encode())
                order = sorted(range(len(places)), key=places.__getitem__)

                def read_sorted() -> Iterator[bytes]:
                    for at in order:  # noqa: B023 (read before the loop goes on)
                        unsorted.seek(at * sized.entry_bytes)  # noqa: B023
                        yield unsorted.read(sized.entry_bytes)  # noqa: B023

                looking = sized.model_copy(update={"looks": seen.looks()})
                return _keep(looking, read_sorted(), objects, folder, key)
        except TooLong:  # a name has grown meanwhile
            longest = sized.size + 1


def merge_base(
    before: Head,
    deltas: Iterable[Entry],
    newest: Head,
    objects: ObjectStore,
    folder: Path,
    key: SigningKey,
) -> Head:
    """Make the base at an edition's newest head out of the one before and all deltas since.

    Entries stay as they were signed. The deltas' are in memory, in the order in which they came.
    Returns the signed head; raises StoreError.
    """
    changed = {entry.place: entry for entry in deltas}
    held = _read_base(before, objects)
    return _keep(base_head(newest), _merge(held, changed), objects, folder, key)


def _place(head: Head) -> str:
    return place_base(head.institution_code, head.base)


def _merge(held: Iterator[Entry], changed: dict[bytes, Entry]) -> Iterator[bytes]:
    coming = iter(sorted(changed.values(), key=lambda entry: entry.place))
    new = next(coming, None)
    for entry in held:
        while new is not None and new.place < entry.place:
            if new.box:
                yield new.encode()
            new = next(coming, None)
        if entry.place not in changed:
            yield entry.encode()
    while new is not None:
        if new.box:
            yield new.encode()
        new = next(coming, None)


def _read_base(head: Head, objects: ObjectStore) -> Iterator[Entry]:
    at, piece = 0, PIECE_ENTRIES * head.entry_bytes
    while at < head.count * head.entry_bytes:
        data = objects.get_range(entries_object(_place(head)), at, piece)
        yield from read_entries(data)
        at += piece


def _keep(
    head: Head, entries: Iterator[bytes], objects: ObjectStore, folder: Path, key: SigningKey
) -> Head:
    """Keep a base's entries and then its head, signed."""
    digest, count = hashlib.sha256(), 0
    with tempfile.TemporaryFile(dir=folder) as file:
        for entry in entries:
            digest.update(entry)
            file.write(entry)
            count += 1
        file.seek(0)
        objects.put_file(entries_object(_place(head)), file)
    signed = sign_head(head, count, digest.digest(), key)
    objects.put(f"{_place(head)}/head", signed.line())
    return signed
