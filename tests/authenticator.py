"""A passkey's authenticator in software (WebAuthn level 2, ES256, no attestation), for tests."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40


class Authenticator:
    """Holds one passkey, as a browser's `navigator.credentials` shows it."""

    def __init__(self, origin: str, rp_id: str = "localhost", *, verifies: bool = True) -> None:
        self.origin = origin
        self.flags = PRESENT | (VERIFIED if verifies else 0)
        self.rp_id = rp_id
        self.credential_id = secrets.token_bytes(16)
        self.count = 0
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: dict[str, Any]) -> str:
        """What `navigator.credentials.create` gives, in JSON."""
        public = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)}
        about = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id
        data = self._data(HAS_CREDENTIAL) + about + cbor2.dumps(cose)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        told = self._told("webauthn.create", options["challenge"])
        return self._credential(clientDataJSON=told, attestationObject=attestation)

    def get(self, options: dict[str, Any]) -> str:
        """What `navigator.credentials.get` gives, in JSON."""
        self.count += 1
        data, told = self._data(), self._told("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(told).digest()
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._credential(
            clientDataJSON=told, authenticatorData=data, signature=signature, userHandle=b""
        )

    def _data(self, more: int = 0) -> bytes:
        flags = bytes([self.flags | more])
        return hashlib.sha256(self.rp_id.encode()).digest() + flags + self.count.to_bytes(4)

    def _told(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _credential(self, **response: bytes) -> str:
        return json.dumps(
            {
                "id": encode(self.credential_id),
                "rawId": encode(self.credential_id),
                "type": "public-key",
                "response": {name: encode(value) for name, value in response.items()},
            }
        )


def encode(data: bytes) -> str:
    """base64url without padding, as in WebAuthn."""
    return urlsafe_b64encode(data).decode().rstrip("=")
