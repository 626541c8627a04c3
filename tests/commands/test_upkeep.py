"""status, maintenance and logs as they are typed, and what root becomes before."""

import io
import json
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from kiosk.commands import booth_user, maintenance
from kiosk.commands.main import AS_TYPED, COMMANDS, main
from kiosk.commands.output import tabulate
from kiosk.commands.status import choose_told
from kiosk.sync.keys import verify_key_text
from kiosk.sync.last_sync import read_last_sync
from kiosk.sync.outbox import Outbox
from kiosk.upkeep.told_state import since_boot, tell_state
from protocol.keys import encode_key
from tests.health.well_booth import (
    REGISTRAR,
    WellBooth,
    find_check,
    make_well_booth,
    told_by_status,
)
from tests.sync.test_outbox import envelope

NOBODY = 65534

Out = pytest.CaptureFixture[str]


@pytest.fixture
def booth(tmp_path: Path, models_store: Path, monkeypatch: pytest.MonkeyPatch) -> WellBooth:
    """A booth in whose configuration a command is typed."""
    booth = WellBooth(make_well_booth(tmp_path / "made"), tmp_path / "booth", models_store)
    file = tmp_path / "kiosk.toml"
    file.write_text(f"""
[sync]
outbox = "{booth.outbox}"
roster = "{booth.roster}"
signing_key_file = "{booth.state / "signing.key"}"
registrar_public_key = "{encode_key(b"p" * 32)}"
registrar_verify_key = "{verify_key_text(REGISTRAR.verify_key)}"
[models]
store = "{models_store}"
""")
    monkeypatch.setenv("KIOSK_CONFIG", str(file))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    return booth


def tell(booth: WellBooth, **changes: object) -> None:
    """Have the booth tell its state, now."""
    told = replace(booth.told, at=since_boot(), **changes)  # type: ignore[arg-type]
    tell_state(booth.folder.parent / "state.json", told)


def test_status_tells_monitoring_by_its_first_line_and_its_exit_status(
    booth: WellBooth, capsys: Out
) -> None:
    tell(booth)
    assert main(["status"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "OK: booth booth-1: all is well"
    assert len(said) <= 24
    tell(booth, stopped_by="camera", faults=("camera",))
    assert main(["status"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "FAULT: booth booth-1: booth, camera"
    assert said[1] == "FAIL booth       out of service for 10 minutes: camera → see camera"
    assert main(["status", "--json"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    row = json.loads(line)
    assert (row["ok"], row["told"]["faults"]) == (False, ["camera"])
    assert row["findings"][0]["verdict"] == "fail"


@pytest.mark.parametrize("faults", [(), ("camera", "lamps")])
def test_status_fits_a_terminal_of_80_columns_and_24_lines(
    faults: tuple[str, ...], booth: WellBooth
) -> None:
    if faults:
        booth.tell(stopped_by="camera", faults=faults, lamps_missing=("fill",))
    shown = choose_told(told_by_status(booth.site()))
    screen = io.StringIO()
    Console(width=80, file=screen).print(tabulate(shown, spare_parts=False))
    lines = screen.getvalue().splitlines()
    assert len(lines) + 2 <= 24  # the line for monitoring, and the next prompt
    assert max(map(len, lines)) <= 80


@pytest.fixture
def tell_next(booth: WellBooth, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the booth tell one state after another, each time that the command waits."""

    def arrange(*states: dict[str, object]) -> None:
        coming = iter(states)
        monkeypatch.setattr(maintenance, "sleep", lambda _: tell(booth, **next(coming)))

    return arrange


def test_maintenance_waits_for_the_student_at_hand_and_is_ended(
    booth: WellBooth, tell_next: Callable[..., None], capsys: Out
) -> None:
    tell(booth, stage="guide")
    tell_next(
        {"stage": "review", "maintenance": True},
        {"stage": "idle", "maintenance": True, "at_rest": False},
        {"stage": "idle", "maintenance": True},
    )
    assert main(["maintenance", "on", "--why", "a new lamp"]) == 0
    said = capsys.readouterr().err
    assert said.index("(guide)") < said.index("(review)") < said.index("out of service")
    assert main(["maintenance"]) == 1
    assert capsys.readouterr().out.rstrip().endswith(": a new lamp")
    tell_next({})
    assert main(["maintenance", "off"]) == 0
    assert "in service again" in capsys.readouterr().err
    assert main(["maintenance", "status"]) == 0


def test_maintenance_of_a_booth_that_does_not_run_or_dies_meanwhile_is_told(
    booth: WellBooth, tell_next: Callable[..., None], capsys: Out
) -> None:
    assert main(["maintenance", "on"]) == 0
    assert "will be out of service when it is started" in capsys.readouterr().err
    tell(booth, stage="guide")
    tell_next({"pid": 2**22 + 1})
    assert main(["maintenance", "on"]) == 1
    assert "does not answer any more" in capsys.readouterr().err
    tell(booth, stopped_by="disk")
    assert main(["maintenance", "off"]) == 1
    assert "not in service: disk" in capsys.readouterr().err


def test_what_a_sync_came_to_is_noted_for_who_asks_later(booth: WellBooth) -> None:
    assert main(["sync"]) == 1  # there is no registrar
    last = read_last_sync(booth.roster)
    assert last is not None
    assert last.fault is not None
    assert "cannot be reached" in last.fault
    assert last.oldest == 1
    (found,) = find_check("sync", thorough=False)(booth.site())
    assert (found.verdict, "the last good one 2" in found.says) == ("warn", True)


def test_logs_are_journalctls_and_where_there_is_none_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr("os.execvp", lambda _, command: called.append(command))
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/journalctl")
    main(["logs", "--since", "2h ago", "--unit", "kiosk-sync", "--follow"])
    assert {"--unit=kiosk-sync", "--since=2h ago", "--follow"} <= set(called[0])
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert main(["logs"]) == 1
    assert "no systemd on this machine" in capsys.readouterr().err


# ---- sudo ----


def test_commands_that_root_does_not_leave_are_commands() -> None:
    assert set(COMMANDS) >= AS_TYPED
    assert not AS_TYPED & {"sync", "pin", "models", "doctor", "maintenance", "stock"}


def test_who_becomes_the_booths_user_has_its_units_groups(root: Path) -> None:
    (line,) = [
        line
        for line in (root / "systemd" / "kiosk.service").read_text().splitlines()
        if line.startswith("SupplementaryGroups=")
    ]
    assert set(line.partition("=")[2].split()) == set(booth_user.DEVICE_GROUPS)


def test_a_command_means_the_booth_of_the_installed_configuration(tmp_path: Path) -> None:
    installed, state = tmp_path / "kiosk.toml", tmp_path / "state"

    def folder(file: Path | None = None, **environ: str) -> str | None:
        booth_user.keep_to_unit(file, environ, installed, state)
        return environ.get("STATE_DIRECTORY")

    state.mkdir()
    assert folder() is None
    installed.touch()
    assert folder() == folder(installed) == folder(KIOSK_CONFIG=str(installed)) == str(state)
    assert folder(KIOSK_CONFIG="/another.toml") is None
    assert folder(tmp_path / "another.toml") is None
    assert folder(STATE_DIRECTORY="/by/systemd") == "/by/systemd"
    state.rmdir()
    assert folder() is None


def in_a_process(work: Callable[[], object]) -> int | None:
    """What a child of this process ends with: who is another user stays it."""
    child = multiprocessing.get_context("fork").Process(target=lambda: os._exit(int(bool(work()))))
    child.start()
    child.join(60)
    return child.exitcode


def give_away(booth: WellBooth) -> None:
    """Make the booth's files another user's, and let that one through the folders above."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    for path in (booth.state, *booth.state.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    for above in booth.state.parents:
        if above.name.startswith(("pytest-", "popen-", "test_", "booth")):
            above.chmod(0o755)


def test_what_root_types_leaves_no_file_that_is_not_the_booths(booth: WellBooth) -> None:
    give_away(booth)
    (booth.outbox.with_name("outbox.sqlite.tally-lock")).unlink(missing_ok=True)

    def work() -> bool:
        main(["maintenance", "on"])  # it writes a file
        Outbox(booth.outbox).put(envelope(2))  # and another, as a command does that syncs
        return os.geteuid() == NOBODY and os.environ["USER"] == "nobody"

    assert in_a_process(work) == 1
    made = [*booth.state.iterdir()]
    assert "maintenance" in {path.name for path in made}
    assert {path.stat().st_uid for path in made} == {NOBODY}


@pytest.mark.parametrize("name", ["configuration", "key"])
def test_what_the_booths_user_cannot_read_is_told_to_root(name: str, booth: WellBooth) -> None:
    give_away(booth)
    file = Path(os.environ["KIOSK_CONFIG"])
    if name == "configuration":
        file.chmod(0o600)
        assert in_a_process(lambda: main(["status"]) == 2) == 1
    else:
        os.chown(booth.state / "signing.key", 0, 0)
        tell(booth)
        assert in_a_process(lambda: main(["status"]) == 1) == 1


def test_who_is_neither_root_nor_the_booths_user_is_told_to_type_sudo(booth: WellBooth) -> None:
    give_away(booth)
    booth.state.chmod(0o700)

    def work() -> bool:
        os.setuid(NOBODY - 1)
        return main(["status"]) == 2

    assert in_a_process(work) == 1


def test_roots_own_booth_stays_roots(booth: WellBooth) -> None:
    tell(booth)
    assert main(["status", "--json"]) == 0
