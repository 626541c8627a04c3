"""Whose a code is: by the roster, by what a plain code says, or by the institution's decryptor."""

import logging
import re

from sqlalchemy import select

from protocol.plain_code import parse_key
from protocol.roster import Resolution
from registrar.configuration import settings_of
from registrar.decrypting import DecryptorFault, Opened, decrypt
from registrar.records import Records
from registrar.storage.database import Database
from registrar.storage.tables import BOOTH

_log = logging.getLogger("uvicorn.error")


class Codes:
    """Finds whose codes are, for booths. Any thread may call."""

    def __init__(self, database: Database, records: Records) -> None:
        self._database, self._records = database, records

    def resolve(self, booth_id: str, code: str) -> Resolution:
        """Say whose a code is that a booth has read, or why its owner is not admitted.

        What is written plainly counts where its own institution takes plain codes; what nobody
        knows is opened by the decryptor of the booth's institution, if that has one.
        """
        if (plain := parse_key(code)) is not None:
            with self._database.connection() as db:
                taken = settings_of(db, plain.institution_code).plain_codes or "off"
            if taken == "off":
                return "code_unknown"
            number, name = plain.student_no, plain.name
            return self._records.resolve_number(plain.institution_code, number, name)
        found = self._records.resolve(code)
        return found if found != "code_unknown" else self._open(booth_id, code)

    def _open(self, booth_id: str, code: str) -> Resolution:
        with self._database.connection() as db:
            wanted = select(BOOTH.c.institution_code).where(BOOTH.c.booth_id == booth_id)
            whose = db.execute(wanted).scalar_one_or_none()
            decryptor = None if whose is None else settings_of(db, whose).decryptor
        if decryptor is None:
            return "code_unknown"
        try:
            opened = decrypt(decryptor, code)
        except DecryptorFault as fault:
            _log.error("registrar: %s", fault)
            return "decryptor_failed"
        if opened is None:
            return "code_unknown"
        if opened.institution_code != whose:
            _log.warning("registrar: decryptor %s: a code of another institution", decryptor)
            return "other_institution"
        return self._find(decryptor, opened)

    def _find(self, decryptor: str, opened: Opened) -> Resolution:
        """The record of whom a decryptor has named; one of another name is not taken."""
        record = self._records.find(opened.institution_code, opened.record_id, opened.student_no)
        if record is None:
            return "code_unknown"
        if opened.name and not _is_masked(opened.name, record.name):
            _log.error("registrar: decryptor %s: named a student by another name", decryptor)
            return "decryptor_failed"
        return self._records.resolve(record.capture_code)


def _is_masked(masked: str, name: str) -> bool:
    """Whether a name may be what was masked, each run of stars standing for some characters."""
    parts = re.split(r"\*+", masked)
    return re.fullmatch(".+".join(map(re.escape, parts)), name) is not None
