"""The booth's databases follow a release to its schemas and back, and no photo is lost."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.release.errors import ReleaseError
from kiosk.release.installed import put_on_trial, read_installed
from kiosk.release.migrations import STORES, Store, find_steps, migrate, read_schemas
from kiosk.sync import outbox_file
from kiosk.sync.outbox import Outbox
from tests.release.simulated import SimulatedMachine
from tests.sync.test_outbox import envelope

FORWARD = """
-- What the next release keeps beside each photo.
ALTER TABLE outbox ADD COLUMN taken_at TEXT;
CREATE TABLE hurry (number INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER hurried AFTER INSERT ON hurry BEGIN
    SELECT 1;
END;
"""

BACK = """
DROP TABLE hurry;
ALTER TABLE outbox DROP COLUMN taken_at;
"""

LOSES = "DELETE FROM outbox WHERE number = 1;"

OUTBOX = STORES[0]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return release(tmp_path / "old", 1)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return release(tmp_path / "new", 2, forward=FORWARD, back=BACK)


def release(folder: Path, schema: int, **scripts: str) -> Path:
    """A release's folder, with scripts to its outbox's schema and back."""
    steps = folder / "migrations" / "outbox"
    steps.mkdir(parents=True)
    (folder / "migrations/schemas.json").write_text(json.dumps({"outbox": schema, "later": 7}))
    for way, script in scripts.items():
        (steps / f"{schema:04}.{way}.sql").write_text(script)
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "outbox.sqlite"
    outbox = Outbox(path)
    for number in (1, 2):
        outbox.put(envelope(number))
    return path


@pytest.fixture
def taken(path: Path) -> Callable[[Path, Path], None]:
    """Take the outbox to a release's schema, away from another's."""
    snapshot = path.with_name("before-migration")
    return lambda to, other: migrate({OUTBOX: path}, to, other, snapshot, lambda _: None)


def ask(path: Path, query: str) -> Any:
    with closing(sqlite3.connect(path)) as db:
        found = db.execute(query).fetchall()
        db.commit()
        return found


def test_the_schemas_that_releases_tell_are_those_that_the_code_writes(
    root: Path, tmp_path: Path
) -> None:
    schemas = read_schemas(root)
    assert schemas["outbox"] == outbox_file.VERSION
    assert set(schemas) == {store.name for store in STORES}
    for store, number in schemas.items():
        find_steps(store, 1, number, [root])
        find_steps(store, number, 1, [root])


def test_photos_taken_by_the_next_release_are_kept_by_the_one_before(
    path: Path, old: Path, new: Path, taken: Callable[[Path, Path], None]
) -> None:
    taken(new, old)
    assert ask(path, "PRAGMA user_version") == [(2,)]
    ask(
        path,
        "INSERT INTO outbox (submission_id, envelope_sha256, envelope, state, taken_at)"
        " SELECT '00000000-0000-0000-0000-000000000003', envelope_sha256, envelope, state, 'now'"
        " FROM outbox WHERE number = 2",
    )
    taken(old, new)
    assert [id.int for id in Outbox(path).pending()] == [1, 2, 3]
    assert Outbox(path).envelope(envelope(1).submission_id) == envelope(1)


def test_it_is_done_once(
    path: Path, old: Path, new: Path, taken: Callable[[Path, Path], None]
) -> None:
    for _ in range(2):
        taken(new, old)
    for _ in range(2):
        taken(old, new)
    assert ask(path, "PRAGMA user_version") == [(1,)]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (LOSES, "would change what is kept"),
        ("UPDATE outbox SET state = 'sent';", "would change what is kept"),
        ("ALTER TABLE outbox ADD COLUMN one TEXT; SELECT one FROM nowhere;", "no such table"),
        ("COMMIT; DELETE FROM outbox;", "ends the transaction"),
        ("ALTER TABLE outbox", "within a statement"),
    ],
)
def test_a_step_that_would_lose_a_photo_or_fails_is_not_taken(
    path: Path,
    tmp_path: Path,
    old: Path,
    taken: Callable[[Path, Path], None],
    script: str,
    reason: str,
) -> None:
    before = ask(path, "SELECT * FROM outbox")
    with pytest.raises(ReleaseError, match=reason):
        taken(release(tmp_path / "bad", 2, forward=script), old)
    assert ask(path, "SELECT * FROM outbox") == before
    assert ask(path, "PRAGMA user_version") == [(1,)]


def test_the_databases_as_they_were_lie_beside(
    path: Path, old: Path, new: Path, taken: Callable[[Path, Path], None]
) -> None:
    taken(new, old)
    (kept,) = path.with_name("before-migration").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    assert ask(kept, "SELECT count(*) FROM outbox") == [(2,)]


def test_where_no_way_leads_is_said(
    path: Path, tmp_path: Path, old: Path, taken: Callable[[Path, Path], None]
) -> None:
    with pytest.raises(ReleaseError, match=r"no release here has outbox/0002\.forward\.sql"):
        taken(release(tmp_path / "bad", 2), old)


def test_what_is_not_there_yet_is_left_to_the_release(
    path: Path, old: Path, new: Path, tmp_path: Path
) -> None:
    missing, empty = tmp_path / "none.sqlite", tmp_path / "empty.sqlite"
    empty.touch()
    stores = {OUTBOX: missing, Store("outbox", OUTBOX.path): empty}
    migrate(stores, new, old, tmp_path / "snapshot", lambda _: None)
    assert not missing.exists()
    assert empty.stat().st_size == 0


def test_a_stock_without_a_number_is_of_the_first_schema(tmp_path: Path) -> None:
    path = tmp_path / "stock.sqlite"
    ask(path, "CREATE TABLE item (name TEXT)")
    new = release(tmp_path / "new", 2, forward="ALTER TABLE item ADD COLUMN unit TEXT;")
    store = Store("outbox", lambda config: path)
    migrate({store: path}, new, new, tmp_path / "snapshot", lambda _: None)
    assert ask(path, "SELECT name, unit FROM item") == []


# ---- around the booth's start ----


@pytest.fixture
def machine(tmp_path: Path) -> SimulatedMachine:
    """A booth with two photos and release 0.1.0; 0.2.0, of the next schema, is on trial."""
    machine = SimulatedMachine(tmp_path)
    machine.install("0.1.0")
    steps = {
        "migrations__outbox__0002.forward.sql": FORWARD,
        "migrations__outbox__0002.back.sql": BACK,
    }
    machine.install("0.2.0", schemas='{"outbox": 2}', **steps)
    outbox = Outbox(machine.state / "outbox.sqlite")
    for number in (1, 2):
        outbox.put(envelope(number))
    put_on_trial(machine.places, "0.2.0", "0.1.0")
    return machine


def schema(machine: SimulatedMachine) -> int:
    ((number,),) = ask(machine.state / "outbox.sqlite", "PRAGMA user_version")
    return int(number)


@pytest.mark.soak
def test_the_booths_start_takes_the_data_along(machine: SimulatedMachine) -> None:
    assert machine.start() == "0.2.0"
    assert schema(machine) == 2
    assert not (machine.state / "before-migration").exists()


def test_given_up_the_data_come_back_with_the_release(machine: SimulatedMachine) -> None:
    (machine.places.release("0.2.0") / "behaviour").write_text("exits")
    assert machine.start() == "0.1.0"
    assert schema(machine) == 1
    assert len(Outbox(machine.state / "outbox.sqlite").pending()) == 2
    assert not (machine.state / "before-migration").exists()


@pytest.mark.soak
def test_data_that_cannot_be_taken_back_are_told_of_and_lie_there_still(
    machine: SimulatedMachine,
) -> None:
    release = machine.places.release("0.2.0")
    (release / "behaviour").write_text("exits")
    (release / "migrations/outbox/0002.back.sql").write_text(LOSES)
    assert machine.start() == "0.1.0"
    failed = read_installed(machine.places.root).failed
    assert failed is not None
    assert "its data could not be taken back" in failed.reason
    assert ask(machine.state / "outbox.sqlite", "SELECT count(*) FROM outbox") == [(2,)]
    assert list((machine.state / "before-migration").iterdir())


@pytest.mark.soak
def test_data_that_cannot_be_taken_along_stop_the_release_and_not_the_booth(
    machine: SimulatedMachine,
) -> None:
    (machine.places.release("0.2.0") / "migrations/outbox/0002.forward.sql").write_text(LOSES)
    assert machine.start() == "0.1.0"
    assert machine.starts == ["0.1.0"]
    failed = read_installed(machine.places.root).failed
    assert failed is not None
    assert "data" in failed.reason
    assert schema(machine) == 1


@pytest.mark.soak
def test_a_power_cut_between_data_and_link_is_gone_on_from(machine: SimulatedMachine) -> None:
    places = machine.places
    migrate(
        {OUTBOX: machine.state / "outbox.sqlite"},
        places.release("0.2.0"),
        places.release("0.1.0"),
        machine.state / "before-migration",
        lambda _: None,
    )
    assert machine.start() == "0.2.0"
    assert schema(machine) == 2
