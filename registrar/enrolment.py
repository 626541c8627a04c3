"""Enrolment: a booth is served from now on, and told what it must know of the registrar."""

from dataclasses import dataclass

from nacl.signing import VerifyKey

from protocol.keys import encode_key
from registrar.keys import Keys
from registrar.store import Store


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a booth must know of the registrar; keys in base64."""

    url: str
    booth_id: str
    registrar_public_key: str
    registrar_verify_key: str

    def toml(self, signing_key_file: str | None) -> str:
        """Write the section for the booth's configuration file."""
        own = f'signing_key_file = "{signing_key_file}"\n' if signing_key_file else ""
        return (
            "[sync]\n"
            f'registrar = "{self.url}"\n'
            f'booth_id = "{self.booth_id}"\n'
            f"{own}"
            f'registrar_public_key = "{self.registrar_public_key}"\n'
            f'registrar_verify_key = "{self.registrar_verify_key}"\n'
        )


def enrol_booth(
    store: Store, keys: Keys, url: str, booth_id: str, verify_key: VerifyKey
) -> Enrolment:
    """Serve a booth from now on. Raises UsageError where its name is taken by another key."""
    store.booths.enrol(booth_id, verify_key)
    return Enrolment(
        url,
        booth_id,
        encode_key(bytes(keys.vault.public_key)),
        encode_key(bytes(keys.signing_key.verify_key)),
    )
