"""A vault in this process: it holds the seal keys in memory."""

from nacl.public import PrivateKey, PublicKey
from nacl.signing import VerifyKey

from protocol.envelope import Envelope, Metadata, is_vouched_for, open_envelope, open_sealed
from protocol.receipt import PhotoRefusal
from registrar.errors import StoreError
from registrar.vault.photo_file import is_photo


class LocalVault:
    """A `Vault` with the present seal key and the former ones, newest first."""

    def __init__(self, present: PrivateKey, *former: PrivateKey) -> None:
        self._keys = (present, *former)

    @property
    def public_key(self) -> PublicKey:
        """The key that booths seal to from now on."""
        return self._keys[0].public_key

    @property
    def former_keys(self) -> tuple[PublicKey, ...]:
        """The keys that booths sealed to before."""
        return tuple(key.public_key for key in self._keys[1:])

    def check(self, envelope: Envelope, booth_key: VerifyKey) -> Metadata | PhotoRefusal:
        """Open an envelope, and check that a photo is in it which its booth vouches for."""
        opened = open_envelope(envelope, self._keys)
        if not isinstance(opened, tuple):
            return opened
        metadata, jpeg = opened
        if not is_photo(jpeg):
            return "no_photo"
        return metadata if is_vouched_for(metadata, booth_key) else "provenance"

    def photo(self, sealed: bytes) -> tuple[Metadata, bytes]:
        """Open a photo."""
        opened = open_sealed(sealed, self._keys)
        if opened == "sealed_elsewhere":
            raise StoreError(
                "a photo: is sealed to none of the registrar's keys, or was damaged; bring it, or"
                " the former key's file (seal.NUMBER.key), back from a copy"
            )
        if not isinstance(opened, tuple):
            raise StoreError(
                "a photo: what is sealed with it cannot be read; bring it back from a copy"
            )
        return opened
