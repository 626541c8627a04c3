"""What the booth tells of itself: where, how fresh it is, and what staff make of it."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.upkeep.told_state import (
    DEFAULT_PLACE,
    STALE,
    ToldState,
    find_life,
    place_to_ask,
    place_to_tell,
    read_told_state,
    tell_state,
)

STATE = ToldState("0.1.0", os.getpid(), 100.0, 200.0, 150.0, "idle", lamps={"fill": 0.1})


def test_what_is_told_is_read_by_whoever_logs_in(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    assert read_told_state(path) is None
    state = replace(
        STATE, faults=("camera",), reasons={"camera": "unplugged"}, lamps_missing=("x",)
    )
    tell_state(path, state)
    assert read_told_state(path) == state
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [one.name for one in tmp_path.iterdir()] == ["state.json"]
    path.write_text("{")
    assert read_told_state(path) is None


def test_it_is_told_where_systemd_made_a_folder_and_asked_for_there_or_where_the_unit_has_it() -> (
    None
):
    there = {"RUNTIME_DIRECTORY": "/run/kiosk:/run/other"}
    assert place_to_tell(there) == place_to_ask(there) == Path("/run/kiosk/state.json")
    assert place_to_tell({}) is None
    assert place_to_ask({}) == DEFAULT_PLACE


@pytest.mark.parametrize(
    ("alive", "later", "life"),
    [
        (True, 0.0, "running"),
        (True, STALE, "running"),
        (True, STALE + 1, "stuck"),
        (True, -150.0, "stuck"),
        (False, 0.0, "gone"),
    ],
)
def test_a_booth_that_tells_no_more_is_stuck_and_one_without_process_is_gone(
    alive: bool, later: float, life: str
) -> None:
    pid = os.getpid() if alive else 2**22 + 1  # beyond the kernel's highest
    assert find_life(replace(STATE, pid=pid), STATE.at + later) == life


def test_what_it_does_is_told_as_staff_ask_it() -> None:
    def doing(**changes: object) -> str:
        return replace(STATE, **changes).doing  # type: ignore[arg-type]

    assert doing() == "waits"
    assert doing(stage="review", maintenance=True) == "serves"
    assert doing(maintenance=True, stopped_by="maintenance") == "maintenance"
    assert doing(stopped_by="disk") == "stopped"
    assert replace(STATE, maintenance=True).drained
    assert not replace(STATE, maintenance=True, at_rest=False).drained
