"""Passkeys: staff sign in by what their device proves, with its own check of the person."""

import json
import secrets
from dataclasses import dataclass
from ipaddress import ip_address

from fastapi import Request
from sqlalchemy import Connection, Row, delete, insert, select, update
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from registrar.desk import one_time
from registrar.desk.accounts import Staff
from registrar.desk.requests import host_of
from registrar.storage.database import Database
from registrar.storage.tables import PASSKEY

CHALLENGE_SECONDS = 300.0
"""For which a browser may ask the person (WebAuthn's recommended range ends at 10 minutes)."""

_VERIFIED = UserVerificationRequirement.REQUIRED
"""By PIN or body: so a passkey is both factors."""


@dataclass(frozen=True, slots=True)
class Place:
    """For which site passkeys are made: a name, not an address."""

    rp_id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey, as its owner sees it."""

    credential_id: bytes
    label: str
    made_at: float
    """In seconds since 1970."""


def find_place(request: Request) -> Place | None:
    """For which site a request's passkeys are; None where the registrar is called by an address."""
    host = host_of(request)
    try:
        ip_address(host)
    except ValueError:
        return Place(host, f"{request.url.scheme}://{request.headers['Host']}") if host else None
    return None


class Passkeys:
    """The passkeys. Times are in seconds since 1970."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, staff_id: int) -> list[Passkey]:
        """An account's passkeys, the oldest first."""
        with self._database.connection() as db:
            rows = db.execute(
                select(PASSKEY).where(PASSKEY.c.staff_id == staff_id).order_by(PASSKEY.c.made_at)
            ).all()
        return [Passkey(row.credential_id, row.label, row.made_at) for row in rows]

    def offer_registration(self, place: Place, staff: Staff, now: float) -> str:
        """What a browser must know to make a passkey, in JSON."""
        options = generate_registration_options(
            rp_id=place.rp_id,
            rp_name="Registrar",
            user_id=staff.handle,
            user_name=staff.login,
            user_display_name=staff.name,
            challenge=self._challenge("register", str(staff.staff_id), now),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=key.credential_id)
                for key in self.of(staff.staff_id)
            ],
        )
        return options_to_json(options)

    def register(
        self, db: Connection, place: Place, staff: Staff, credential: str, label: str, now: float
    ) -> bool:
        """Take a passkey that a browser has made; False where it is none that was asked for."""
        challenge = _challenge_of(credential)
        asked = one_time.take(db, "register", challenge, now)
        if asked is None or asked.subject != str(staff.staff_id):
            return False
        try:
            made = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=place.rp_id,
                expected_origin=place.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            return False
        known = select(PASSKEY.c.staff_id).where(PASSKEY.c.credential_id == made.credential_id)
        if db.execute(known).first() is not None:
            return False
        db.execute(
            insert(PASSKEY).values(
                credential_id=made.credential_id,
                staff_id=staff.staff_id,
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
                label=label,
                made_at=now,
            )
        )
        return True

    def offer_assertion(self, place: Place, now: float) -> str:
        """What a browser must know to sign somebody in, in JSON."""
        options = generate_authentication_options(
            rp_id=place.rp_id,
            challenge=self._challenge("assert", "", now),
            user_verification=_VERIFIED,
        )
        return options_to_json(options)

    def check_assertion(self, place: Place, credential: str, now: float) -> int | None:
        """Whose passkey has signed the challenge: the account's id; None where none has."""
        challenge = _challenge_of(credential)
        with self._database.transaction() as db:
            if one_time.take(db, "assert", challenge, now) is None:
                return None
        with self._database.transaction() as db:
            row = _find(db, credential)
            if row is None:
                return None
            try:
                proved = verify_authentication_response(
                    credential=credential,
                    expected_challenge=challenge,
                    expected_rp_id=place.rp_id,
                    expected_origin=place.origin,
                    credential_public_key=row.public_key,
                    credential_current_sign_count=row.sign_count,
                    require_user_verification=True,
                )
            except (WebAuthnException, ValueError, KeyError, TypeError):
                return None
            db.execute(
                update(PASSKEY)
                .where(PASSKEY.c.credential_id == row.credential_id)
                .values(sign_count=proved.new_sign_count)
            )
            return int(row.staff_id)

    def _challenge(self, purpose: one_time.Purpose, subject: str, now: float) -> bytes:
        challenge = secrets.token_bytes(32)
        with self._database.transaction() as db:
            one_time.sweep(db, now)
            one_time.keep(db, purpose, challenge, subject, now + CHALLENGE_SECONDS)
        return challenge


def remove_passkey(db: Connection, staff_id: int, credential_id: bytes) -> bool:
    """Take a passkey from an account; False where it has none such."""
    mine = (PASSKEY.c.staff_id == staff_id) & (PASSKEY.c.credential_id == credential_id)
    return bool(db.execute(delete(PASSKEY).where(mine)).rowcount)


def _challenge_of(credential: str) -> bytes:
    """The challenge that a browser's answer is to; empty where it is to none."""
    try:
        given = json.loads(credential)["response"]["clientDataJSON"]
        return base64url_to_bytes(json.loads(base64url_to_bytes(given))["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return b""


def _find(db: Connection, credential: str) -> "Row[tuple[object, ...]] | None":
    try:
        credential_id = base64url_to_bytes(json.loads(credential)["rawId"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return db.execute(select(PASSKEY).where(PASSKEY.c.credential_id == credential_id)).one_or_none()
