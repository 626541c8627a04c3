"""Staff: their accounts, roles, and how they sign in by password and one-time code."""

import base64
import hashlib
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import pyotp
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from registrar.desk import one_time
from registrar.desk.access import Role
from registrar.desk.passwords import is_password, nobodys_password
from registrar.desk.words import Language
from registrar.errors import UsageError
from registrar.storage.database import Database
from registrar.storage.tables import PASSKEY, SESSION, STAFF

SETUP_SECONDS = 24 * 3600.0
"""For which a set-up link is good."""

STEP = 30
"""Seconds for which a one-time code stands (RFC 6238)."""


@dataclass(frozen=True, slots=True)
class Staff:
    """One person's account."""

    staff_id: int
    login: str
    name: str
    roles: frozenset[Role]
    language: Language
    institution: str | None
    """The code of the institution for which they work; None: for all."""
    disabled: bool
    handle: bytes
    """By which passkeys know the account; says nothing of the person."""
    has_password: bool
    passkeys: int


class Accounts:
    """The accounts. Times are in seconds since 1970."""

    def __init__(self, database: Database, secret: bytes) -> None:
        """`secret` (the signing key's bytes) is what one-time codes' secrets are sealed by."""
        self._database = database
        self._box = SecretBox(hashlib.blake2b(secret, digest_size=32, person=b"totp box").digest())
        self._secret = secret

    def find(self, staff_id: int) -> Staff | None:
        """An account that may sign in; None where there is none, or it is disabled."""
        wanted = _select_staff().where(STAFF.c.staff_id == staff_id, ~STAFF.c.disabled)
        with self._database.connection() as db:
            row = db.execute(wanted).one_or_none()
        return None if row is None else _staff(row)

    def check_password(self, login: str, password: str, code: str, now: float) -> Staff | None:
        """Whose login, password and one-time code these are; None where one is wrong.

        A code is good once.
        """
        with self._database.connection() as db:
            row = db.execute(
                select(STAFF).where(STAFF.c.login == fold_login(login), ~STAFF.c.disabled)
            ).one_or_none()
        complete = row is not None and row.password is not None and row.totp is not None
        hashed = row.password if row is not None and complete else nobodys_password()
        matches = is_password(hashed, password)
        if row is None or not complete or not matches:
            return None
        step = self._find_step(row.totp, code, now)
        if step is None:
            return None
        with self._database.transaction() as db:
            used = (
                update(STAFF)
                .where(STAFF.c.staff_id == row.staff_id, STAFF.c.totp_step < step)
                .values(totp_step=step)
            )
            if not db.execute(used).rowcount:
                return None
        return self.find(row.staff_id)

    def setup_secret(self, token: str) -> str:
        """The secret of the one-time codes that a set-up link offers, in base32."""
        digest = hashlib.blake2b(token.encode(), key=self._secret, digest_size=20, person=b"totp")
        return base64.b32encode(digest.digest()).decode()

    def setup_owner(self, token: str, now: float) -> Staff | None:
        """Whose set-up link it is; None where it is none, or good no more."""
        with self._database.connection() as db:
            found = one_time.look_up(db, "setup", token.encode(), now)
        return None if found is None else self.find(int(found.subject))

    def seal_secret(self, secret: str) -> bytes:
        """Seal a secret of one-time codes, as it is kept."""
        return bytes(self._box.encrypt(secret.encode()))

    def is_code(self, secret: str, code: str, now: float) -> bool:
        """Say whether a one-time code is this secret's, now or one step before or after."""
        return _step_of(secret, code, now) is not None

    def set_language(self, staff_id: int, language: Language) -> None:
        """Show somebody the pages in another language."""
        with self._database.transaction() as db:
            db.execute(update(STAFF).where(STAFF.c.staff_id == staff_id).values(language=language))

    def _find_step(self, sealed: bytes, code: str, now: float) -> int | None:
        try:
            secret = self._box.decrypt(sealed).decode()
        except CryptoError:  # the registrar has another key: only a new set-up link helps
            return None
        return _step_of(secret, code, now)


def list_staff(db: Connection) -> list[Staff]:
    """Every account, by login."""
    return [_staff(row) for row in db.execute(_select_staff().order_by(STAFF.c.login))]


def add_staff(
    db: Connection,
    login: str,
    name: str,
    roles: Iterable[Role],
    language: Language,
    now: float,
    institution: str | None = None,
) -> int:
    """Make an account that cannot sign in yet; `institution` is whose it is, None for all.

    Raises UsageError where the login is taken, or an auditor's institution is named.
    """
    folded, roles = fold_login(login), frozenset(roles)
    check_reach(folded, roles, institution)
    if db.execute(select(STAFF.c.staff_id).where(STAFF.c.login == folded)).first():
        raise UsageError(f"staff {folded}: there is one already; see registrar staff list")
    made = insert(STAFF).values(
        login=folded,
        name=name,
        roles=_join(roles),
        language=language,
        totp_step=0,
        handle=secrets.token_bytes(32),
        made_at=now,
        institution_code=institution,
    )
    return cast(int, db.execute(made.returning(STAFF.c.staff_id)).scalar_one())


def set_disabled(db: Connection, login: str, disabled: bool) -> None:
    """Let an account sign in no more, or again; raises UsageError where there is none."""
    staff_id = find_id(db, login)
    db.execute(update(STAFF).where(STAFF.c.staff_id == staff_id).values(disabled=disabled))
    end_sessions(db, staff_id)
    one_time.withdraw(db, "setup", str(staff_id))


def set_roles(
    db: Connection, login: str, roles: Iterable[Role], institution: str | None = None
) -> None:
    """Have somebody be other than before, for an institution or (None) for all.

    Raises UsageError where there is none, or an auditor's institution is named.
    """
    staff_id, roles = find_id(db, login), frozenset(roles)
    check_reach(login, roles, institution)
    values = {"roles": _join(roles), "institution_code": institution}
    db.execute(update(STAFF).where(STAFF.c.staff_id == staff_id).values(values))


def check_reach(login: str, roles: frozenset[Role], institution: str | None) -> None:
    """Raise UsageError for an auditor of one institution: the audit log is one, of all."""
    if institution is not None and "auditor" in roles:
        raise UsageError(
            f"staff {login}: the audit log is of all institutions, and so is who reads it;"
            " name no institution, or not the role auditor"
        )


def make_setup_link(db: Connection, login: str, now: float) -> str:
    """Take away how an account signed in until now; the token of a link that sets it up anew."""
    staff_id = find_id(db, login)
    db.execute(update(STAFF).where(STAFF.c.staff_id == staff_id).values(password=None, totp=None))
    db.execute(delete(PASSKEY).where(PASSKEY.c.staff_id == staff_id))
    end_sessions(db, staff_id)
    one_time.withdraw(db, "setup", str(staff_id))
    token = secrets.token_urlsafe(24)
    one_time.keep(db, "setup", token.encode(), str(staff_id), now + SETUP_SECONDS)
    return token


def set_password(
    db: Connection, staff_id: int, hashed: str, sealed_secret: bytes | None = None
) -> None:
    """Have an account sign in by a password, and by the codes of another secret if one is given."""
    values: dict[str, object] = {"password": hashed}
    if sealed_secret is not None:
        values |= {"totp": sealed_secret, "totp_step": 0}
    db.execute(update(STAFF).where(STAFF.c.staff_id == staff_id).values(values))


def end_sessions(db: Connection, staff_id: int) -> None:
    """Sign somebody out of every browser."""
    db.execute(delete(SESSION).where(SESSION.c.staff_id == staff_id))


def find_id(db: Connection, login: str) -> int:
    """The id of a login's account; raises UsageError where there is none."""
    folded = fold_login(login)
    found = db.execute(select(STAFF.c.staff_id).where(STAFF.c.login == folded)).scalar()
    if found is None:
        raise UsageError(f"staff {folded}: there is none; see registrar staff list")
    return cast(int, found)


def find_staff(db: Connection, login: str) -> Staff:
    """A login's account; raises UsageError where there is none."""
    return _staff(db.execute(_select_staff().where(STAFF.c.staff_id == find_id(db, login))).one())


def fold_login(login: str) -> str:
    """Logins that differ in case or width alone are one."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def _step_of(secret: str, code: str, now: float) -> int | None:
    """Find the step of time whose code it is: this one, the one before or the one after."""
    digits = "".join(code.split())
    totp = pyotp.TOTP(secret, interval=STEP)
    for offset in (0, -1, 1):
        step = int(now // STEP) + offset
        if secrets.compare_digest(totp.at(step * STEP).encode(), digits.encode()):
            return step
    return None


def _join(roles: Iterable[Role]) -> str:
    return ",".join(sorted(set(roles)))


def _select_staff() -> Select[Any]:
    passkeys = select(func.count()).where(PASSKEY.c.staff_id == STAFF.c.staff_id).scalar_subquery()
    return select(STAFF, passkeys.label("passkeys"))


def _staff(row: Row[Any]) -> Staff:
    return Staff(
        staff_id=row.staff_id,
        login=row.login,
        name=row.name,
        roles=frozenset(row.roles.split(",")),
        language=row.language,
        institution=row.institution_code,
        disabled=row.disabled,
        handle=row.handle,
        has_password=row.password is not None,
        passkeys=row.passkeys,
    )
