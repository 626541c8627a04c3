"""Photos that are held, opened: only the vault can, and what comes out is what was held."""

import hashlib

from registrar.errors import StoreError
from registrar.photos import HeldPhoto
from registrar.store import Store
from registrar.vault import Vault


def open_held(store: Store, vault: Vault, held: HeldPhoto) -> bytes:
    """A photo's JPEG. Raises StoreError where it cannot be read, or is not what was held."""
    sealed = store.photos.sealed(held.metadata.submission_id)
    if sealed is None:
        raise StoreError(f"photo {held.metadata.submission_id}: is not held any more")
    _, jpeg = vault.photo(sealed)
    if hashlib.sha256(jpeg).digest() != held.metadata.photo_sha256:
        raise StoreError(
            f"photo {held.metadata.submission_id}: is not the one that was held; bring it back"
            " from a copy"
        )
    return jpeg
