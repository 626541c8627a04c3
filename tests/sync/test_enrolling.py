"""A booth enrols itself by a code, and what staff wrote into its configuration stays."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk.commands.main import main
from kiosk.config import load
from kiosk.errors import UsageError
from kiosk.sync.enrolling import enrol
from kiosk.sync.enrolment import open_client
from kiosk.sync.errors import Forged, NotEnrolled, Unreachable
from protocol.enrolment import make_answer, make_request, read_code
from registrar import cli
from registrar.enrolment import offer_enrolment
from registrar.serve import Server
from tests.sync.answering import answering
from tests.town import question

Out = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("registrar") / "data") as serving:
        yield serving


def offer(server: Server, booth_id: str) -> str:
    with server.store.database.transaction() as db:
        return offer_enrolment(db, booth_id, "tom", datetime.now(UTC))


def configure(tmp_path: Path, text: str = "# Ours.\n[sync]\n") -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(
        f'{text}signing_key_file = "signing.key"\noutbox = "{tmp_path}/outbox.sqlite"\n'
    )
    return path


def test_a_booth_without_a_key_is_enrolled_and_served(server: Server, tmp_path: Path) -> None:
    config = configure(tmp_path)
    words = ["--config", str(config), "enrol", server.url, offer(server, "booth-1").lower()]
    assert main(words) == 0
    settings = load(config).config.sync
    assert settings.booth_id == "booth-1"
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == 0o600
    with open_client(settings) as client:
        assert client.resolve(question("nobody's")) == "code_unknown"
    as_written = config.read_text()
    assert as_written.startswith("# Ours.\n[sync]\n")
    assert main(words) == 0  # the answer may have been lost
    assert config.read_text() == as_written


def test_a_code_from_the_registrars_machine_is_as_good(
    server: Server, tmp_path: Path, capsys: Out
) -> None:
    words = ["booth", "code", "library-9", "--data", str(server.store.folder)]
    assert cli.main(words) == 0
    said = capsys.readouterr()
    code = said.out.strip()
    assert said.err.strip().endswith(f"sudo kiosk enrol URL {code}")
    config = configure(tmp_path)
    assert main(["--config", str(config), "enrol", server.url, code]) == 0
    assert load(config).config.sync.booth_id == "library-9"
    assert cli.main(words) == 2
    assert "is enrolled already" in capsys.readouterr().err


def test_what_staff_wrote_stays_and_what_to_put_there_is_printed(
    server: Server, tmp_path: Path, capsys: Out
) -> None:
    config = configure(tmp_path, '[sync]\nbooth_id = "library-1"\n')
    before = config.read_text()
    words = ["--config", str(config), "enrol", server.url, offer(server, "booth-2")]
    assert main(words) == 1
    said = capsys.readouterr()
    assert "another booth_id (line 2) already" in said.err
    assert 'booth_id = "booth-2"' in said.out
    assert config.read_text() == before
    assert main([*words, "--replace"]) == 0
    assert load(config).config.sync.booth_id == "booth-2"


def test_a_code_that_is_used_or_none_is_told(server: Server) -> None:
    code = offer(server, "booth-3")
    enrol(server.url, code, SigningKey.generate())
    with pytest.raises(NotEnrolled, match="good no more; ask for another"):
        enrol(server.url, code, SigningKey.generate())
    with pytest.raises(UsageError, match="16 letters"):
        enrol(server.url, "ABCD", SigningKey.generate())
    with pytest.raises(UsageError, match="use https"):
        enrol("http://registrar.example.edu/", code, SigningKey.generate())


def test_nobody_there_is_told() -> None:
    with pytest.raises(Unreachable, match="cannot be reached; check the network"):
        enrol("http://127.0.0.1:9/", "ABCD-EFGH-JKMN-PQRS", SigningKey.generate())


def test_who_does_not_know_the_code_is_not_believed() -> None:
    key = SigningKey.generate()
    code = read_code("ABCD-EFGH-JKMN-PQRS")
    forged = make_answer(make_request(code, key), bytes(32), "booth-1", b"p" * 32, b"v" * 32)
    body = forged.model_dump_json().encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    with answering(head + body) as url, pytest.raises(Forged, match="does not know the code"):
        enrol(url, code, key)
