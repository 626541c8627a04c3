"""Signed texts: a JSON file that holds a text and somebody's signature of just its bytes.

The text is signed as it stands and only then read, so that an older booth can verify what a newer
one has written.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from nacl.signing import SigningKey, VerifyKey
from pydantic import BaseModel, ValidationError

from kiosk.errors import UsageError
from kiosk.release.errors import ReleaseError
from protocol.keys import decode_key
from protocol.signing import is_signature, join_parts
from protocol.wire import Signature, WireType


class _SignedText(WireType):
    signature: Signature
    text: str


def sign_text(kind: str, value: BaseModel, key: SigningKey) -> bytes:
    """Write a value as a signed text of a kind, which no text of another kind passes for."""
    text = json.dumps(value.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    signature = key.sign(join_parts(kind, text.encode())).signature
    signed = _SignedText(signature=signature, text=text)
    return json.dumps(signed.model_dump(mode="json"), ensure_ascii=False, indent=1).encode() + b"\n"


def open_text(kind: str, signed: bytes, keys: Sequence[VerifyKey], name: str) -> str:
    """Return the text of a signed file `name`; raises ReleaseError where no key has signed it."""
    try:
        opened = _SignedText.model_validate_json(signed)
    except ValidationError as error:
        raise ReleaseError(
            f"{name}: is not signed: it is damaged, or none of ours; have it published anew"
        ) from error
    message = join_parts(kind, opened.text.encode())
    if not any(is_signature(opened.signature, message, key) for key in keys):
        raise ReleaseError(
            f"{name}: is signed by none of the keys that this booth trusts: do not use it; if the"
            " releases have a new key, add it to /etc/kiosk/release.pub, from a hand you know"
        )
    return opened.text


def read_release_keys(path: Path) -> list[VerifyKey]:
    """Read the keys that releases are signed with: one a line, in base64; # begins a remark.

    There may be several, so that a new key is known before the old one goes. Raises UsageError.
    """
    try:
        text = path.read_text("utf-8")
        lines = (line.partition("#")[0].strip() for line in text.splitlines())
        keys = [VerifyKey(decode_key(line)) for line in lines if line]
    except OSError as error:
        raise UsageError(
            f"{path}: the releases' public key cannot be read ({error.strerror}); put it there:"
            " sudo /opt/kiosk/current/install.sh --release-key FILE"
        ) from error
    except ValueError as error:
        raise UsageError(f"{path}: a line is no public key: {error}") from error
    if not keys:
        raise UsageError(f"{path}: holds no public key; add that of your releases")
    return keys
