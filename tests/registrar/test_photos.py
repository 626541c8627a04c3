"""Where photos are kept: with their receipt or not at all, and unreadable on the disk."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.envelope import Envelope
from protocol.receipt import Receipt
from registrar.errors import StoreError
from registrar.intake import receive_envelope
from registrar.objects.folder import FolderObjects
from registrar.opening import open_held
from registrar.photos import ORPHANED
from registrar.serve import Server
from registrar.store import Store
from tests.town import TAKEN_AT, Town, picture, submission


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=3)


def receive(store: Store, town: Town, envelope: Envelope) -> Receipt:
    return receive_envelope(store, town.server.keys, envelope, TAKEN_AT)


def all_bytes(folder: Path) -> bytes:
    """Everything that lies in a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_photo_comes_back_as_it_came(town: Town) -> None:
    assert receive(town.store, town, town.envelope(1)).refused is None
    assert town.jpeg(submission(1)) == picture(1)
    assert town.jpeg(submission(2)) is None
    (held,) = town.store.photos.newest(10, 0)
    assert open_held(town.store, town.server.keys.vault, held) == picture(1)


def test_what_lies_on_the_disk_is_what_the_booth_sealed(town: Town) -> None:
    envelope = town.envelope(1)
    receive(town.store, town, envelope)
    assert town.store.photos.sealed(submission(1)) == envelope.sealed
    objects = town.store.objects
    held = all_bytes(town.store.folder) + b"".join(objects.get(name) for name, _ in objects.names())
    assert envelope.sealed in held
    assert picture(1)[100:164] not in held


def test_a_photo_that_was_damaged_on_the_disk_is_named(town: Town) -> None:
    receive(town.store, town, town.envelope(1))
    ((name, _),) = town.store.objects.names("photos")
    kept = town.store.objects.get(name)
    town.store.objects.delete(name)
    town.store.objects.put(name, kept[:-1] + b"?")
    with pytest.raises(StoreError, match=r"damaged.*from a copy"):
        town.store.photos.sealed(submission(1))


class Faulty(FolderObjects):
    """An object store whose disk is full."""

    def put(self, name: str, data: bytes) -> None:
        """Fail."""
        raise StoreError("the disk is full")


def test_a_photo_that_was_not_kept_gets_no_receipt_and_comes_again(town: Town) -> None:
    envelope = town.envelope(1)
    faulty = Store(town.store.folder, Faulty(town.store.folder / "objects"))
    with pytest.raises(StoreError, match="full"):
        receive(faulty, town, envelope)
    assert town.store.counts().photos == 0
    assert not isinstance(town.store.records.resolve("code-1"), str)
    assert receive(town.store, town, envelope).refused is None
    assert town.jpeg(submission(1)) == picture(1)


KILLED = """
import os, signal, sys
from pathlib import Path
from protocol.envelope import Envelope
from registrar.intake import receive_envelope
from registrar.keys import Keys
from registrar.objects.folder import FolderObjects
from registrar.store import Store
from tests.town import TAKEN_AT

data, envelope = Path(sys.argv[1]), Path(sys.argv[2])

class Killed(FolderObjects):
    def put(self, name, data):
        super().put(name, data)
        os.kill(os.getpid(), signal.SIGKILL)

store = Store(data, Killed(data / "objects"))
sent = Envelope.model_validate_json(envelope.read_bytes())
receive_envelope(store, Keys.of(store), sent, TAKEN_AT)
"""


def test_a_registrar_killed_between_photo_and_receipt_holds_neither(
    town: Town, tmp_path: Path, root: Path
) -> None:
    envelope = town.envelope(1)
    (tmp_path / "envelope.json").write_text(envelope.model_dump_json())
    words = [str(town.store.folder), str(tmp_path / "envelope.json")]
    done = subprocess.run([sys.executable, "-c", KILLED, *words], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    assert town.store.counts().photos == 0
    assert receive(town.store, town, envelope).refused is None
    assert town.jpeg(submission(1)) == picture(1)
    assert town.store.counts().photos == 1


def test_what_was_put_and_never_held_is_swept_later(town: Town) -> None:
    receive(town.store, town, town.envelope(1))
    town.store.objects.put("photos/aa/orphan-1", b"of who was killed")
    now = time.time()
    assert town.store.photos.sweep(now) == 0
    assert town.store.photos.sweep(now + ORPHANED + 1) == 1
    assert [name for name, _ in town.store.objects.names("photos") if "orphan" in name] == []
    assert town.jpeg(submission(1)) == picture(1)


def test_two_envelopes_of_one_id_never_take_each_others_place(town: Town) -> None:
    first, second = town.envelope(1), town.envelope(1)
    assert receive(town.store, town, first).refused is None
    assert receive(town.store, town, second).refused == "conflict"
    assert town.store.photos.sealed(submission(1)) == first.sealed
