"""`kiosk wiring` and `kiosk plan`: what hangs where, as a table, as lines of JSON, as drawings."""

import json
from pathlib import Path

import pytest

from kiosk.commands.main import main


def test_wiring_lists_the_configured_pins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text("[switches]\ndoor = 5\n", "utf-8")
    assert main(["--config", str(file), "wiring", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"part": "door", "gpio": "GPIO5", "pin": 29, "ground": 30} in rows
    assert main(["--config", str(file), "wiring"]) == 0
    assert "door" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["wiring", "plan"])
def test_a_drawing_is_written_and_what_cannot_be_is_told(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "drawing.svg"
    assert main([command, "--out", str(out)]) == 0
    assert out.read_text("utf-8").startswith("<svg")
    assert main([command, "--out", str(out / "below.svg")]) == 2
    assert "below.svg: cannot be written" in capsys.readouterr().err
