"""`kiosk code decode` and `kiosk roster status`, as staff type them."""

import io
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from nacl.public import PrivateKey
from nacl.signing import SigningKey
from PIL import Image

from kiosk.commands.main import main
from kiosk.sync.configuration import configuration_path
from kiosk.sync.keys import make_signing_key
from protocol.configuration import Configuration, ToldSettings, write_document
from protocol.plain_code import PlainCode
from protocol.roster import Alias, Resolution
from protocol.student import Student
from tests.rosters import keep_base, sign_base
from tests.town import INSTITUTION, TAKEN_AT

KEY = SigningKey(b"k" * 32)
CODE = "DEMO-3F6A-91C7-04BD-2E58-AB12-90"
LIN = Student("r1", "林小雨", "2022000001", INSTITUTION, "示范大学", "文学院")
ANSWERS: dict[str, Resolution | Alias] = {
    CODE: LIN,
    "ABNORMAL-CODE-6629-1735-8046-22": "record_abnormal",
    PlainCode(INSTITUTION, LIN.student_no, LIN.name).key: Alias(CODE),
}

Kiosk = Callable[..., int]


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Run a command on a booth that has a roster."""
    signing = tmp_path / "signing.key"
    make_signing_key(signing)
    roster = tmp_path / "roster.extract"
    head, entries = sign_base(ANSWERS, KEY)
    keep_base(roster, head, entries)
    settings = ToldSettings(plain_codes="offline", plain_pattern="学号|姓名")
    told = Configuration(
        institution_code=INSTITUTION, version=1, issued_at=TAKEN_AT, settings=settings
    )
    configuration_path(roster).write_bytes(write_document(told, KEY))
    config = tmp_path / "kiosk.toml"
    config.write_text(
        f"""[booth]
institution_code = "{INSTITUTION}"
[sync]
registrar = "http://127.0.0.1:9"
registrar_public_key = "{b64encode(bytes(PrivateKey(b"p" * 32).public_key)).decode()}"
registrar_verify_key = "{b64encode(bytes(KEY.verify_key)).decode()}"
signing_key_file = "{signing}"
roster = "{roster}"
outbox = "{tmp_path / "outbox.sqlite"}"
"""
    )
    return lambda *words: main(["--config", str(config), *words])


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_each_code_of_a_text_is_told_by_what_it_is_and_nobody_is_named(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [CODE, "ABNORMAL-CODE-6629-1735-8046-22", "NOBODY", "WIFI:S:campus;;"]
    lines += ["286344382566439419", "2022000001|林小雨", "学号=2022000001", "x" * 10_000_000]
    feed(monkeypatch, "\n".join(lines[:-1]).encode())
    assert kiosk("code", "decode", "-") == 0
    told = capsys.readouterr().out
    assert told.splitlines() == [
        "1: may be a capture code, of 32 characters; the roster here knows it, and its student may"
        " be photographed",
        "2: may be a capture code, of 31 characters; the roster here knows it: without a usable"
        " student number",
        "3: may be a capture code, of 6 characters; the roster here does not know it",
        "4: a Wi-Fi network: the code is a Wi-Fi network, not a capture code: show the capture code"
        " from the CHSI account",
        "5: a payment code, by how it looks; the roster here does not know it",
        "6: a plain code, written as the institution's pattern has it; the roster here knows it,"
        " and its student may be photographed",
        "7: a plain code, written as key=value; the roster here does not know it",
    ]
    feed(monkeypatch, lines[-1].encode())
    assert kiosk("code", "decode", "-") == 2


def test_names_are_printed_where_they_are_asked_for_and_the_log_notes_who_did(
    kiosk: Kiosk,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "code.png"
    barcode = zxingcpp.create_barcode(CODE, zxingcpp.BarcodeFormat.QRCode)
    Image.fromarray(zxingcpp.write_barcode_to_image(barcode, scale=6)).convert("RGB").save(path)
    assert kiosk("code", "decode", str(path), "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["codes"]
    assert (row["kind"], row["roster"], "name" in row) == ("capture_code", "known", False)
    assert "names were asked for" not in caplog.text
    assert kiosk("code", "decode", str(path), "--names", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["codes"]
    assert (row["name"], row["student_no"]) == (LIN.name, LIN.student_no)
    assert "names were asked for by" in caplog.text
    assert LIN.name not in caplog.text


def test_where_nothing_may_be_a_students_code_it_fails_and_a_file_that_is_none_is_wrong_use(
    kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (400, 300), "white").save(tmp_path / "empty.jpg")
    assert kiosk("code", "decode", str(tmp_path / "empty.jpg")) == 1
    feed(monkeypatch, b"https://u.wechat.com/abc")
    assert kiosk("code", "decode", "-") == 1
    (tmp_path / "noise").write_bytes(bytes(range(256)))
    assert kiosk("code", "decode", str(tmp_path / "noise")) == 2
    assert kiosk("code", "decode", str(tmp_path / "none")) == 2


def test_the_rosters_status_is_told_and_damage_is_a_failure(
    kiosk: Kiosk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kiosk("roster", "status", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["number"], told["entries"], told["signature"]) == (0, 3, "holds")
    assert told["issued_at"] == TAKEN_AT.isoformat(timespec="seconds")
    data = bytearray((tmp_path / "roster.extract").read_bytes())
    data[5000:9000] = bytes(4000)
    (tmp_path / "roster.extract").write_bytes(data)
    assert kiosk("roster", "status") == 1
    assert "does not hold" in capsys.readouterr().out
    (tmp_path / "roster.extract").unlink()
    assert kiosk("roster", "status") == 1
    assert "sudo kiosk sync" in capsys.readouterr().out
