"""The vault: what it opens and refuses is the same in this process and behind its socket."""

import hashlib
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from nacl.public import PrivateKey, SealedBox
from nacl.signing import SigningKey

from protocol.envelope import Envelope, Metadata, seal_photo
from registrar.errors import RegistrarError, StoreError
from registrar.key_files import make_key, renew_seal_key
from registrar.vault import Vault, server
from registrar.vault.client import VaultClient
from registrar.vault.frames import Deadline, receive, send
from registrar.vault.local import LocalVault
from registrar.vault.process import vault_beside
from registrar.vault.server import VaultServer, listen_at
from tests.test_light_imports import loaded_by
from tests.town import BOOTH, TAKEN_AT, picture, provenance, submission
from tests.tracing import needs_strace

BOOTH_KEY = SigningKey(b"b" * 32)
PRESENT, FORMER = PrivateKey(b"p" * 32), PrivateKey(b"f" * 32)
PHOTO = picture(1)
GENEROUS = 20.0
"""Seconds; what hangs ends in a failure."""


def metadata_of(photo: bytes, **changes: object) -> Metadata:
    usual = Metadata(
        submission_id=submission(1),
        record_id="record-1",
        taken_at=TAKEN_AT,
        booth_id=BOOTH,
        photo_sha256=hashlib.sha256(photo).digest(),
        rules={"one_face": 1.0},
        kiosk_version="0.1.0",
        provenance=provenance(photo, BOOTH_KEY),
    )
    return usual.model_copy(update=changes)


def sealed(photo: bytes = PHOTO, to: PrivateKey = PRESENT, **changes: object) -> Envelope:
    return seal_photo(metadata_of(photo, **changes), photo, to.public_key, BOOTH_KEY)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a vault in a thread."""
    path = tmp_path_factory.mktemp("vault") / "socket"
    serving = VaultServer(listen_at(path), LocalVault(PRESENT, FORMER))
    thread = threading.Thread(target=serving.serve)
    thread.start()
    yield path
    serving.close()
    thread.join()


@pytest.fixture(params=["in this process", "behind its socket"])
def vault(request: pytest.FixtureRequest, path: Path) -> Iterator[Vault]:
    if request.param == "in this process":
        yield LocalVault(PRESENT, FORMER)
    else:
        with closing(VaultClient(path, GENEROUS)) as client:
            yield client


def test_a_photo_that_its_booth_vouches_for_is_told_by_its_metadata(vault: Vault) -> None:
    assert vault.check(sealed(), BOOTH_KEY.verify_key) == metadata_of(PHOTO)


def test_what_was_sealed_is_opened_byte_for_byte(vault: Vault) -> None:
    assert vault.photo(sealed().sealed) == (metadata_of(PHOTO), PHOTO)


def test_what_was_sealed_to_a_former_key_is_opened_too(vault: Vault) -> None:
    assert vault.public_key == PRESENT.public_key
    assert vault.former_keys == (FORMER.public_key,)
    envelope = sealed(to=FORMER)
    assert vault.check(envelope, BOOTH_KEY.verify_key) == metadata_of(PHOTO)
    assert vault.photo(envelope.sealed)[1] == PHOTO


@pytest.mark.parametrize(
    ("envelope", "refused"),
    [
        (sealed(to=PrivateKey(b"x" * 32)), "sealed_elsewhere"),
        (sealed().model_copy(update={"sealed": b""}), "sealed_elsewhere"),
        (sealed().model_copy(update={"submission_id": submission(2)}), "unreadable"),
        (sealed().model_copy(update={"booth_id": "booth-2"}), "unreadable"),
        (sealed(b"text"), "no_photo"),
        (sealed(PHOTO[:-300]), "no_photo"),
        (sealed(provenance=provenance(picture(2), BOOTH_KEY)), "provenance"),
        (sealed(provenance=provenance(PHOTO, SigningKey(b"x" * 32))), "provenance"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_photo_of_its_booths_is_refused_with_the_reason(
    vault: Vault, envelope: Envelope, refused: str
) -> None:
    assert vault.check(envelope, BOOTH_KEY.verify_key) == refused


@pytest.mark.parametrize("spoiled", [b"", b"x" * 500, sealed(to=PrivateKey(b"x" * 32)).sealed])
def test_what_no_key_opens_is_named_with_the_way_out(vault: Vault, spoiled: bytes) -> None:
    with pytest.raises(StoreError, match="from a copy"):
        vault.photo(spoiled)


def test_what_is_sealed_without_metadata_is_named(vault: Vault) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        vault.photo(SealedBox(PRESENT.public_key).encrypt(b"{}\nphoto"))


def test_many_ask_at_once_and_each_gets_its_own_answer(path: Path) -> None:
    photos = [picture(number) for number in range(12)]
    with closing(VaultClient(path, GENEROUS)) as client, ThreadPoolExecutor(12) as pool:
        opened = pool.map(lambda photo: client.photo(sealed(photo).sealed)[1], photos)
        assert list(opened) == photos


class Clogged:
    """A vault that answers when it is let."""

    public_key, former_keys = PRESENT.public_key, ()

    def __init__(self) -> None:
        self.let = threading.Event()

    def check(self, envelope: Envelope, booth_key: object) -> Metadata:
        self.let.wait(GENEROUS)
        return metadata_of(PHOTO)

    def photo(self, sealed: bytes) -> tuple[Metadata, bytes]:
        raise ZeroDivisionError("of whom nobody may hear: 林小雨")


@pytest.fixture
def clogged(tmp_path: Path) -> Iterator[tuple[Clogged, Path]]:
    vault = Clogged()
    serving = VaultServer(listen_at(tmp_path / "socket"), vault)
    thread = threading.Thread(target=serving.serve)
    thread.start()
    yield vault, tmp_path / "socket"
    vault.let.set()
    serving.close()
    thread.join()


def test_a_vault_that_is_slow_is_named_and_its_late_answer_is_nobodys(
    clogged: tuple[Clogged, Path],
) -> None:
    vault, path = clogged
    with closing(VaultClient(path, patience=0.2)) as client:
        with pytest.raises(StoreError, match="vault has not answered in"):
            client.check(sealed(), BOOTH_KEY.verify_key)
        vault.let.set()
        assert client.public_key == PRESENT.public_key


def test_what_fails_in_the_vault_says_nothing_of_the_photo(
    clogged: tuple[Clogged, Path], caplog: pytest.LogCaptureFixture
) -> None:
    with closing(VaultClient(clogged[1], GENEROUS)) as client:
        with pytest.raises(StoreError, match="cannot be opened"):
            client.photo(b"")
        assert client.public_key == PRESENT.public_key  # and it goes on
    assert "ZeroDivisionError" in caplog.text
    assert "林小雨" not in caplog.text


def test_a_vault_that_is_not_there_is_named(tmp_path: Path) -> None:
    client = VaultClient(tmp_path / "socket", GENEROUS)
    with pytest.raises(StoreError, match=r"socket: the vault does not answer .*registrar vault"):
        client.check(sealed(), BOOTH_KEY.verify_key)


@pytest.mark.parametrize(
    "rubbish", [b"", b"\0\0\0\0", b"\0\0\0\1z", b"\xff\xff\xff\xff", b"\0\0\0\5c", b"\0\0\0\4cabc"]
)
def test_rubbish_on_the_socket_harms_nobody_else(path: Path, rubbish: bytes) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as stranger:
        stranger.connect(str(path))
        stranger.sendall(rubbish)
        stranger.shutdown(socket.SHUT_WR)
        stranger.settimeout(GENEROUS)
        while stranger.recv(1000):
            pass
    with closing(VaultClient(path, GENEROUS)) as client:
        assert client.photo(sealed().sealed)[1] == PHOTO


def test_who_connects_and_says_nothing_is_let_go(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "IDLE_SECONDS", 0.1)
    with closing(VaultClient(path, GENEROUS)) as client:
        client.photo(sealed().sealed)
        with closing(socket.socket(socket.AF_UNIX)) as stranger:
            stranger.connect(str(path))
            stranger.settimeout(GENEROUS)
            assert stranger.recv(1) == b""
        assert client.photo(sealed().sealed)[1] == PHOTO  # over a connection that it makes anew


def test_only_its_owner_reaches_a_vault(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_frame_that_stops_halfway_ends_within_the_deadline() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.sendall((100).to_bytes(4, "big") + b"half")
        with pytest.raises(TimeoutError):
            receive(other, Deadline(0.05))
        with pytest.raises(TimeoutError):  # nobody takes it
            send(one, [bytes(7_000_000)], Deadline(0.05))


# ---- as a process of its own ----


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with a seal key and a former one."""
    folder = tmp_path / "keys"
    folder.mkdir()
    make_key(folder / "seal.key", bytes(PRESENT))
    make_key(folder / "seal.1.key", bytes(FORMER))
    return folder


def child_of_this_process() -> int:
    """The process that this one has started, once there is one."""
    until = time.monotonic() + GENEROUS
    while time.monotonic() < until:
        threads = Path("/proc/self/task").glob("*/children")
        if children := [child for thread in threads for child in thread.read_text().split()]:
            return int(children[0])
        time.sleep(0.01)
    raise TimeoutError


def test_a_vault_killed_at_work_is_started_anew_and_no_question_is_lost(keys: Path) -> None:
    with vault_beside(keys) as vault:
        assert vault.former_keys == (FORMER.public_key,)
        for _ in range(2):
            os.kill(child_of_this_process(), signal.SIGKILL)
            assert vault.check(sealed(), BOOTH_KEY.verify_key) == metadata_of(PHOTO)


def test_a_vault_without_its_key_does_not_start(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RegistrarError, match="did not start"), vault_beside(tmp_path):
        pass
    assert "seal.key: is missing; bring it back from a copy" in capfd.readouterr().err


def test_a_vault_ends_with_the_process_whose_child_it_is(keys: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from registrar.vault.process import vault_beside
with vault_beside(Path({str(keys)!r})):
    print(Path(f"/proc/self/task/{{os.getpid()}}/children").read_text(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    vault = Path("/proc") / done.stdout.strip()
    until = time.monotonic() + GENEROUS
    while vault.exists() and "Z" not in (vault / "stat").read_text() and time.monotonic() < until:
        time.sleep(0.01)
    assert done.returncode == -signal.SIGKILL
    assert not vault.exists() or "Z" in (vault / "stat").read_text()


def test_a_vault_has_no_way_to_another_machine() -> None:
    ways = {
        "asyncio",
        "boto3",
        "http.client",
        "psycopg",
        "requests",
        "sqlalchemy",
        "ssl",
        "uvicorn",
    }
    code = "import registrar.vault.server, registrar.vault.local, registrar.commands.vault"
    assert not loaded_by(f"{code}, registrar.cli") & ways


@needs_strace
def test_a_vault_makes_no_socket_but_its_own(keys: Path, tmp_path: Path) -> None:
    path, log = tmp_path / "socket", tmp_path / "trace"
    command = "import sys; from registrar.cli import main; sys.exit(main())"
    words = ["vault", "--data", str(keys), "--socket", str(path)]
    traced = ["strace", "-f", "-qq", "-o", str(log), "-e", "trace=socket,connect"]
    with subprocess.Popen(
        [*traced, sys.executable, "-c", command, *words], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        said = running.stdout.readline()
        assert "2 seal key(s)" in said
        with closing(VaultClient(path, GENEROUS)) as client:
            assert client.check(sealed(), BOOTH_KEY.verify_key) == metadata_of(PHOTO)
        os.kill(int(Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text()), 15)
    calls = [line for line in log.read_text().splitlines() if "socket(" in line]
    assert calls
    assert all("AF_UNIX" in call for call in calls)
    assert "connect(" not in log.read_text()


def test_a_renewed_key_leaves_the_one_before_to_open_what_was_sealed_to_it(keys: Path) -> None:
    former = renew_seal_key(keys)
    assert former == keys / "seal.2.key"
    assert stat.S_IMODE((keys / "seal.key").stat().st_mode) == 0o600
    with vault_beside(keys) as vault:
        assert vault.former_keys == (PRESENT.public_key, FORMER.public_key)
        assert vault.photo(sealed().sealed)[1] == PHOTO
