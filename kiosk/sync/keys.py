"""The booth's keys: its own signing key in a file, the registrar's public ones in base64."""

import stat
from pathlib import Path

from nacl.public import PublicKey
from nacl.signing import SigningKey, VerifyKey

import durable
from kiosk.errors import UsageError
from kiosk.files import write_secret
from protocol.keys import decode_key, encode_key


def make_signing_key(path: Path) -> SigningKey:
    """Make the booth's signing key and keep it in a new file that only its owner reads.

    Raises UsageError where the file is there already.
    """
    key = SigningKey.generate()
    durable.make_private_folder(path.parent)
    write_secret(path, encode_key(bytes(key)).encode() + b"\n")
    return key


def read_signing_key(path: Path) -> SigningKey:
    """Read the booth's signing key: 32 bytes in base64.

    Raises UsageError where the file is missing, is no key, or others may read it.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path}: the booth's signing key cannot be read ({error.strerror}); "
            "enrol the booth: kiosk enrol URL CODE, or registrar booth add NAME"
        ) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"{path}: others may read the booth's signing key; chmod 600 {path}")
    return SigningKey(_decode(text, f"{path}: is no signing key"))


def parse_registrar_key(text: str) -> PublicKey:
    """Read the registrar's public key that photos are sealed to: 32 bytes in base64."""
    return PublicKey(_decode(text, "registrar_public_key: is no key"))


def parse_registrar_verify_key(text: str) -> VerifyKey:
    """Read the registrar's key that receipts and rosters are signed with: 32 bytes in base64."""
    return VerifyKey(_decode(text, "registrar_verify_key: is no key"))


def parse_booth_verify_key(text: str) -> VerifyKey:
    """Read a booth's key that its records are checked with: 32 bytes in base64."""
    return VerifyKey(_decode(text, "is no booth's public key"))


def verify_key_text(key: VerifyKey) -> str:
    """The text by which a booth's verify key is enrolled: `registrar booth add --key`."""
    return encode_key(bytes(key))


def _decode(text: str | bytes, complaint: str) -> bytes:
    try:
        return decode_key(text)
    except ValueError as error:
        raise UsageError(f"{complaint}: {error}") from error
