"""Data folders of earlier registrars: carried on, with every photo, and none begun anew."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect

from protocol.receipt import sign_receipt
from registrar.errors import UsageError
from registrar.keys import Keys
from registrar.opening import open_held
from registrar.serve import Server
from registrar.store import Store
from tests.town import TAKEN_AT, Town, picture, record, submission

pytestmark = pytest.mark.one_file

SCHEMA = Path(__file__).parents[1] / "data" / "registrar_4.sql"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=3)


@pytest.fixture
def before(town: Town, tmp_path: Path) -> Path:
    make_before(town, tmp_path / "before")
    return tmp_path / "before"


def make_before(town: Town, folder: Path) -> None:
    """Make a data folder as the last registrar without migrations had it, with one photo."""
    folder.mkdir()
    for name in ("seal.key", "sign.key"):
        (folder / name).write_bytes((town.store.folder / name).read_bytes())
        (folder / name).chmod(0o600)
    envelope, keys = town.envelope(1), Keys.of(town.store)
    opened = keys.vault.photo(envelope.sealed)
    receipt = sign_receipt(envelope, TAKEN_AT, None, keys.signing_key)
    with closing(sqlite3.connect(folder / "registrar.sqlite")) as db, db:
        db.executescript(SCHEMA.read_text())
        db.execute("INSERT INTO booth VALUES (?, ?)", ("booth-1", bytes(town.key.verify_key)))
        for number in range(3):
            db.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, 0)", _columns(number))
        db.execute(
            "INSERT INTO photo (submission_id, record_id, metadata, jpeg, receipt)"
            " VALUES (?, 'record-1', ?, ?, ?)",
            (
                str(envelope.submission_id),
                opened[0].model_dump_json(),
                opened[1],
                receipt.model_dump_json(),
            ),
        )


def _columns(number: int) -> tuple[str, ...]:
    given = record(number)
    return (
        given.record_id,
        given.capture_code,
        given.name,
        given.student_no,
        given.institution_code,
        given.institution,
        given.college,
    )


def shape(store: Store) -> dict[str, set[tuple[str, bool, bool]]]:
    """Each table's columns: their names, whether they may be NULL, and are of the key."""
    found = inspect(store.database.engine)
    shapes = {}
    for table in found.get_table_names():
        keys = found.get_pk_constraint(table)["constrained_columns"]
        shapes[table] = {
            (
                column["name"],
                column["nullable"] and column["name"] not in keys,
                column["name"] in keys,
            )
            for column in found.get_columns(table)
        }
    shapes.pop("alembic_version")
    return shapes


def test_a_data_folder_of_before_is_carried_on_with_its_photos(town: Town, before: Path) -> None:
    store = Store(before)
    assert store.counts().photos == 1
    assert store.booths.served() == {"booth-1": town.key.verify_key}
    (held,) = store.photos.newest(10, 0)
    assert open_held(store, Keys.of(store).vault, held) == picture(1)
    assert held.state == "unreviewed"
    assert held.receipt.at == TAKEN_AT
    assert store.records.resolve("code-1") == "already_photographed"
    assert store.photos.newest(10, 0)[0].metadata.submission_id == submission(1)


def test_no_photo_stays_readable_where_it_lay(before: Path) -> None:
    Store(before).database.close()
    assert picture(1)[100:164] not in (before / "registrar.sqlite").read_bytes()


def test_what_was_carried_on_has_the_tables_of_what_is_new(town: Town, before: Path) -> None:
    assert shape(Store(before)) == shape(town.store)


def test_carrying_on_ends_where_it_began_and_may_be_cut_short(
    before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registrar.photos.Photos.__init__", _stop)
    with pytest.raises(InterruptedError):
        Store(before)
    monkeypatch.undo()
    for _ in range(2):
        store = Store(before)
        assert store.counts().photos == 1


def _stop(*_: object) -> None:
    raise InterruptedError


@pytest.mark.parametrize("version", [1, 5])
def test_a_data_file_of_a_version_that_nobody_knows_is_left_alone(
    before: Path, version: int
) -> None:
    with closing(sqlite3.connect(before / "registrar.sqlite")) as db, db:
        db.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(UsageError, match=rf"version {version}.*--data"):
        Store(before)


@pytest.mark.parametrize("version", [2, 3])
def test_older_data_files_lack_tables_that_are_made(before: Path, version: int) -> None:
    with closing(sqlite3.connect(before / "registrar.sqlite")) as db, db:
        db.executescript(f"DROP TABLE own_key; DROP TABLE report; PRAGMA user_version = {version}")
    assert Store(before).counts().photos == 1
