"""`kiosk lamps`: put out, whatever lit them, and however that ended; shown; lit for who looks."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from kiosk.board.drivers import DRIVERS
from kiosk.board.pca9685 import Pca9685
from kiosk.board.pwm_pins import OpenedChip, PwmFactory
from kiosk.commands.main import main
from kiosk.lighting.lamps import Lamps
from kiosk.upkeep.calibration import Calibration, calibration_path, write_calibration
from kiosk.upkeep.stock import Stock, stock_path
from kiosk.upkeep.told_state import ToldState, since_boot, tell_state
from tests.board.chips import Pca9685Chip, PwmKernel
from tests.board.test_hardware_pwm import PI_5, PINS, lamps_on, open_chip_of


def turn_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_chip: Callable[[], OpenedChip]
) -> int:
    """The command, at a booth whose lamps hang on this chip."""
    (tmp_path / "kiosk.toml").write_text('[camera]\nkind = "pi"\n[lamps]\ndriver = "pwm"\n')
    monkeypatch.setitem(DRIVERS, "pwm", lambda _: PwmFactory(open_chip))
    return main(["--config", str(tmp_path / "kiosk.toml"), "lamps", "off"])


def test_what_a_killed_booth_left_lit_on_hardware_pwm_is_put_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = PwmKernel(tmp_path, PI_5)
    killed = lamps_on(kernel)
    killed.set(dict.fromkeys(PINS, 0.8))
    assert turn_off(tmp_path, monkeypatch, open_chip_of(kernel)) == 0
    assert [kernel.duty(1, channel) for channel in range(4)] == [0, 0, 0, 0]


def test_what_a_killed_booth_left_lit_on_a_pca9685_is_put_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chip = Pca9685Chip()

    def open_chip() -> OpenedChip:
        return OpenedChip(Pca9685(chip, sleep=lambda _: None), {n: n % 16 for n in range(20)})

    killed = Lamps(PINS, 1000, PwmFactory(open_chip))
    killed.set(dict.fromkeys(PINS, 0.8))
    assert chip.duty(12) > 0
    assert turn_off(tmp_path, monkeypatch, open_chip) == 0
    assert not any(chip.duty(channel) for channel in range(16))


def test_lamps_that_cannot_be_reached_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kernel = PwmKernel(tmp_path, {})
    assert turn_off(tmp_path, monkeypatch, open_chip_of(kernel)) == 1
    assert "lamp fill is not there" in caplog.text


# ---- show, set, sweep ----

CONFIG = """
[camera]
kind = "pi"
[lamps]
driver = "pwm"
[lamps.limits]
backdrop = 0.7
[lamps.frequencies]
fill = 2000
[lamps.curves]
fill = [[0.5, 0.8]]
"""


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PwmKernel:
    """A booth that does not run, its lamps on the processor's PWM."""
    sync = f'[sync]\noutbox = "{tmp_path / "outbox.sqlite"}"\n'
    (tmp_path / "kiosk.toml").write_text(CONFIG + sync)
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    kernel = PwmKernel(tmp_path / "machine", PI_5)
    monkeypatch.setitem(DRIVERS, "pwm", lambda _: PwmFactory(open_chip_of(kernel)))
    return kernel


def lamps(tmp_path: Path, *typed: str) -> int:
    return main(["--config", str(tmp_path / "kiosk.toml"), "lamps", *typed])


def duties(kernel: PwmKernel, channel: int, period: int = 1_000_000) -> list[float]:
    """Each duty cycle that a lamp was given in turn."""
    return [value / period for name, value in kernel.writes if name == f"pwm{channel}/duty_cycle"]


def tell_a_booth_that_runs(tmp_path: Path) -> None:
    levels = {"key_left": 0.6, "key_right": 0.5, "backdrop": 0.1}
    now = since_boot()
    told = ToldState("1.0", os.getpid(), now, now, now, "idle", lamps=levels)
    tell_state(tmp_path / "state.json", replace(told, lamps_missing=("fill",)))


def test_lamps_fade_to_where_they_are_set_and_out_again(
    tmp_path: Path, kernel: PwmKernel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lamps(tmp_path, "set", "key_left=0.5", "backdrop=1", "--for", "0") == 0
    given = duties(kernel, 0)
    assert max(given) <= 0.5
    assert max(abs(b - a) for a, b in pairwise(given)) < 0.4
    assert [kernel.duty(1, channel) for channel in range(4)] == [0, 0, 0, 0]
    told = capsys.readouterr()
    assert told.out == "key_left 50%, backdrop 70%, for 0 s\n"
    assert "backdrop goes up to its limit, 70%" in told.err


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_lamps_are_held_until_somebody_or_a_closed_terminal_ends_it(
    tmp_path: Path, kernel: PwmKernel, ending: signal.Signals
) -> None:
    def end_when_lit() -> None:
        while ("pwm1/duty_cycle", 300_000) not in kernel.writes:
            time.sleep(0.01)
        os.kill(os.getpid(), ending)

    threading.Thread(target=end_when_lit, daemon=True).start()
    assert lamps(tmp_path, "set", "key_right=0.3") == 0
    assert max(duties(kernel, 1)) == 0.3
    assert kernel.duty(1, 1) == 0


def test_a_sweep_lights_one_lamp_after_the_other_and_says_which(
    tmp_path: Path, kernel: PwmKernel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lamps(tmp_path, "sweep", "key_right", "fill", "--step", "0") == 0
    said = capsys.readouterr().out.split("\n")
    steps = ["25%", "50%", "75%", "100%", "75%", "50%", "25%", "0%"]
    assert said == [f"{name} {step}" for name in ("key_right", "fill") for step in steps] + [""]
    assert max(duties(kernel, 1)) == max(duties(kernel, 2, 500_000)) == 1
    assert not any(duties(kernel, 0))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("set", "key_lft=0.5"), 'did you mean "key_left"?'),
        (("sweep", "fil"), 'did you mean "fill"?'),
        (("set", "fill=0.1", "fill=0.2"), "named twice"),
        (("set", "fill=nan"), "from 0 to 1"),
        (("set", "fill=1.01"), "from 0 to 1"),
        (("set", "fill"), "from 0 to 1"),
        (("set", "fill=0.1", "--for", "inf"), "number of seconds"),
        (("dim",), "invalid choice"),
        (("set",), "required"),
    ],
)
def test_what_no_lamp_can_do_is_refused_in_words(
    tmp_path: Path,
    kernel: PwmKernel,
    capsys: pytest.CaptureFixture[str],
    typed: tuple[str, ...],
    says: str,
) -> None:
    try:
        status: object = lamps(tmp_path, *typed)
    except SystemExit as left:
        status = left.code
    assert status == 2
    assert says in capsys.readouterr().err
    assert not kernel.writes


def test_a_booth_that_runs_keeps_its_lamps(
    tmp_path: Path, kernel: PwmKernel, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_a_booth_that_runs(tmp_path)
    assert lamps(tmp_path, "set", "fill=0.5") == 2
    assert "sudo systemctl stop kiosk" in capsys.readouterr().err
    assert not kernel.writes


def test_lamps_are_shown_as_they_are_configured_driven_worn_and_calibrated(
    tmp_path: Path, kernel: PwmKernel, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_a_booth_that_runs(tmp_path)
    outbox = tmp_path / "outbox.sqlite"
    Stock(stock_path(outbox)).count(0, {"key_left": 7200.0})
    calibrated = {
        "at": datetime.now(UTC) - timedelta(days=12, hours=1),
        "camera": "pi",
        "exposure_time": 10_000,
        "analogue_gain": 1.0,
        "colour_gains": (1.0, 1.0),
        "effects": {"key_left": 0.2},
    }
    write_calibration(calibration_path(outbox), Calibration.model_validate(calibrated))
    assert lamps(tmp_path, "show", "--json") == 0
    rows = {row["lamp"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    left = rows["key_left"]
    assert (left["pin"], left["frequency"], left["limit"], left["level"]) == (12, 1000, 1.0, 0.6)
    assert (left["hours"], left["effect"], left["days_since"]) == (2.0, 0.2, 12)
    assert rows["fill"]["frequency"] == 2000
    assert (rows["fill"]["missing"], rows["fill"]["level"]) == (True, None)
    assert rows["backdrop"]["limit"] == 0.7
    assert lamps(tmp_path, "show") == 0
    shown = capsys.readouterr().out
    assert "12 days ago" in shown
    assert "not there" in shown
    assert not kernel.writes


def test_the_twins_lamps_are_lit_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    (tmp_path / "kiosk.toml").write_text("")
    assert lamps(tmp_path, "set", "fill=0.2", "--for", "0") == 0
    assert capsys.readouterr().out == "fill 20%, for 0 s\n"
