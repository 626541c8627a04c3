"""The registrar's tables, the same on SQLite and PostgreSQL.

Who changes one writes a migration beside it (`migrations/versions`): data folders and databases of
before are carried on, none is begun anew.
"""

from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    event,
    false,
    text,
)

HEAD = "0004"
"""The newest migration: what these tables are."""

METADATA = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""A row's number: SQLite counts only what is declared INTEGER."""


def _partial(where: str) -> dict[str, Any]:
    """An index of some of a table's rows only, on either database."""
    return {"sqlite_where": text(where), "postgresql_where": text(where)}


VERSION = Table("alembic_version", METADATA, Column("version_num", Text, primary_key=True))
"""Which migration the tables are at; Alembic's own."""

BOOTH = Table(
    "booth",
    METADATA,
    Column("booth_id", Text, primary_key=True),
    Column("verify_key", LargeBinary, nullable=False),
    Column("institution_code", Text),
)
"""Booths that are served; `institution_code` is whose staff see it, NULL where it is nobody's own:
only staff who are bound to no institution do."""

FORMER_KEY = Table(
    "former_key",
    METADATA,
    Column("booth_id", Text, primary_key=True),
    Column("verify_key", LargeBinary, primary_key=True),
    Column("accepted", Boolean, nullable=False, server_default=false()),
    Column("institution_code", Text),
)

REPORT = Table(
    "report",
    METADATA,
    Column("booth_id", Text, primary_key=True),
    Column("received_at", Text, nullable=False),
    Column("report", Text, nullable=False),
)

OWN_KEY = Table(
    "own_key",
    METADATA,
    Column("file", Text, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
)

RECORD = Table(
    "record",
    METADATA,
    Column("record_id", Text, primary_key=True),
    Column("capture_code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("student_no", Text, nullable=False),
    Column("institution_code", Text, nullable=False),
    Column("institution", Text, nullable=False),
    Column("college", Text, nullable=False),
    Column("id_no", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("student_no_key", Text),
    Index("record_student_no_key", "student_no_key"),
    Index("record_institution", "institution_code"),
    Index("record_id_no", "id_no"),
    Index("record_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
)
"""Records of study; `student_no_key` is `registrar.roster.student_no_key`, NULL where the number is
abnormal. `id_no` (an identity card's) and `email` are empty where the institution gives none."""

PHOTO = Table(
    "photo",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("submission_id", Text, nullable=False, unique=True),
    Column("record_id", Text, ForeignKey("record.record_id"), nullable=False),
    Column("received_at", Float, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("booth_id", Text, nullable=False),
    Column("taken_at", Float, nullable=False),
    Column("state", Text, nullable=False, server_default="unreviewed"),
    Column("state_at", Float, nullable=False),
    Column("refusal", Text),
    Column("claimed_by", Text),
    Column("claimed_until", Float),
    Index("photo_record", "record_id"),
    Index("photo_taken", "taken_at"),
    Index("photo_claimed", "claimed_by", "number", **_partial("claimed_by IS NOT NULL")),
    Index("photo_waiting", "number", **_partial("state = 'unreviewed'")),
    sqlite_autoincrement=True,
)
"""Photos that are held. All times are in seconds since 1970; `object` is the name under which the
sealed photo lies in the object store; `state` and `refusal` are `registrar.photo_state`'s, since
`state_at`; who reviews it has claimed it until then."""

REVIEW = Table(
    "review",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("photo_number", _NUMBER, ForeignKey("photo.number"), nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Text),
    Column("note", Text, nullable=False, server_default=""),
    Column("at", Float, nullable=False),
    Index("review_photo", "photo_number"),
    Index("review_reviewer", "reviewer", "id"),
    sqlite_autoincrement=True,
)
"""What who reviewed a photo said of it; the note is for colleagues."""

REVIEW_POLICY = Table(
    "review_policy",
    METADATA,
    Column("institution_code", Text, primary_key=True),
    Column("persons", Integer, nullable=False),
    Column("share", Float, nullable=False),
)
"""How an institution's photos are reviewed (`registrar.photo_state`); '' says it of all that say
nothing themselves."""

PERMIT = Table(
    "permit",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("record_id", Text, ForeignKey("record.record_id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("given_at", Float, nullable=False),
    Column("photo_number", _NUMBER, ForeignKey("photo.number")),
    Index("permit_record", "record_id"),
    Index("permit_open", "record_id", unique=True, **_partial("photo_number IS NULL")),
    sqlite_autoincrement=True,
)
"""Permits to be photographed once more; the photo that has used one up, once there is."""

RECORD_GRANT = Table(
    "record_grant",
    METADATA,
    Column("record_id", Text, ForeignKey("record.record_id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("given_at", Float, nullable=False),
)
"""Rules that need not hold for a student, by the grant's name (`protocol.grants`)."""

LOOKUP = Table(
    "lookup",
    METADATA,
    Column("booth_id", Text, primary_key=True),
    Column("period", BigInteger, primary_key=True, autoincrement=False),
    Column("institution_code", Text, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("missed", BigInteger, nullable=False, server_default="0"),
    Column("turned_down", BigInteger, nullable=False, server_default="0"),
    Index("lookup_institution", "institution_code", "period"),
)
"""Codes that booths have asked for, by booth and quarter of an hour (`registrar.lookups`)."""

NOTICE = Table(
    "notice",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("photo_number", _NUMBER, ForeignKey("photo.number"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("refusal", Text),
    Column("made_at", Float, nullable=False),
    Column("next_at", Float),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", Float),
    Column("fault", Text),
    Index("notice_photo", "photo_number"),
    Index("notice_waiting", "next_at", **_partial("next_at IS NOT NULL")),
    sqlite_autoincrement=True,
)
"""Notices to students, one a channel. `next_at` says when the next attempt is due: NULL once it was
sent, or given up; `fault` is why the last attempt failed."""

COMPARISON = Table(
    "comparison",
    METADATA,
    Column("photo_number", _NUMBER, ForeignKey("photo.number"), primary_key=True),
    Column("passed", Boolean, nullable=False),
    Column("remark", Text, nullable=False),
    Column("imported_at", Float, nullable=False),
)
"""What the national comparison (学信网照片比对) said of photos."""

ROSTER_EDITION = Table(
    "roster_edition",
    METADATA,
    Column("institution_code", Text, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("base_object", Text, nullable=False),
    Column("base_number", BigInteger, nullable=False),
    Column("made_at", Float, nullable=False),
)
"""The edition of each institution's roster that booths follow. `chain` is the SHA-256 of its newest
delta's head, or its base's."""

ROSTER_DELTA = Table(
    "roster_delta",
    METADATA,
    Column("institution_code", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)
"""An edition's deltas, as booths fetch them."""

ROSTER_CHANGE = Table(
    "roster_change",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("institution_code", Text, nullable=False),
    Column("capture_code", Text, nullable=False),
    Index("roster_change_institution", "institution_code"),
    sqlite_autoincrement=True,
)
"""Capture codes to which the roster answers otherwise, or no more, and which no delta tells yet."""

UPLOAD_PART = Table(
    "upload_part",
    METADATA,
    Column("booth_id", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Float, nullable=False),
    Index("upload_part_at", "at"),
)
"""What came of photos' requests that were cut (`registrar.uploads`): bytes from a place on, of the
request with this SHA-256."""

BOOTH_SETTING = Table(
    "booth_setting",
    METADATA,
    Column("institution_code", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""What staff set for an institution's booths (`protocol.configuration`), as JSON."""

CONFIGURATION = Table(
    "configuration",
    METADATA,
    Column("institution_code", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("sharers", Text, nullable=False, server_default="[]"),
)
"""The signed configuration that an institution's booths fetch, and the SHA-256 of what it says;
`sharers` are the booths that it names, as JSON (`registrar.sharing`)."""

SCHEDULE_SLOT = Table(
    "schedule_slot",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("institution_code", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("starts_at", Float, nullable=False),
    Column("ends_at", Float, nullable=False),
    Column("colleges", Text, nullable=False),
    Index("schedule_slot_institution", "institution_code", "starts_at"),
    sqlite_autoincrement=True,
)
"""Which colleges of an institution are photographed where and when, in seconds since 1970;
`colleges` is a JSON list of their names, empty where everybody may come."""

STANDARDISATION = Table(
    "standardisation",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("record_id", Text, ForeignKey("record.record_id"), nullable=False),
    Column("booth_id", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("earliest", Float, nullable=False),
    Column("latest", Float, nullable=False),
    Column("heard_at", Float, nullable=False),
    Index("standardisation_record", "record_id", "heard_at"),
    Index("standardisation_heard", "heard_at"),
)
"""Standardisations (`protocol.admission`): begun, made or void, between when and when, and since
when it is known here. All times are in seconds since 1970."""

SHARER = Table(
    "sharer",
    METADATA,
    Column("institution_code", Text, primary_key=True),
    Column("booth_id", Text, primary_key=True),
    Column("edition", LargeBinary),
    Column("number", BigInteger, nullable=False, server_default="0"),
    Column("offered_at", Float, nullable=False, server_default="0"),
    Column("knows_until", Float, nullable=False, server_default="0"),
    Column("configuration", BigInteger, nullable=False, server_default="0"),
)
"""Booths among which a student's day is shared: the roster's number that each was offered last and
when, until when it knows all that changed, and which version of the configuration it holds."""

COLUMN_NAME = Table(
    "column_name",
    METADATA,
    Column("institution_code", Text, primary_key=True),
    Column("called", Text, primary_key=True),
    Column("meant", Text, nullable=False),
)
"""What an institution's rosters call a column (`registrar.column_names`); '' of whoever imports for
all of them."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("audit_subject", "subject"),
)
"""Who did what to whom, each entry chained to the one before (`registrar.audit`)."""

_ONLY_ADDED_TO = {
    "sqlite": [
        f"CREATE TRIGGER audit_{what} BEFORE {what} ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        for what in ("update", "delete")
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION audit_only_added_to() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$",
        "CREATE TRIGGER audit_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_only_added_to()",
    ],
}
"""Against mistakes; who means to can drop them, and is found by the chain."""

for _dialect, _statements in _ONLY_ADDED_TO.items():
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(AUDIT, "after_create", _ddl.execute_if(dialect=_dialect))

STAFF = Table(
    "staff",
    METADATA,
    Column("staff_id", _NUMBER, primary_key=True, autoincrement=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("password", Text),
    Column("totp", LargeBinary),
    Column("totp_step", BigInteger, nullable=False),
    Column("handle", LargeBinary, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("made_at", Float, nullable=False),
    Column("institution_code", Text),
    sqlite_autoincrement=True,
)
"""Who works at the desk, for one institution or (NULL) for all. `password` is argon2id's text,
`totp` the sealed secret, and `totp_step` the last step of time whose code was taken; `handle` is
what passkeys know an account by."""

PASSKEY = Table(
    "passkey",
    METADATA,
    Column("credential_id", LargeBinary, primary_key=True),
    Column("staff_id", _NUMBER, ForeignKey("staff.staff_id"), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("made_at", Float, nullable=False),
    Index("passkey_staff", "staff_id"),
)
"""Passkeys by which staff sign in."""

ONE_TIME = Table(
    "one_time",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("expires_at", Float, nullable=False),
)
"""What is good once, by its hash: set-up links, passkeys' challenges, booths' enrolment codes."""

SESSION = Table(
    "session",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("staff_id", _NUMBER, ForeignKey("staff.staff_id"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("made_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Index("session_staff", "staff_id"),
)
"""Who is signed in, by the hash of the token in the browser."""

ATTEMPT = Table(
    "attempt",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False),
    Column("at", Float, nullable=False),
    Index("attempt_key", "key", "at"),
    sqlite_autoincrement=True,
)
"""Attempts that failed, by what they are counted by."""
