"""The registrar's keys: a vault has the one that photos are sealed to, the other signs."""

from dataclasses import dataclass
from pathlib import Path

from nacl.public import PrivateKey
from nacl.signing import SigningKey, VerifyKey

from protocol.keys import decode_key
from registrar.errors import StoreError, UsageError
from registrar.key_files import SEAL_FILE, SIGN_FILE, make_key, read_key, read_seal_keys
from registrar.settings import Settings
from registrar.store import Store
from registrar.vault import Vault
from registrar.vault.client import VaultClient
from registrar.vault.local import LocalVault


@dataclass(frozen=True, slots=True)
class Keys:
    """The vault, which has the key that photos are sealed to, and the key that signs."""

    vault: Vault
    signing_key: SigningKey

    @classmethod
    def of(cls, store: Store, vault: Vault | None = None) -> "Keys":
        """Read the keys of a data folder; the first time, make them.

        `vault` has the seal key; without it the one that the settings name, or else this process.
        Once booths know the keys they are never made anew, for what is sealed to them would be
        lost. Raises StoreError where one is missing then, is no key, or is another than booths
        know; UsageError for wrong settings.
        """
        socket = Settings.read(store.folder).vault
        if vault is None and socket is not None:
            vault = VaultClient(socket)
        if vault is None:
            make_seal_key(store)
            vault = LocalVault(*read_seal_keys(store.folder))
        keys = cls(vault, read_signing_key(store))
        seals = (vault.public_key, *vault.former_keys)
        store.booths.check_own_keys(
            {
                SEAL_FILE: tuple(map(bytes, seals)),
                SIGN_FILE: (bytes(keys.signing_key.verify_key),),
            }
        )
        return keys


def make_seal_key(store: Store) -> None:
    """Make a data folder's seal key if it has none. Raises StoreError where booths know one."""
    _make_once(store, SEAL_FILE, bytes(PrivateKey.generate()))


def read_signing_key(store: Store) -> SigningKey:
    """Read a data folder's signing key; the first time, make it. Raises StoreError (`Keys.of`)."""
    _make_once(store, SIGN_FILE, bytes(SigningKey.generate()))
    return SigningKey(read_key(store.folder / SIGN_FILE))


def parse_verify_key(text: str) -> VerifyKey:
    """Read a booth's public key; raises UsageError."""
    try:
        return VerifyKey(decode_key(text))
    except ValueError as error:
        raise UsageError(f"is no key: {error}") from error


def _make_once(store: Store, file: str, made: bytes) -> None:
    """Write a key for the first time. Raises StoreError where booths know one already."""
    path: Path = store.folder / file
    if path.exists():
        return
    if store.booths.are_known():
        raise StoreError(
            f"{path}: is missing, and booths seal photos to the registrar's keys; bring it back"
            " from a copy. Without a copy: export what is held, then begin anew with another"
            " --data and enrol every booth again"
        )
    make_key(path, made)
