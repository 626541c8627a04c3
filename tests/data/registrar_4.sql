BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS booth (
    booth_id TEXT PRIMARY KEY,
    verify_key BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS former_key (
    booth_id TEXT NOT NULL,
    verify_key BLOB NOT NULL,
    accepted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (booth_id, verify_key)
) STRICT;
CREATE TABLE IF NOT EXISTS report (
    booth_id TEXT PRIMARY KEY,
    received_at TEXT NOT NULL,
    report TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS own_key (
    file TEXT PRIMARY KEY,
    public_key BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS record (
    record_id TEXT PRIMARY KEY,
    capture_code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    student_no TEXT NOT NULL,
    institution_code TEXT NOT NULL,
    institution TEXT NOT NULL,
    college TEXT NOT NULL,
    granted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS photo (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    submission_id TEXT NOT NULL UNIQUE,
    record_id TEXT NOT NULL REFERENCES record,
    metadata TEXT NOT NULL,
    jpeg BLOB NOT NULL,
    receipt TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS photo_record ON photo (record_id);
CREATE TABLE IF NOT EXISTS roster (revision INTEGER NOT NULL) STRICT;
INSERT INTO roster SELECT 0 WHERE NOT EXISTS (SELECT * FROM roster);
PRAGMA user_version = 4;
COMMIT;
