"""Photos that are held, opened: only the vault can, and what comes out is what was held."""

import hashlib

from registrar.errors import StoreError
from registrar.photos import HeldPhoto
from registrar.store import Store
from registrar.vault import Vault


class NotAsSealed(StoreError):
    """What the database says of a photo is not what its booth has sealed."""


def open_held(store: Store, vault: Vault, held: HeldPhoto) -> bytes:
    """A photo's JPEG. Raises StoreError where it cannot be read, NotAsSealed where it is another.

    Or where it is said to be another student's, or otherwise made, than its booth has sealed.
    """
    sealed = store.photos.sealed(held.metadata.submission_id)
    if sealed is None:
        raise StoreError(f"photo {held.metadata.submission_id}: is not held any more")
    metadata, jpeg = vault.photo(sealed)
    is_same = hashlib.sha256(jpeg).digest() == held.metadata.photo_sha256
    is_theirs = held.student.record_id == held.metadata.record_id
    if not is_same or not is_theirs or metadata != held.metadata:
        raise NotAsSealed(
            f"photo {held.metadata.submission_id}: is not the one that was held, or the database"
            " was changed; bring both back from a copy"
        )
    return jpeg
