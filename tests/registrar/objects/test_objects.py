"""Objects are kept whole, once and unchanged, the same in a folder and behind the S3 protocol."""

import io
import os
import signal
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from registrar.errors import StoreError
from registrar.objects import NoSuchObject, ObjectStore, open_objects
from registrar.objects.folder import FolderObjects
from registrar.settings import ObjectSettings
from tests.disks import remount
from tests.test_light_imports import loaded_by

SERVER = os.environ.get("REGISTRAR_TEST_S3")
ACCESS_KEY, SECRET_KEY = "registrar", "registrar-secret"

needs_s3 = pytest.mark.skipif(SERVER is None, reason="no S3 server: make test-scale starts one")


def settings_of(folder: Path, endpoint: str, bucket: str) -> ObjectSettings:
    secret = folder / "secret"
    secret.write_text(f"{SECRET_KEY}\n")
    return ObjectSettings(
        endpoint=endpoint, bucket=bucket, access_key=ACCESS_KEY, secret_key_file=secret
    )


def make_bucket(folder: Path) -> ObjectSettings:
    """A bucket of the server that tests are told of, and the settings that name it."""
    import boto3

    assert SERVER is not None
    settings = settings_of(folder, SERVER, f"test-{uuid.uuid4().hex}")
    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}
    client = boto3.client("s3", endpoint_url=SERVER, region_name="us-east-1", **keys)
    client.create_bucket(Bucket=settings.bucket)
    return settings


@pytest.fixture(params=["folder", pytest.param("s3", marks=needs_s3)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, ObjectSettings | None]:
    """What `open_objects` is given: a folder, or a bucket that was made."""
    return tmp_path, None if request.param == "folder" else make_bucket(tmp_path)


@pytest.fixture
def objects(opened: tuple[Path, ObjectSettings | None]) -> ObjectStore:
    return open_objects(*opened)


def names(objects: ObjectStore, prefix: str = "") -> list[str]:
    return sorted(name for name, _ in objects.names(prefix))


@pytest.mark.parametrize("data", [b"", b"one", bytes(range(256)) * 4000], ids=len)
def test_what_is_put_is_got_byte_for_byte(objects: ObjectStore, data: bytes) -> None:
    objects.put("photos/ab/one", data)
    assert objects.get("photos/ab/one") == data
    assert objects.size("photos/ab/one") == len(data)


def test_a_part_is_got_by_itself(objects: ObjectStore) -> None:
    objects.put("base", b"0123456789")
    assert objects.get_range("base", 2, 3) == b"234"
    assert objects.get_range("base", 8, 100) == b"89"
    assert objects.get_range("base", 10, 5) == b""
    assert objects.get_range("base", 0, 0) == b""


def test_the_same_bytes_may_come_again_but_no_others_take_their_place(objects: ObjectStore) -> None:
    objects.put("a", b"first")
    objects.put("a", b"first")
    objects.put_file("a", io.BytesIO(b"first"))
    for other in (b"second", b"firs", b"first!"):
        with pytest.raises(StoreError, match="with other bytes"):
            objects.put("a", other)
        with pytest.raises(StoreError, match="with other bytes"):
            objects.put_file("a", io.BytesIO(other))
    assert objects.get("a") == b"first"


def test_what_is_not_there_is_told_from_what_cannot_be_read(objects: ObjectStore) -> None:
    for ask in (objects.get, objects.size, lambda name: objects.get_range(name, 0, 1)):
        with pytest.raises(NoSuchObject, match="photos/ab/none"):
            ask("photos/ab/none")


def test_what_is_deleted_is_gone_and_may_be_deleted_again(objects: ObjectStore) -> None:
    objects.put("a", b"one")
    objects.delete("a")
    objects.delete("a")
    objects.delete("folder/none")
    assert names(objects) == []
    objects.put("a", b"two")
    assert objects.get("a") == b"two"


def test_objects_are_listed_by_what_their_names_begin_with(objects: ObjectStore) -> None:
    put = ["photos/aa/1-x", "photos/ab/2", "photos/ab/3", "photos-old", "roster/10000/1"]
    for name in put:
        objects.put(name, name.encode())
    assert names(objects) == sorted(put)
    assert names(objects, "photos/") == put[:3]
    assert names(objects, "photos") == sorted(put[:4])
    assert names(objects, "photos/ab/") == put[1:3]
    assert names(objects, "photos/aa/1") == put[:1]
    assert names(objects, "nothing/") == []


def test_objects_are_listed_with_when_they_were_made(objects: ObjectStore) -> None:
    objects.put("a", b"one")
    objects.put("b", b"two")
    made = dict(objects.names())
    assert abs(made["a"] - made["b"]) < 3600
    assert made["a"] > 1_700_000_000  # seconds since 1970


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "..", "a/../b", "../a", "a/..", "./a", "a//b", "a/", "A", "a b", "a\nb",
     ".hidden", "photos/.hidden", "名", "a\\b", "a\0b", "x" * 256],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(objects: ObjectStore, name: str) -> None:
    for ask in (objects.get, objects.size, objects.delete, lambda name: objects.put(name, b"")):
        with pytest.raises(StoreError, match="no object has such a name"):
            ask(name)


def test_many_put_the_same_at_once_and_all_find_it_kept(objects: ObjectStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: objects.put("photos/ab/same", b"same" * 10_000), range(8)))
    assert objects.get("photos/ab/same") == b"same" * 10_000


def test_of_many_that_put_other_bytes_at_once_one_is_kept_whole(objects: ObjectStore) -> None:
    together = threading.Barrier(8)

    def put(number: int) -> None:
        together.wait()
        with suppress(StoreError):
            objects.put("photos/ab/one", bytes([number]) * 10_000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(8)))
    kept = objects.get("photos/ab/one")
    assert kept in [bytes([number]) * 10_000 for number in range(8)]


def test_a_file_of_many_megabytes_is_kept_as_it_is(objects: ObjectStore) -> None:
    data = os.urandom(1_000_000) * 20
    file = io.BytesIO(data)
    file.seek(5)
    objects.put_file("roster/base", file)
    assert objects.size("roster/base") == len(data)
    assert objects.get("roster/base") == data
    assert not file.closed


KILLED = """
import io, os, signal, sys
from pathlib import Path
from registrar.objects import open_objects
from registrar.settings import ObjectSettings

class Dying(io.BytesIO):
    times = 0
    def read(self, *size):
        self.times += 1
        if self.times == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(*size)

settings = ObjectSettings.model_validate_json(sys.argv[2]) if sys.argv[2] else None
open_objects(Path(sys.argv[1]), settings).put_file("photos/ab/half", Dying(bytes(20_000_000)))
"""


def test_a_process_killed_in_the_middle_leaves_nothing_under_the_name(
    opened: tuple[Path, ObjectSettings | None], objects: ObjectStore
) -> None:
    folder, settings = opened
    words = [str(folder), "" if settings is None else settings.model_dump_json()]
    done = subprocess.run([sys.executable, "-c", KILLED, *words], check=False)
    assert done.returncode == -signal.SIGKILL
    assert names(objects) == []
    objects.put("photos/ab/half", b"whole")
    assert objects.get("photos/ab/half") == b"whole"


# ---- a folder ----


KILLED_WHILE_IT_SYNCS = """
import os, signal, sys
from pathlib import Path
from registrar.objects.folder import FolderObjects
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
FolderObjects(Path(sys.argv[1])).put("photos/ab/half", b"half" * 1000)
"""


def test_a_process_killed_while_the_disk_syncs_leaves_no_file_at_all(tmp_path: Path) -> None:
    (tmp_path / "photos" / "ab").mkdir(parents=True)
    done = subprocess.run([sys.executable, "-c", KILLED_WHILE_IT_SYNCS, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not list((tmp_path / "photos" / "ab").iterdir())


def test_only_the_owner_reads_objects(tmp_path: Path) -> None:
    FolderObjects(tmp_path / "objects").put("photos/ab/one", b"one")
    paths = [tmp_path / "objects", *(tmp_path / "objects").rglob("*")]
    assert {path.stat().st_mode & 0o077 for path in paths} == {0}


def test_a_full_disk_is_named_and_nothing_half_is_left(card: Path) -> None:
    objects = FolderObjects(card / "objects")
    objects.put("photos/ab/one", b"one")
    remount(card, "size=1m")
    with pytest.raises(StoreError, match=r"photos/ab/two.*No space left on device"):
        objects.put("photos/ab/two", bytes(3_000_000))
    assert names(objects) == ["photos/ab/one"]
    assert objects.get("photos/ab/one") == b"one"


def test_a_disk_that_turned_read_only_is_named(card: Path) -> None:
    objects = FolderObjects(card / "objects")
    objects.put("photos/ab/one", b"one")
    remount(card, "ro")
    with pytest.raises(StoreError, match="Read-only file system"):
        objects.put("photos/ab/two", b"")
    with pytest.raises(StoreError, match="Read-only file system"):
        objects.delete("photos/ab/one")
    assert objects.get("photos/ab/one") == b"one"


def test_what_a_disk_keeps_otherwise_than_it_came_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(io.FileIO):
        def write(self, data: Any) -> int:
            super().write(bytes(len(data)))
            return len(data)

    path = tmp_path / "spoiled"
    monkeypatch.setattr(
        "registrar.objects.folder.make_nameless", lambda *_, **__: Forgetful(path, "w+")
    )
    objects = FolderObjects(tmp_path / "objects")
    with pytest.raises(StoreError, match="was not kept as it came"):
        objects.put("photos/ab/one", b"one")
    assert names(objects) == []


# ---- behind the S3 protocol ----


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    objects = open_objects(tmp_path, settings_of(tmp_path, "http://127.0.0.1:9", "photos"))
    with pytest.raises(StoreError, match=r"photos/a: the object store does not answer"):
        objects.put("a", b"one")


@needs_s3
def test_more_than_one_page_of_names_is_listed(tmp_path: Path) -> None:
    objects = open_objects(tmp_path, make_bucket(tmp_path))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: objects.put(f"many/{number:04}", b""), range(1001)))
    assert len(names(objects, "many/")) == 1001


@needs_s3
def test_a_wrong_key_is_named(tmp_path: Path) -> None:
    settings = make_bucket(tmp_path)
    settings.secret_key_file.write_text("another")
    with pytest.raises(StoreError, match=r"refuses \(SignatureDoesNotMatch\); check \[objects\]"):
        open_objects(tmp_path, settings).put("a", b"one")


def test_what_a_server_keeps_otherwise_than_it_came_is_found() -> None:
    from registrar.objects.s3 import S3Objects

    class Forgetful:
        def put_object(self, **_: object) -> dict[str, str]:
            return {}  # an older server, which knows no checksums

        def get_object(self, **_: object) -> dict[str, io.BytesIO]:
            return {"Body": io.BytesIO(b"other")}

    with pytest.raises(StoreError, match="with other bytes"):
        S3Objects(Forgetful(), "photos").put("a", b"one")
    S3Objects(Forgetful(), "photos").put("a", b"other")


def test_a_folder_loads_nothing_of_s3() -> None:
    code = "from registrar.objects import open_objects; from pathlib import Path"
    assert not loaded_by(f"{code}; open_objects(Path('.'), None)") & {"boto3", "botocore"}
