"""Where photos are kept: in the database or elsewhere, a photo and its receipt are held as one."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from durable import write_whole
from protocol.envelope import Envelope
from protocol.receipt import Receipt
from registrar.errors import StoreError
from registrar.export import export_photos
from registrar.intake import receive_envelope
from registrar.photos import PhotosInDatabase, PhotoStore
from registrar.serve import Server
from registrar.store import Store
from tests.town import TAKEN_AT, Town, picture, submission


class PhotosInFolder:
    """Photos as files in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)

    def put(self, db: sqlite3.Connection, submission_id: UUID, jpeg: bytes) -> None:
        """Write the photo into a file."""
        try:
            write_whole(self._folder / f"{submission_id}.jpg", jpeg)
        except OSError as error:
            raise StoreError(f"{error.filename}: cannot be written ({error.strerror})") from error

    def get(self, db: sqlite3.Connection, submission_id: UUID) -> bytes:
        """Read the photo's file."""
        try:
            return (self._folder / f"{submission_id}.jpg").read_bytes()
        except OSError as error:
            raise StoreError(f"{error.filename}: cannot be read ({error.strerror})") from error


STORAGES: dict[str, Callable[[Path], PhotoStore]] = {
    "database": lambda folder: PhotosInDatabase(),
    "folder": lambda folder: PhotosInFolder(folder / "photos"),
}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=3)


@pytest.fixture(params=STORAGES)
def storage(request: pytest.FixtureRequest) -> str:
    name = request.param
    assert isinstance(name, str)
    return name


def open_store(town: Town, storage: str) -> Store:
    """The town's data folder, with its photos in another storage."""
    return Store(town.store.folder, STORAGES[storage](town.store.folder))


def receive(store: Store, town: Town, envelope: Envelope) -> Receipt:
    return receive_envelope(store, town.server.keys, envelope, TAKEN_AT)


def test_a_photo_comes_back_as_it_came(town: Town, storage: str, tmp_path: Path) -> None:
    store = open_store(town, storage)
    assert receive(store, town, town.envelope(1)).refused is None
    assert store.jpeg(submission(1)) == picture(1)
    assert store.jpeg(submission(2)) is None
    assert [jpeg for _, jpeg in store.last_photos()] == [picture(1)]
    export_photos(store, tmp_path / "out", lambda: None)
    assert (tmp_path / "out" / "2022000001.jpg").read_bytes() == picture(1)


def test_photos_elsewhere_are_not_in_the_database(town: Town) -> None:
    receive(open_store(town, "folder"), town, town.envelope(1))
    assert town.store.jpeg(submission(1)) == b""
    assert picture(1) not in (town.store.folder / "registrar.sqlite").read_bytes()


class Faulty:
    """A storage that fails: it does not write, or it gives back something else."""

    def __init__(self, inner: PhotoStore, fault: str) -> None:
        self._inner, self._fault = inner, fault

    def put(self, db: sqlite3.Connection, submission_id: UUID, jpeg: bytes) -> None:
        """Keep the photo, or fail."""
        if self._fault == "full":
            raise StoreError("the disk is full")
        self._inner.put(db, submission_id, jpeg)

    def get(self, db: sqlite3.Connection, submission_id: UUID) -> bytes:
        """Read the photo, one byte short."""
        return self._inner.get(db, submission_id)[:-1]


@pytest.mark.parametrize("fault", ["full", "short"])
def test_a_photo_that_was_not_kept_gets_no_receipt_and_comes_again(
    town: Town, storage: str, fault: str
) -> None:
    envelope = town.envelope(1)
    faulty = Store(town.store.folder, Faulty(STORAGES[storage](town.store.folder), fault))
    with pytest.raises(StoreError, match=r"full|was not kept as it came"):
        receive(faulty, town, envelope)
    store = open_store(town, storage)
    assert store.counts().photos == 0
    assert store.jpeg(submission(1)) is None
    assert not isinstance(store.resolve("code-1"), str)
    assert receive(store, town, envelope).refused is None
    assert store.jpeg(submission(1)) == picture(1)


KILLED = """
import os, signal, sys
from pathlib import Path
from protocol.envelope import Envelope
from registrar.intake import receive_envelope
from registrar.keys import Keys
from registrar.store import Store
from tests.registrar.test_photos import STORAGES
from tests.town import TAKEN_AT

data, storage, envelope = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])

class Killed:
    def __init__(self, inner):
        self.put, self._inner = inner.put, inner

    def get(self, db, submission_id):
        os.kill(os.getpid(), signal.SIGKILL)

store = Store(data, Killed(STORAGES[storage](data)))
sent = Envelope.model_validate_json(envelope.read_bytes())
receive_envelope(store, Keys.of(data), sent, TAKEN_AT)
"""


def test_a_registrar_killed_between_photo_and_receipt_holds_neither(
    town: Town, storage: str, tmp_path: Path, root: Path
) -> None:
    envelope = town.envelope(1)
    (tmp_path / "envelope.json").write_text(envelope.model_dump_json())
    words = [str(town.store.folder), storage, str(tmp_path / "envelope.json")]
    done = subprocess.run([sys.executable, "-c", KILLED, *words], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    store = open_store(town, storage)
    assert store.counts().photos == 0
    assert store.jpeg(submission(1)) is None
    assert receive(store, town, envelope).refused is None
    assert store.jpeg(submission(1)) == picture(1)
    assert store.counts().photos == 1
