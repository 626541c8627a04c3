"""Photos that are held, opened: only the vault can, and what comes out is what was held."""

import hashlib

from registrar.errors import StoreError
from registrar.photos import HeldPhoto
from registrar.store import Store
from registrar.vault import Vault


def open_last(store: Store, vault: Vault, record_id: str) -> tuple[HeldPhoto, bytes]:
    """A photographed record's newest photo with its JPEG.

    Raises StoreError where it cannot be read, or is not what was held.
    """
    held, sealed = store.photos.last(record_id)
    _, jpeg = vault.photo(sealed)
    if hashlib.sha256(jpeg).digest() != held.metadata.photo_sha256:
        raise StoreError(
            f"record {record_id}: its photo is not the one that was held; bring it back from a copy"
        )
    return held, jpeg
