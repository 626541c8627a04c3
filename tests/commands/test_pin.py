"""`kiosk pin`: asks twice without showing what is typed, and keeps a hash."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.commands import WRONG_USE
from kiosk.commands.main import main
from kiosk.commands.pin import ask_twice
from kiosk.errors import UsageError
from kiosk.staff.pin import check_pin


def type_in(*lines: str) -> str:
    answers = iter(lines)
    return ask_twice(lambda _: next(answers))


def test_a_pin_is_typed_twice() -> None:
    assert type_in("4711", "4711") == "4711"


@pytest.mark.parametrize(
    ("lines", "why"),
    [(("4711", "4712"), "differ"), (("1234",), "one by one"), (("0000",), "same"), (("",), "4 to")],
)
def test_what_is_no_pin_is_refused_with_the_reason(lines: tuple[str, ...], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        type_in(*lines)


def test_it_is_not_taken_from_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("4711\n4711\n"))
    assert main(["pin"]) == WRONG_USE
    assert "terminal" in capsys.readouterr().err


def test_what_is_typed_at_a_terminal_is_not_seen_and_opens_the_menu(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text('[sync]\noutbox = "outbox.sqlite"\n', "utf-8")
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "kiosk", "--config", str(tmp_path / "kiosk.toml"), "pin"]
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
    ) as process:
        os.close(terminal)
        seen = b""
        for prompt in (b"digits: ", b"more: "):
            while not seen.endswith(prompt):
                seen += os.read(controller, 1024)
            os.write(controller, b"4711\n")
        assert process.wait() == 0
    os.close(controller)
    assert b"4711" not in seen
    assert check_pin(tmp_path / "staff.pin", "4711")
    assert (tmp_path / "staff.pin").stat().st_mode & 0o777 == 0o600
