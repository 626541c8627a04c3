"""The vault: who has the key that photos are sealed to, and opens them.

It may run as a process of its own (`server`, `client`), which has no network; then who has the
network has no key. Nothing here imports what reaches another machine.
"""

from typing import Protocol

from nacl.public import PublicKey
from nacl.signing import VerifyKey

from protocol.envelope import Envelope, Metadata
from protocol.receipt import PhotoRefusal


class Vault(Protocol):
    """Opens what booths have sealed. Any thread may call; all raise StoreError if it is away."""

    @property
    def public_key(self) -> PublicKey:
        """The key that booths seal to from now on."""

    @property
    def former_keys(self) -> tuple[PublicKey, ...]:
        """The keys that booths sealed to before: what is sealed to them is opened too."""

    def check(self, envelope: Envelope, booth_key: VerifyKey) -> Metadata | PhotoRefusal:
        """Open an envelope that `booth_key` has signed, and check what is in it.

        The metadata of a photo that its booth vouches for, or why it is not to be taken.
        """

    def photo(self, sealed: bytes) -> tuple[Metadata, bytes]:
        """Open `Envelope.sealed`: the metadata and the JPEG. Raises StoreError if it cannot."""
