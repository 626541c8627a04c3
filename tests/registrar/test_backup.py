"""A backup comes back whole into an empty data folder, or says what is wrong with it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.student import Student
from registrar.backup import back_up
from registrar.backup_keys import KeyBox
from registrar.cli import main
from registrar.errors import StoreError, UsageError
from registrar.intake import receive_envelope
from registrar.keys import Keys
from registrar.opening import open_held
from registrar.restore import restore
from registrar.serve import Server
from registrar.storage import copies
from registrar.store import Store
from tests.town import TAKEN_AT, Town, picture, submission

PASSPHRASE = "correct horse battery"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        town = Town(server, tmp_path / "booth", students=4)
        for number in range(3):
            receive_envelope(town.store, server.keys, town.envelope(number), TAKEN_AT)
        yield town


def sealed_keys(town: Town) -> KeyBox:
    return KeyBox.seal(town.store.folder, PASSPHRASE, work=1, memory=8192)


def backup_of(town: Town, file: Path) -> Path:
    assert back_up(town.store, file, sealed_keys(town), TAKEN_AT) == 3
    return file


def test_a_backup_is_restored_and_its_photos_are_opened(town: Town, tmp_path: Path) -> None:
    town.approve(1)
    file = backup_of(town, tmp_path / "backup")
    assert file.stat().st_mode & 0o777 == 0o600
    assert PASSPHRASE.encode() not in file.read_bytes()
    assert (town.store.folder / "seal.key").read_bytes().strip() not in file.read_bytes()
    folder = tmp_path / "restored"
    done = restore(file, folder, lambda: PASSPHRASE)
    assert (done.photos, done.missing, done.keys) == (3, 0, ("seal.key", "sign.key"))
    store = Store(folder)
    keys = Keys.of(store)
    photos = {held.metadata.submission_id: held for held in store.photos.newest(10, 0)}
    for number in range(3):
        held = photos[submission(number)]
        assert open_held(store, keys.vault, held) == picture(number)
    assert photos[submission(1)].state == "approved"
    assert store.booths.served() == town.store.booths.served()
    assert isinstance(store.records.resolve("code-3"), Student)
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}


def test_a_restored_registrar_takes_the_next_photo_of_its_booths(
    town: Town, tmp_path: Path
) -> None:
    restore(backup_of(town, tmp_path / "backup"), tmp_path / "restored", lambda: PASSPHRASE)
    store = Store(tmp_path / "restored")
    assert receive_envelope(store, Keys.of(store), town.envelope(3), TAKEN_AT).refused is None


def test_staff_make_a_backup_and_bring_it_back(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passphrase, file = tmp_path / "passphrase", tmp_path / "backup"
    passphrase.write_text(f"{PASSPHRASE}\n")
    words = ["--passphrase-file", str(passphrase)]
    assert main(["backup", "--data", str(town.store.folder), *words, str(file)]) == 0
    said = capsys.readouterr()
    assert "3 photos" in said.out
    assert "keys are in it, sealed" in said.err
    folder = tmp_path / "restored"
    assert main(["restore", "--data", str(folder), *words, str(file)]) == 0
    assert "3 photos" in capsys.readouterr().out
    assert main(["audit", "verify", "--data", str(folder)]) == 0


def test_a_backup_without_keys_says_so(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "backup"
    data = ["--data", str(town.store.folder)]
    assert main(["backup", *data, "--without-keys", str(file)]) == 0
    assert "keys are NOT in it" in capsys.readouterr().err
    folder = tmp_path / "restored"
    assert main(["restore", "--data", str(folder), str(file)]) == 0
    assert "bring the keys back" in capsys.readouterr().err
    with pytest.raises(StoreError, match=r"seal\.key: is missing"):
        Keys.of(Store(folder))
    for key in town.store.folder.glob("*.key"):
        shutil.copy(key, folder)
    Keys.of(Store(folder))


def test_a_backup_that_was_cut_off_is_not_restored(town: Town, tmp_path: Path) -> None:
    file = backup_of(town, tmp_path / "backup")
    whole = file.read_bytes()
    for cut in (0, 100, 2000, whole.find(b"end.json"), whole.find(b'"sha256"')):
        file.write_bytes(whole[:cut])
        folder = tmp_path / f"restored-{cut}"
        with pytest.raises(StoreError):
            restore(file, folder, lambda: PASSPHRASE)
        assert not (folder / "registrar.sqlite").exists()


def test_a_backup_with_a_changed_byte_is_not_restored(town: Town, tmp_path: Path) -> None:
    file = backup_of(town, tmp_path / "backup")
    whole = file.read_bytes()
    sealed = town.store.photos.sealed(submission(1)) or b""
    start = whole.find(b'"format"')
    # PostgreSQL's copy is packed, and begins with its name.
    is_file = town.store.database.is_file
    row = whole.find("学生1".encode()) if is_file else whole.find(b"PGDMP") + 500
    for at in (whole.find(sealed) + 50, row, start + 12):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        folder = tmp_path / f"restored-{at}"
        with pytest.raises((StoreError, UsageError)):
            restore(file, folder, lambda: PASSPHRASE)
        assert not (folder / "registrar.sqlite").exists()


def test_another_passphrase_restores_nothing(town: Town, tmp_path: Path) -> None:
    file = backup_of(town, tmp_path / "backup")
    with pytest.raises(UsageError, match="not the one"):
        restore(file, tmp_path / "restored", lambda: "another passphrase")
    restore(file, tmp_path / "restored", lambda: PASSPHRASE)


def test_nothing_is_restored_over_what_is_there(town: Town, tmp_path: Path) -> None:
    file = backup_of(town, tmp_path / "backup")
    with pytest.raises(UsageError, match=r"not empty|already"):
        restore(file, town.store.folder, lambda: PASSPHRASE)
    with pytest.raises(UsageError, match="is there already"):
        back_up(town.store, file, None, TAKEN_AT)


def test_a_backup_of_a_damaged_photo_fails_and_leaves_no_file(town: Town, tmp_path: Path) -> None:
    ((name, _), *_) = town.store.objects.names("photos")
    town.store.objects.delete(name)
    with pytest.raises(StoreError, match="not there"):
        back_up(town.store, tmp_path / "backup", None, TAKEN_AT)
    assert not list(tmp_path.glob("*backup*"))


def test_a_short_passphrase_is_refused(town: Town) -> None:
    with pytest.raises(UsageError, match="12 characters"):
        KeyBox.seal(town.store.folder, "short")


@pytest.mark.one_file
def test_settings_of_before_are_kept_beside_and_not_taken(town: Town, tmp_path: Path) -> None:
    (town.store.folder / "registrar.toml").write_text('names = "id_no"\n')
    done = restore(backup_of(town, tmp_path / "backup"), tmp_path / "new", lambda: PASSPHRASE)
    assert done.settings is not None
    assert done.settings.read_text() == 'names = "id_no"\n'
    assert not (tmp_path / "new" / "registrar.toml").exists()


@pytest.mark.one_file
def test_the_copy_is_of_one_moment_while_photos_come(town: Town, tmp_path: Path) -> None:
    with town.store.database.transaction() as db:
        db.exec_driver_sql("UPDATE record SET name = 'changed'")
        copies.copy_database(town.store.database, tmp_path / "copy")
    assert b"changed" not in (tmp_path / "copy").read_bytes()
