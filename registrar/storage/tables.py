"""The registrar's tables, the same on SQLite and PostgreSQL.

Who changes one writes a migration beside it (`migrations/versions`): data folders and databases of
before are carried on, none is begun anew.
"""

from sqlalchemy import (
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
    false,
)

HEAD = "0002"
"""The newest migration: what these tables are."""

METADATA = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""A row's number: SQLite counts only what is declared INTEGER."""

VERSION = Table("alembic_version", METADATA, Column("version_num", Text, primary_key=True))
"""Which migration the tables are at; Alembic's own."""

BOOTH = Table(
    "booth",
    METADATA,
    Column("booth_id", Text, primary_key=True),
    Column("verify_key", LargeBinary, nullable=False),
)

FORMER_KEY = Table(
    "former_key",
    METADATA,
    Column("booth_id", Text, primary_key=True),
    Column("verify_key", LargeBinary, primary_key=True),
    Column("accepted", Boolean, nullable=False, server_default=false()),
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
    Column("student_no_key", Text),
    Column("granted", Boolean, nullable=False, server_default=false()),
    Index("record_student_no_key", "student_no_key"),
    Index("record_institution", "institution_code"),
)
"""Records of study; `student_no_key` is `registrar.roster.student_no_key`, NULL where the number is
abnormal."""

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
    Index("photo_record", "record_id"),
    sqlite_autoincrement=True,
)
"""Photos that are held. `received_at` is in seconds since 1970; `object` is the name under which
the sealed photo lies in the object store."""

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
