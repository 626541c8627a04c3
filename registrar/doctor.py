"""What `registrar doctor` looks at: each finding names the thing, and the way out where it fails.

Nothing is changed.
"""

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func, select

from registrar import audit, decrypt_child
from registrar.errors import RegistrarError, StoreError, UsageError
from registrar.key_files import SEAL_FILE, SIGN_FILE
from registrar.keys import Keys
from registrar.objects import NoSuchObject
from registrar.opening import open_held
from registrar.settings import FILE, Settings
from registrar.storage.database import FILE as DATABASE_FILE
from registrar.storage.database import Database
from registrar.storage.tables import BOOTH_SETTING, HEAD, PHOTO
from registrar.store import Store
from registrar.vault import Vault

MOST_NAMED = 20
"""Photos that are named; the others are counted."""

LEAST_FREE, LEAST_SHARE = 2_000_000_000, 0.05
"""Bytes, and the share of a disk, that must be free: 20,000 photos of 100 KB."""

ENDS_SOON = 21
"""Days before its end from which a certificate is told: those of 90 days are renewed at 30."""

AHEAD, APART = 300.0, 5.0
"""Seconds: the newest entry may be so far ahead of this clock, as booths' requests may; and the
database server's so far from it."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing."""

    name: str
    is_well: bool
    said: str


def examine(
    folder: Path, newest: int | None, certificate: Path | None, now: datetime
) -> Iterator[Finding]:
    """Look at everything; `newest` is how many photos are opened, None all of them."""
    settings = yield from _found("settings", lambda: Settings.read(folder))
    if settings is None:
        return
    yield Finding("settings", True, _tell_settings(folder, settings))
    yield _look_at_disk(folder)
    if certificate is not None:
        yield _look_at_certificate(certificate, now)
    store = yield from _open_store(folder, settings)
    if store is None:
        return
    keys = yield from _look_at_keys(store)
    yield _look_at_clock(store, now)
    yield from _look_at_log(store)
    if keys is not None:
        yield from _look_at_photos(store, keys.vault, newest)
    yield from _look_at_orphans(store, now)
    yield from _look_at_decryptors(store)


def _look_at_decryptors(store: Store) -> Iterator[Finding]:
    """Whether each institution's decryptor is installed; none of them is run."""
    wanted = select(BOOTH_SETTING.c.institution_code, BOOTH_SETTING.c.value)
    with store.database.connection() as db:
        rows = db.execute(wanted.where(BOOTH_SETTING.c.name == "decryptor")).all()
    for row in rows:
        name = json.loads(row.value)
        there = decrypt_child.find(name) is not None
        said = f"institution {row.institution_code}: {name} is"
        lacks = f"{said} not installed beside the registrar; its codes are not opened"
        yield Finding("decryptor", there, f"{said} installed" if there else lacks)


def _found(name: str, look: Callable[[], T]) -> Generator[Finding, None, T | None]:
    """What a look finds; None, and a finding, where it fails."""
    try:
        return look()
    except RegistrarError as error:
        yield Finding(name, False, str(error))
        return None


def _tell_settings(folder: Path, settings: Settings) -> str:
    database = "SQLite" if settings.database is None else "PostgreSQL"
    objects = "a folder" if settings.objects is None else settings.objects.endpoint
    kept = settings.retention.students_days
    until = "everything is kept" if kept is None else f"students are kept {kept} days"
    return f"{folder}: {database}, photos in {objects}; {until}"


def _open_store(folder: Path, settings: Settings) -> Generator[Finding, None, Store | None]:
    if settings.database is None and not (folder / DATABASE_FILE).exists():
        yield Finding(
            "database",
            False,
            f"{folder}: has none; name the data folder with --data, or bring it back from a copy"
            " (registrar restore)",
        )
        return None

    def look() -> Store:
        database = Database(folder, settings.database)
        if database.before not in (None, HEAD):
            raise StoreError(
                f"is at version {database.before}, and this registrar's is {HEAD}; make a copy of"
                " the data folder, then start the registrar, which carries it on"
            )
        if database.is_file:
            with database.connection() as db:
                said = db.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
            if said != "ok":
                raise StoreError(f"{folder / DATABASE_FILE}: is damaged; restore a backup")
        database.close()
        return Store(folder)

    store = yield from _found("database", look)
    if store is not None:
        yield Finding("database", True, f"is reached, and at version {HEAD}")
    return store


def _look_at_keys(store: Store) -> Generator[Finding, None, Keys | None]:
    folder = store.folder
    if not (folder / SIGN_FILE).exists() and not store.booths.are_known():
        yield Finding("keys", True, "are made when the registrar is first started")
        return None
    for path in [folder, *sorted(folder.glob("*.key")), folder / FILE]:
        if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Finding("keys", False, f"{path}: others can read it; chmod go= {path}")
    keys = yield from _found("keys", lambda: Keys.of(store))
    if keys is not None:
        where = "in this folder" if (folder / SEAL_FILE).exists() else "with its vault"
        yield Finding("keys", True, f"are those that booths know; the seal key lies {where}")
    return keys


def _look_at_photos(store: Store, vault: Vault, newest: int | None) -> Iterator[Finding]:
    """Open photos, the newest first: each is there, whole, and the one that was held."""
    looked = wrong = 0
    for submission_id in _submissions(store, newest):
        looked += 1
        try:
            held = store.photos.held(submission_id)
            if held is not None:  # it may be erased meanwhile
                open_held(store, vault, held)
        except NoSuchObject as error:
            why = f"{error}; bring it back from a copy"
        except StoreError as error:
            why = str(error)
        except ValidationError:
            why = "its row is damaged; restore a backup"
        else:
            continue
        wrong += 1
        if wrong <= MOST_NAMED:
            yield Finding("photos", False, f"photo {submission_id}: {why}")
    which = "of all" if newest is None else "of the newest"
    yield Finding("photos", wrong == 0, f"{looked - wrong} {which} {looked} open, whole")


def _submissions(store: Store, newest: int | None) -> Iterator[UUID]:
    before: int | None = None
    left = newest
    while left is None or left > 0:
        some = 500 if left is None else min(left, 500)
        wanted = select(PHOTO.c.number, PHOTO.c.submission_id).order_by(PHOTO.c.number.desc())
        if before is not None:
            wanted = wanted.where(PHOTO.c.number < before)
        with store.database.connection() as db:
            rows = db.execute(wanted.limit(some)).all()
        if not rows:
            return
        yield from (UUID(row.submission_id) for row in rows)
        before = rows[-1].number
        left = None if left is None else left - len(rows)


def _look_at_orphans(store: Store, now: datetime) -> Iterator[Finding]:
    count = yield from _found(
        "orphans", lambda: sum(1 for _ in store.photos.orphans(now.timestamp()))
    )
    if count is not None:
        said = "no object is there that no photo names"
        if count:
            said = f"{count} objects that no photo names; registrar sweep removes them"
        yield Finding("orphans", not count, said)


def _look_at_log(store: Store) -> Iterator[Finding]:
    with store.database.connection() as db:
        fault, last = audit.verify_log(db), audit.last_entry(db)
    if fault is not None:
        yield Finding(
            "audit log",
            False,
            f"entry {fault.number} {fault.why}; find out who did it, and keep a copy of all",
        )
    else:
        yield Finding("audit log", True, f"{0 if last is None else last.number} entries hold")


def _look_at_clock(store: Store, now: datetime) -> Finding:
    with store.database.connection() as db:
        newest = db.execute(select(func.max(PHOTO.c.state_at))).scalar()
        server = None if store.database.is_file else db.execute(select(func.now())).scalar_one()
    if newest is not None and newest > now.timestamp() + AHEAD:
        ahead = datetime.fromtimestamp(newest, UTC)
        return Finding("clock", False, f"is behind: a photo came at {ahead:%Y-%m-%d %H:%M}; set it")
    if server is not None and abs((server - now).total_seconds()) > APART:
        return Finding("clock", False, "differs from the database server's; let both follow NTP")
    if _is_synchronised() is False:
        return Finding("clock", False, "follows no time server; timedatectl set-ntp true")
    return Finding("clock", True, f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _is_synchronised() -> bool | None:
    """Ask systemd; None where it is not there to say."""
    try:
        done = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return {"yes": True, "no": False}.get(done.stdout.strip())


def _look_at_disk(folder: Path) -> Finding:
    try:
        disk = shutil.disk_usage(folder)
    except OSError as error:
        return Finding("disk", False, f"{folder}: {os.strerror(error.errno or 0)}; name another")
    said = f"{folder}: {disk.free / 1e9:.1f} GB of {disk.total / 1e9:.0f} GB are free"
    if disk.free < max(LEAST_FREE, LEAST_SHARE * disk.total):
        return Finding("disk", False, f"{said}; free some, or move the data to a larger one")
    return Finding("disk", True, said)


def _look_at_certificate(path: Path, now: datetime) -> Finding:
    from cryptography import x509  # webauthn's

    try:
        end = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: is no PEM certificate ({error})") from error
    days = (end - now).days
    said = f"{path}: ends {end:%Y-%m-%d}, in {days} days"
    if days < ENDS_SOON:
        return Finding("certificate", False, f"{said}; renew it, and restart the registrar")
    return Finding("certificate", True, said)
