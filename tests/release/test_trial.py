"""The scripts around the booth's start: a release comes into force, or the one before back."""

import subprocess
from pathlib import Path

import pytest

from kiosk.release.installed import put_on_trial, read_installed
from tests.release.simulated import SCRIPTS, SimulatedMachine


@pytest.fixture
def machine(tmp_path: Path) -> SimulatedMachine:
    """A booth with release 0.1.0, and 0.2.0 on trial."""
    machine = SimulatedMachine(tmp_path)
    machine.install("0.1.0")
    machine.install("0.2.0")
    put_on_trial(machine.places, "0.2.0", "0.1.0")
    return machine


@pytest.mark.parametrize(
    "line", ["", "0.2.0 0.1.0", "0.2.0 0.1.0 x", "../x 0.1.0 0", "0.9.0 0.1.0 0", "0.2.0 0.9.0 9"]
)
def test_a_trial_of_what_is_not_there_is_passed_over(machine: SimulatedMachine, line: str) -> None:
    machine.places.trial.write_text(f"{line}\n")
    assert machine.start() == "0.1.0"
    assert not machine.places.trial.exists()


def test_a_confirmed_release_is_not_counted_again(machine: SimulatedMachine) -> None:
    assert [machine.start() for _ in range(5)] == ["0.2.0"] * 5


def test_what_a_killed_update_took_out_of_service_comes_back_and_what_staff_did_does_not(
    machine: SimulatedMachine,
) -> None:
    file = machine.state / "maintenance"
    file.write_text('{"since":null,"by":"kiosk update","why":""}')
    machine.start()
    assert not file.exists()
    file.write_text('{"since":null,"by":"staff","why":"kiosk update"}')
    machine.start()
    assert file.exists()


KILLED = """
trap '[ $((reached += 1)) -ne {step} ] || kill -9 $$' DEBUG
. {script}
"""


def killed_at(machine: SimulatedMachine, name: str, step: int) -> bool:
    """Run a script, and kill it before a command; whether it came to that."""
    source = KILLED.format(step=step, script=SCRIPTS / name)
    command = ["bash", "--posix", "-T", "-c", source]
    done = subprocess.run(command, env=machine.environment, capture_output=True, check=False)
    return done.returncode != 0


STANDS = {
    "first start": ("trial", "0.2.0 0.1.0 0", "0.1.0"),
    "giving up": ("trial", "0.2.0 0.1.0 2", "0.2.0"),
    "passing": ("confirm", "0.2.0 0.1.0 1", "0.2.0"),
}


@pytest.mark.soak
@pytest.mark.parametrize("stands", STANDS)
def test_a_power_cut_before_any_command_leaves_a_booth_that_starts(
    machine: SimulatedMachine, stands: str
) -> None:
    script, trial, current = STANDS[stands]
    root, step, killed = machine.places.root, 0, True
    while killed:
        step += 1
        machine.places.trial.write_text(f"{trial}\n")
        machine.places.failed.unlink(missing_ok=True)
        machine.places.current.unlink()
        machine.places.current.symlink_to(f"releases/{current}")
        killed = killed_at(machine, script, step)
        assert read_installed(root).current in ("0.1.0", "0.2.0")
        assert machine.start() == ("0.1.0" if stands == "giving up" else "0.2.0")
        assert read_installed(root).trial is None
    assert step > 10
