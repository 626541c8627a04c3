"""The registrar's commands, as staff type them."""

import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

import durable
from kiosk.sync.client import RegistrarClient
from kiosk.sync.errors import Unreachable
from kiosk.sync.keys import read_signing_key, verify_key_text
from registrar.cli import main
from registrar.keys import Keys
from registrar.store import Store
from tests.registrar.test_roster import HEADER, ROW, written
from tests.town import question, record

Output = pytest.CaptureFixture[str]


def run(*words: object, data: Path) -> int:
    head, tail = (
        ([words[0]], words[1:]) if words[0] in ("serve", "export") else (words[:2], words[2:])
    )
    return main([*map(str, head), "--data", str(data), *map(str, tail)])


def test_a_new_booth_gets_a_key_and_what_its_configuration_needs(
    tmp_path: Path, capsys: Output
) -> None:
    key_file = tmp_path / "booth-1.signing.key"
    assert run("booth", "add", "booth-1", "--signing-key-file", key_file, data=tmp_path / "d") == 0
    sync = tomllib.loads(capsys.readouterr().out)["sync"]
    assert sync["booth_id"] == "booth-1"
    assert sync["signing_key_file"] == key_file.name
    assert Store(tmp_path / "d").booths.served() == {
        "booth-1": read_signing_key(key_file).verify_key
    }
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_a_booth_may_be_one_institutions(tmp_path: Path) -> None:
    key = ("--signing-key-file", tmp_path / "k", "--institution", "10001")
    assert run("booth", "add", "a", *key, data=tmp_path / "d") == 0
    assert Store(tmp_path / "d").booths.institutions() == {"a": "10001"}


def test_a_booth_with_a_key_of_its_own_keeps_it(tmp_path: Path, capsys: Output) -> None:
    run("booth", "add", "a", "--signing-key-file", tmp_path / "k", data=tmp_path / "one")
    key = verify_key_text(read_signing_key(tmp_path / "k").verify_key)
    capsys.readouterr()
    assert run("booth", "add", "a", "--key", key, data=tmp_path / "two") == 0
    assert "signing_key_file" not in tomllib.loads(capsys.readouterr().out)["sync"]
    assert run("booth", "list", data=tmp_path / "two") == 0
    assert capsys.readouterr().out == f"a\t{key}\n"


def test_a_key_on_a_stick_is_written_and_whoever_holds_the_stick_is_told_of(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "d"
    run("booth", "add", "booth-1", "--signing-key-file", tmp_path / "k1", data=data)
    assert "permissions" not in capsys.readouterr().err

    def write(path: Path, content: bytes) -> None:  # as a stick shows every file
        path.write_bytes(content)
        path.chmod(0o755)

    monkeypatch.setattr(durable, "write_new", write)
    assert run("booth", "add", "booth-2", "--signing-key-file", tmp_path / "k2", data=data) == 0
    said = capsys.readouterr().err
    assert "k2: its file system keeps no permissions" in said
    assert "chmod 600 k2" in said


def test_a_registrar_without_its_key_does_not_start(tmp_path: Path, capsys: Output) -> None:
    data = tmp_path / "d"
    run("booth", "add", "a", "--signing-key-file", tmp_path / "k", data=data)
    (data / "seal.key").unlink()
    for words in (("serve", "--port", "0"), ("booth", "add", "b", "--url", "http://127.0.0.1/")):
        assert run(*words, data=data) == 1
        assert "seal.key: is missing" in capsys.readouterr().err


def test_former_keys_are_listed_and_accepted(tmp_path: Path, capsys: Output) -> None:
    data = tmp_path / "d"
    run("booth", "add", "a", "--signing-key-file", tmp_path / "k", data=data)
    run("booth", "remove", "a", data=data)
    assert run("booth", "accept", "a", data=data) == 0
    assert run("booth", "accept", "b", data=data) == 2
    capsys.readouterr()
    run("booth", "list", data=data)
    assert capsys.readouterr().out.endswith("\tformer key, accepted\n")


def test_what_an_import_mends_is_told(tmp_path: Path, capsys: Output) -> None:
    path = written(tmp_path, HEADER, ROW.replace("10000", "１００００"))
    assert run("roster", "import", path, data=tmp_path / "d") == 0
    said = capsys.readouterr()
    assert "mended 1 fields" in said.err
    assert "1 new" in said.out


@pytest.mark.parametrize("words", [("--key", "nonsense"), ("--key", "")])
def test_a_wrong_key_is_wrong_use(tmp_path: Path, capsys: Output, words: tuple[str, ...]) -> None:
    assert run("booth", "add", "a", *words, data=tmp_path) == 2
    assert "--key: is no key" in capsys.readouterr().err


def test_a_booth_is_not_enrolled_twice_and_its_key_file_not_overwritten(
    tmp_path: Path, capsys: Output
) -> None:
    key_file = tmp_path / "k"
    run("booth", "add", "a", "--signing-key-file", key_file, data=tmp_path / "d")
    key = key_file.read_bytes()
    assert run("booth", "add", "a", "--signing-key-file", tmp_path / "l", data=tmp_path / "d") == 2
    assert run("booth", "add", "b", "--signing-key-file", key_file, data=tmp_path / "d") == 2
    assert key_file.read_bytes() == key
    assert not (tmp_path / "l").exists()
    assert run("booth", "remove", "a", data=tmp_path / "d") == 0
    assert run("booth", "remove", "a", data=tmp_path / "d") == 2
    capsys.readouterr()


def test_a_roster_is_imported_and_listed(tmp_path: Path, capsys: Output) -> None:
    path = written(tmp_path, HEADER, ROW)
    assert run("roster", "import", path, data=tmp_path / "d") == 0
    assert "1 new" in capsys.readouterr().out
    assert run("roster", "list", data=tmp_path / "d") == 0
    assert "林小雨" in capsys.readouterr().out


def test_what_a_column_is_called_is_remembered_by_whose_list_it_is(
    tmp_path: Path, capsys: Output
) -> None:
    path, data = written(tmp_path, HEADER.replace("record_id", "编号"), ROW), tmp_path / "d"
    assert run("roster", "import", path, data=data) == 2
    told = ("--institution", "10000", "--column", "编号=record_id")
    assert run("roster", "import", path, *told, "--dry-run", data=data) == 0
    assert run("roster", "import", path, "--institution", "10000", data=data) == 2
    assert run("roster", "import", path, *told, data=data) == 0
    capsys.readouterr()
    assert run("roster", "import", path, "--institution", "10000", data=data) == 0
    assert "as they were told: 编号 is record_id" in capsys.readouterr().err
    assert run("roster", "import", path, data=data) == 2  # of whoever imports for all
    assert run("roster", "import", path, "--column", "学号=name", data=data) == 2
    assert "is what student_no is called anyway" in capsys.readouterr().err


def test_a_roster_is_tried_first_and_imported_in_part_if_one_says_so(
    tmp_path: Path, capsys: Output
) -> None:
    path = written(tmp_path, HEADER, ROW, ROW.replace("林小雨", " "))
    data = tmp_path / "d"
    assert run("roster", "import", path, "--dry-run", data=data) == 1
    told = capsys.readouterr()
    assert "roster.csv:3: name is empty" in told.err
    assert "would be 1 new, 0 changed, 0 as before, 1 would be left out" in told.out
    assert Store(data).counts().records == 0
    assert run("roster", "import", path, "--partial", data=data) == 1
    assert "1 new, 0 changed, 0 as before, 1 left out" in capsys.readouterr().out
    assert Store(data).counts().records == 1


def test_a_wrong_roster_ends_in_one_line_and_status_2(tmp_path: Path, capsys: Output) -> None:
    path = written(tmp_path, HEADER, "a,b")
    assert run("roster", "import", path, data=tmp_path / "d") == 2
    error = capsys.readouterr().err
    assert "roster.csv:2" in error
    assert error.count("\n") == 1


def test_an_empty_registrar_exports_an_empty_list(tmp_path: Path, capsys: Output) -> None:
    assert run("export", tmp_path / "out", data=tmp_path / "d") == 0
    assert "0 photos" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [("--host", "0.0.0.0"), ("--certificate", "x.pem")],
    ids=["open to all", "half a certificate"],
)
def test_serving_faces_to_the_network_by_accident_is_wrong_use(
    tmp_path: Path, capsys: Output, words: tuple[str, ...]
) -> None:
    assert run("serve", *words, data=tmp_path) == 2
    assert capsys.readouterr().err.startswith("registrar: ")


def test_a_certificate_that_is_none_is_wrong_use(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "x.pem").write_text("nothing")
    files = ("--certificate", tmp_path / "x.pem", "--certificate-key", tmp_path / "x.pem")
    assert run("serve", "--port", "0", *files, data=tmp_path / "d") == 2
    assert "x.pem" in capsys.readouterr().err


def test_a_port_in_use_is_a_clear_error(tmp_path: Path, capsys: Output) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run("serve", "--port", port, data=tmp_path) == 1
    assert f"port {port}: cannot be taken" in capsys.readouterr().err


@contextmanager
def serving(*words: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `registrar serve` as a process of its own, and give it with its address."""
    command = "import sys; from registrar.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", command, "serve", "--port", "0", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as registrar:
        assert registrar.stdout is not None
        try:
            yield registrar, registrar.stdout.readline().split("serves ")[1].split(" ")[0]
        finally:
            registrar.kill()


def test_serve_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with serving("--data", tmp_path / "d") as (registrar, url):
        assert requests.get(url, timeout=10).status_code == 200
        registrar.send_signal(signal.SIGTERM)
        _, errors = registrar.communicate(timeout=20)
    assert errors == ""
    assert registrar.returncode in (0, -signal.SIGTERM)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_booth_reaches_the_registrar_over_tls_if_it_trusts_the_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    request = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        f" -subj /CN=registrar -addext subjectAltName=IP:127.0.0.1 -out {certificate} -keyout {key}"
    )
    subprocess.run(shlex.split(request), check=True, capture_output=True)
    data = tmp_path / "d"
    run("booth", "add", "a", "--signing-key-file", tmp_path / "signing.key", data=data)
    signing_key, keys = read_signing_key(tmp_path / "signing.key"), Keys.of(Store(data))
    Store(data).records.import_records([record(1)])
    files = ("--certificate", certificate, "--certificate-key", key)
    with serving("--data", data, *files) as (_, url):
        assert url.startswith("https://")
        client = RegistrarClient(url, "a", signing_key, keys.signing_key.verify_key)
        with client, pytest.raises(Unreachable, match="certificate is not trusted"):
            client.resolve(question("code-1"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with RegistrarClient(url, "a", signing_key, keys.signing_key.verify_key) as client:
            assert not isinstance(client.resolve(question("code-1")), str)
