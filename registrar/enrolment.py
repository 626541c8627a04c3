"""Enrolment: a booth is served from now on, and told what it must know of the registrar.

Staff enrol it by its key, or give out a one-time code by which it brings its key itself.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from nacl.signing import VerifyKey
from pydantic import BaseModel
from sqlalchemy import Connection

from protocol.enrolment import (
    CODE_BYTES,
    EnrolmentAnswer,
    EnrolmentRequest,
    code_id,
    code_key,
    make_answer,
    read_code,
    write_code,
)
from protocol.keys import encode_key
from protocol.signing import is_signed
from registrar import audit
from registrar.booths import check_name_is_free, enrol_booth_key
from registrar.desk import one_time
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
    store: Store,
    keys: Keys,
    url: str,
    booth_id: str,
    verify_key: VerifyKey,
    institution_code: str | None = None,
) -> Enrolment:
    """Serve a booth from now on. Raises UsageError where its name is taken by another key.

    `institution_code` is whose staff see it; None where it is nobody's own.
    """
    store.booths.enrol(booth_id, verify_key, institution_code)
    return Enrolment(
        url,
        booth_id,
        encode_key(bytes(keys.vault.public_key)),
        encode_key(bytes(keys.signing_key.verify_key)),
    )


CODE_GOOD = timedelta(hours=24)
"""For which a code is good: somebody has to go to the booth with it."""


class _Offer(BaseModel):
    """What is kept of a code that was given out: not the code."""

    booth_id: str
    by: str
    institution_code: str | None = None
    key: str
    """The `code_key`, in hexadecimal."""
    used_by: str | None = None
    """The key of the booth that has come with it, in hexadecimal: that one may come again."""


def offer_enrolment(
    db: Connection, booth_id: str, by: str, at: datetime, institution_code: str | None = None
) -> str:
    """Give out a code by which a booth of this name enrols itself.

    `by` is the login of who gives it, `institution_code` whose staff will see the booth; None where
    it is nobody's own. Raises UsageError where the name is taken.
    """
    check_name_is_free(db, booth_id)
    written = write_code(secrets.token_bytes(CODE_BYTES))
    code = read_code(written)
    key = code_key(code).hex()
    offer = _Offer(booth_id=booth_id, by=by, institution_code=institution_code, key=key)
    expires_at = (at + CODE_GOOD).timestamp()
    one_time.sweep(db, at.timestamp())
    one_time.keep(db, "enrol", code_id(code), offer.model_dump_json(), expires_at)
    audit.append(db, at, by, "booth.offer", f"booth {booth_id}")
    return written


def answer_enrolment(
    store: Store, keys: Keys, request: EnrolmentRequest, at: datetime
) -> EnrolmentAnswer | None:
    """Serve a booth that comes with a code; None where it knows none that is good.

    The same booth may come again with it: it may not have heard the answer. Raises UsageError where
    the name was taken meanwhile.
    """
    verify_key = VerifyKey(request.verify_key)
    with store.database.transaction() as db:
        found = one_time.look_up(db, "enrol", request.code_id, at.timestamp())
        if found is None:
            return None
        offer = _Offer.model_validate_json(found.subject)
        key = bytes.fromhex(offer.key)
        if not request.is_proved(key) or not is_signed(request, verify_key):
            return None
        if offer.used_by not in (None, request.verify_key.hex()):
            return None
        enrol_booth_key(db, offer.booth_id, verify_key, offer.institution_code)
        if offer.used_by is None:
            used = offer.model_copy(update={"used_by": request.verify_key.hex()})
            one_time.change(db, "enrol", request.code_id, used.model_dump_json())
            audit.append(
                db,
                at,
                f"booth {offer.booth_id}",
                "booth.enrol",
                f"booth {offer.booth_id}",
                by=offer.by,
            )
    public_key = bytes(keys.vault.public_key)
    own_key = bytes(keys.signing_key.verify_key)
    return make_answer(request, key, offer.booth_id, public_key, own_key)
