"""Diagnostics help to find a fault and hold nothing of any person: some are planted, and sought."""

import base64
import json
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.commands.main import main
from kiosk.health import diagnostics
from kiosk.health.machine import services
from kiosk.health.software import voice
from kiosk.sync.keys import verify_key_text
from kiosk.sync.roster_fetch import fetch_roster
from kiosk.upkeep import maintenance, told_state
from kiosk.upkeep.redaction import MASK, mask, vocabulary
from kiosk.upkeep.stock import Stock
from protocol.keys import encode_key
from registrar.serve import Server
from tests.town import BOOTH, INSTITUTION, Town, picture, record

NAME, NUMBER, CODE = "林小雨", "2022010001", "QX77AB12CD34"
STAFF, PHONE, ROMAN = "王师傅", "138-0000-4321", "Wang Xiaoming"


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Path]:
    """The configuration of a booth that has served, with people all over it."""
    with Server(tmp_path / "registrar") as server:
        town = Town(server, tmp_path / "booth")
        town.store.records.import_records(
            [record(1, name=NAME, student_no=NUMBER, capture_code=CODE)]
        )
        town.outbox.put(town.envelope(1))
        fetch_roster(town.client(), town.roster, INSTITUTION)
        stock = Stock(town.folder / "stock.sqlite")
        stock.restock("wipes", 100, STAFF)
        maintenance.begin(town.folder / "maintenance", by=STAFF, why=f"{NAME} {CODE}")
        (town.folder / f"{NAME}.csv").write_text(f"{CODE},{NAME},{NUMBER}\n")
        (town.folder / f"{NAME}.jpg").write_bytes(picture(1))
        (town.folder / "calibration.json").write_text(f'{{"at": "{NAME}"}}')
        config = town.folder / "kiosk.toml"
        config.write_text(f"""
# {STAFF}, {PHONE}
[booth]
name = "{STAFF}"
support_phone = "{PHONE}"
[sync]
registrar = "{server.url}"
booth_id = "{BOOTH}"
signing_key_file = "signing.key"
registrar_public_key = "{town.enrolment.registrar_public_key}"
registrar_verify_key = "{verify_key_text(server.keys.signing_key.verify_key)}"
outbox = "outbox.sqlite"
roster = "roster.extract"
[voice]
recordings = "/home/{ROMAN}/voice"
""")
        yield config


def journal(*messages: str) -> str:
    return "\n".join(
        json.dumps(
            {
                "__REALTIME_TIMESTAMP": "1780306200000000",
                "_SYSTEMD_UNIT": "kiosk.service",
                "PRIORITY": "4",
                "MESSAGE": message,
            }
        )
        for message in messages
    )


LOG = journal(
    f"WARNING kiosk: admitted {NAME} {NUMBER} {CODE} for {ROMAN}, call {PHONE}",
    "WARNING kiosk.camera: the camera gave no frame for 3 s: check its cable",
    f"code {CODE[:4]}-{CODE[4:8]}-{CODE[8:]}; {' '.join(NUMBER)}; {NUMBER[:4]} {NUMBER[4:]}",
)


def test_nothing_of_a_person_that_was_planted_is_in_the_archive(
    booth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kernel = journal(f"Under-voltage detected! {ROMAN}")
    logs = {"services.log": LOG, "kernel.log": kernel}
    monkeypatch.setattr(diagnostics, "read_logs", lambda: logs)
    monkeypatch.setattr(diagnostics, "AT_REST", (voice, services))  # the others draw for seconds
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    told_state.tell_state(
        tmp_path / told_state.FILE,
        told_state.ToldState("0.1.0", 1, 0, 0, 0, "idle", reasons={"camera": f"{NAME} is there"}),
    )
    out = tmp_path / "out.tar.gz"
    assert main(["--config", str(booth), "export-diagnostics", "--out", str(out)]) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    said = capsys.readouterr()
    assert "services.log" in said.out
    assert "names no person" in said.err

    with tarfile.open(out) as archive:
        texts = {
            member.name.rpartition("/")[2]: archive.extractfile(member).read()  # type: ignore[union-attr]
            for member in archive.getmembers()
        }
    everything = b"\n".join([*texts.values(), "\n".join(texts).encode()])

    folder = booth.parent
    key = (folder / "signing.key").read_bytes().strip()
    with sqlite3.connect(folder / "outbox.sqlite") as db:
        (sealed,) = next(db.execute("SELECT envelope FROM outbox"))
    boxed = json.loads(sealed)["box"] if "box" in json.loads(sealed) else sealed[200:260]
    planted = [NAME, NUMBER, CODE, STAFF, PHONE, ROMAN, "Xiaoming", "4321", CODE[:4], CODE[4:8]]
    planted += [NUMBER[4:], "2 0 2 2", "record-1", str(boxed)[:40]]
    for text in planted:
        assert text.encode() not in everything, text
    for secret in (key, base64.b64decode(key), picture(1)[:40]):
        assert secret not in everything
    for public in booth.read_text().split('"'):
        if len(public) == len(encode_key(b"k" * 32)):
            assert public.encode() not in everything

    # And it helps.
    assert b"the camera gave no frame for 3 s: check its cable" in texts["services.log"]
    assert b"Under-voltage detected!" in texts["kernel.log"]
    shown = json.loads(texts["configuration.json"])
    assert shown["camera.exposure_time"]["value"] == 10_000
    assert shown["booth.support_phone"]["value"] == "(set)"
    assert json.loads(texts["stock.json"])["supplies"]["wipes"]["amount"] == 100
    files = json.dumps(json.loads(texts["files.json"]))
    assert all(name in files for name in ("outbox.sqlite", "signing.key", "-rw-------"))
    assert json.loads(texts["status.json"])
    assert json.loads(texts["versions.json"])["packages"]


@pytest.mark.parametrize(
    "text",
    ["outbox: 3 waiting, 2 refused", "camera: check its cable", "line 120, in tick", "hwmon1: 5 V"],
)
def test_what_the_program_says_passes(text: str, words: frozenset[str]) -> None:
    assert mask(text, words) == text


@pytest.mark.parametrize(
    "text",
    ["Zhang Wei", "李", "138 0000 0000", "２０２２", "123456", "010-1234-567", "a1b2c3", "Ünal"],
)
def test_what_it_cannot_know_does_not(text: str, words: frozenset[str]) -> None:
    assert set(mask(text, words)) <= {MASK, " ", "-"}


@pytest.fixture(scope="module")
def words() -> frozenset[str]:
    return vocabulary()
