"""An update: the booth takes a release that serves, and keeps the one before where it does not."""

import dataclasses
import fcntl
import json
import os
import re
import shutil
import signal
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.commands.update import check, print_releases, roll_back, update
from kiosk.errors import KioskError, UsageError
from kiosk.release.errors import ReleaseError
from kiosk.release.installed import Trial, read_installed
from kiosk.release.worksite import Worksite
from kiosk.upkeep import maintenance
from kiosk.upkeep.told_state import ToldState, since_boot, tell_state
from protocol.keys import encode_key
from tests.release.published import Publisher, contents
from tests.release.simulated import SimulatedMachine, site_of


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "stick")


@pytest.fixture
def machine(tmp_path: Path, publisher: Publisher) -> SimulatedMachine:
    """A booth with release 0.1.0 that trusts the publisher."""
    machine = SimulatedMachine(tmp_path)
    machine.install("0.1.0")
    machine.places.keys.write_text(f"# ours\n{encode_key(bytes(publisher.key.verify_key))}\n")
    return machine


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def site(machine: SimulatedMachine, said: list[str]) -> Worksite:
    return site_of(machine, said)


@pytest.fixture
def updated(site: Worksite, publisher: Publisher) -> Callable[..., int]:
    """Update the booth from the publisher's folder, to the newest or to one by name."""
    return lambda wanted=None: update(site, str(publisher.folder), wanted)


def test_the_newest_release_is_taken_and_the_one_before_kept(
    machine: SimulatedMachine, publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0")
    publisher.publish("0.10.0")
    assert updated() == 0
    there = read_installed(machine.places.root)
    assert (there.current, there.previous, there.trial) == ("0.10.0", "0.1.0", None)
    assert there.releases == ("0.1.0", "0.10.0")
    assert machine.prepared == machine.refreshed == ["0.10.0"]
    assert not list(machine.places.downloads.iterdir())


def test_a_release_that_does_not_show_the_attract_screen_is_given_up_after_two_starts(
    machine: SimulatedMachine, publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0", contents("0.2.0", "exits"))
    with pytest.raises(ReleaseError, match=r"0\.2\.0 was given up, and 0\.1\.0 is back"):
        updated()
    assert machine.starts == ["0.2.0", "0.2.0", "0.1.0"]
    there = read_installed(machine.places.root)
    assert (there.current, there.trial) == ("0.1.0", None)
    assert there.failed is not None
    assert (there.failed.version, there.failed.previous) == ("0.2.0", "0.1.0")


def test_what_was_given_up_is_tried_again_only_by_name(
    machine: SimulatedMachine, publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0", contents("0.2.0", "exits"))
    with pytest.raises(ReleaseError):
        updated()
    with pytest.raises(ReleaseError, match=r"was tried here at 20.*kiosk update --to 0\.2\.0"):
        updated()
    (machine.places.release("0.2.0") / "behaviour").write_text("shows")
    assert updated("0.2.0") == 0
    there = read_installed(machine.places.root)
    assert (there.current, there.failed) == ("0.2.0", None)


def test_an_older_release_is_taken_only_by_name(
    machine: SimulatedMachine, publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.0.9")
    assert updated() == 0
    assert machine.starts == []
    assert updated("0.0.9") == 0
    assert machine.starts == ["0.0.9"]


def test_by_hand_the_booth_goes_back_and_forth_between_two_releases(
    machine: SimulatedMachine, site: Worksite, publisher: Publisher, updated: Callable[..., int]
) -> None:
    with pytest.raises(UsageError, match="no release before"):
        roll_back(site)
    publisher.publish("0.2.0")
    updated()
    assert roll_back(site) == 0
    assert read_installed(machine.places.root).current == "0.1.0"
    assert roll_back(site) == 0
    assert read_installed(machine.places.root).current == "0.2.0"


def test_a_release_that_finds_a_new_fault_is_refused_with_it(
    machine: SimulatedMachine, publisher: Publisher, updated: Callable[..., int]
) -> None:
    broken_lamp = ["lamps", "fail", "hair is not there"]
    (machine.places.release("0.1.0") / "doctor").write_text(json.dumps([broken_lamp]))
    worse = [broken_lamp, ["camera", "fail", "no frame in 15 s"]]
    publisher.publish("0.2.0", contents("0.2.0", doctor=json.dumps(worse)))
    with pytest.raises(ReleaseError) as refused:
        updated()
    assert "camera: no frame in 15 s" in str(refused.value)
    assert "hair" not in str(refused.value)
    assert machine.starts == []

    publisher.publish("0.3.0", contents("0.3.0", doctor=json.dumps([broken_lamp])))
    assert updated() == 0


def test_what_a_release_says_of_data_that_are_yet_to_follow_does_not_hold_it_up(
    publisher: Publisher, updated: Callable[..., int]
) -> None:
    complains = json.dumps([["outbox", "fail", "is of another schema"]])
    files = contents("0.2.0", schemas='{"outbox": 2}', doctor=complains)
    for way in ("forward", "back"):
        files[f"migrations/outbox/0002.{way}.sql"] = (b"SELECT 1;", False)
    publisher.publish("0.2.0", files)
    assert updated() == 0


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (contents("0.2.0", doctor="crashes"), "status 139"),
        (contents("0.9.9"), r"says that it is 0\.9\.9"),
        (contents("0.2.0", schemas='{"outbox": 2}'), r"outbox/0002\.forward\.sql"),
    ],
)
def test_a_release_that_cannot_serve_is_refused(
    machine: SimulatedMachine,
    publisher: Publisher,
    updated: Callable[..., int],
    files: dict[str, tuple[bytes, bool]],
    reason: str,
) -> None:
    publisher.publish("0.2.0", files)
    with pytest.raises(ReleaseError, match=reason):
        updated()
    assert read_installed(machine.places.root).current == "0.1.0"
    assert machine.starts == []


def test_a_release_that_wants_one_between_says_so(
    publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.3.0", minimum_previous="0.2.0")
    with pytest.raises(ReleaseError, match=r"first take 0\.2\.0"):
        updated()


def test_nothing_is_taken_by_a_key_that_is_not_trusted(
    machine: SimulatedMachine, publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0")
    machine.places.keys.write_text(encode_key(bytes(32)))
    with pytest.raises(ReleaseError, match="none of the keys"):
        updated()
    machine.places.keys.write_text("# the old one has gone\n")
    with pytest.raises(UsageError, match="no public key"):
        updated()
    machine.places.keys.unlink()
    with pytest.raises(UsageError, match=r"install\.sh --release-key"):
        updated()


def test_who_offers_an_old_index_is_found_out(
    publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.0.1")
    old = (publisher.folder / "index.json").read_bytes()
    publisher.publish("0.2.0")
    assert updated() == 0
    (publisher.folder / "index.json").write_bytes(old)
    with pytest.raises(ReleaseError, match="somebody offers an old one"):
        updated()


def test_an_exchanged_manifest_is_refused(
    publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0")
    publisher.publish("0.3.0")
    one, other = (publisher.folder / f"graduation-photo-booth-0.{n}.0.json" for n in (2, 3))
    shutil.copy(one, other)
    with pytest.raises(ReleaseError, match="not what was signed"):
        updated()


def test_a_damaged_archive_is_refused(
    machine: SimulatedMachine, publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0")
    archive = publisher.folder / "graduation-photo-booth-0.2.0.tar.gz"
    archive.write_bytes(archive.read_bytes()[:-1] + b"?")
    with pytest.raises(ReleaseError, match="not what was signed"):
        updated()
    publisher.publish("0.2.0")
    assert updated() == 0


def test_what_a_killed_update_left_is_made_anew(
    machine: SimulatedMachine, publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0")
    left = (
        machine.places.downloads / "graduation-photo-booth-0.2.0.tar.gz",
        machine.places.downloads / "0.2.0/half",
        machine.places.release("0.2.0") / "half",
    )
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert updated() == 0
    assert not any(path.exists() for path in left)


def test_two_updates_at_once_are_not_done(
    machine: SimulatedMachine, publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0")
    with machine.places.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ReleaseError, match="another update is under way"):
            updated()
    assert updated() == 0


def test_without_room_nothing_is_begun(
    machine: SimulatedMachine,
    publisher: Publisher,
    updated: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publisher.publish("0.2.0")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(8_000, 7_000, 1_000))
    with pytest.raises(ReleaseError, match="make room"):
        updated()
    assert not machine.places.release("0.2.0").exists()


def test_of_the_releases_before_the_last_one_room_is_made(
    machine: SimulatedMachine, publisher: Publisher, updated: Callable[..., int]
) -> None:
    for version in ("0.2.0", "0.3.0", "0.4.0"):
        publisher.publish(version)
        assert updated() == 0
    assert read_installed(machine.places.root).releases == ("0.2.0", "0.3.0", "0.4.0")


# ---- while somebody is served ----


def told(machine: SimulatedMachine, **state: object) -> None:
    now = since_boot()
    usual: dict[str, object] = {"at_rest": False, "maintenance": True}
    usual["stage"] = "idle" if state.get("at_rest") else "guide"
    usual |= {"version": "0.1.0", "pid": os.getpid(), "started": now, "at": now, "since": now}
    tell_state(machine.state / "state.json", ToldState(**(usual | state)))  # type: ignore[arg-type]


def test_nobody_is_interrupted(
    machine: SimulatedMachine, site: Worksite, publisher: Publisher, said: list[str]
) -> None:
    publisher.publish("0.2.0")
    told(machine)
    waits = iter(range(5))

    def sleep(_seconds: float) -> None:
        assert machine.starts == []
        assert maintenance.is_on(site.maintenance)
        told(machine, at_rest=next(waits) == 4)

    assert update(dataclasses.replace(site, sleep=sleep), str(publisher.folder), None) == 0
    assert next(waits, None) is None
    assert not maintenance.is_on(site.maintenance)


def test_a_booth_that_staff_have_taken_out_of_service_stays_so(
    machine: SimulatedMachine, site: Worksite, publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0")
    told(machine, at_rest=True)
    maintenance.begin(site.maintenance, "staff", "cleaning")
    assert updated() == 0
    assert maintenance.is_on(site.maintenance)


def test_a_visit_without_end_stops_the_update_and_not_the_booth(
    machine: SimulatedMachine, site: Worksite, publisher: Publisher
) -> None:
    publisher.publish("0.2.0")
    told(machine)
    with pytest.raises(ReleaseError, match="served for 15 minutes"):
        update(site, str(publisher.folder), None)
    assert not maintenance.is_on(site.maintenance)
    assert machine.starts == []


def test_a_booth_of_another_configuration_is_not_waited_for(
    machine: SimulatedMachine, site: Worksite, publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0")
    told(machine, maintenance=False, at_rest=True)
    with pytest.raises(ReleaseError, match="does not heed"):
        updated()
    assert not maintenance.is_on(site.maintenance)


# ---- what is said ----


def test_it_is_said_whether_there_is_a_newer_one(
    machine: SimulatedMachine, publisher: Publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher.publish("0.1.0")
    assert check(str(publisher.folder), machine.places) == 0
    publisher.publish("0.2.0")
    assert check(str(publisher.folder), machine.places) == 1
    assert re.search(r"0\.1\.0 is in force; the newest there is 0\.2\.0", capsys.readouterr().out)


def test_the_list_says_what_each_release_is(
    machine: SimulatedMachine,
    publisher: Publisher,
    updated: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    publisher.publish("0.2.0", contents("0.2.0", "exits"))
    with pytest.raises(ReleaseError):
        updated()
    print_releases(read_installed(machine.places.root))
    lines = capsys.readouterr().out.splitlines()
    assert "in force" in lines[1]
    assert "given up at" in lines[2]


def test_while_a_release_is_on_trial_no_other_is_taken(
    machine: SimulatedMachine, publisher: Publisher, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0")
    machine.places.trial.write_text("0.2.0 0.1.0 1\n")
    assert read_installed(machine.places.root).trial == Trial("0.2.0", "0.1.0", 1)
    with pytest.raises(UsageError, match="on trial"):
        updated()


def test_a_machine_without_a_release_says_how_to_get_one(
    tmp_path: Path, publisher: Publisher, machine: SimulatedMachine, updated: Callable[..., int]
) -> None:
    publisher.publish("0.2.0")
    machine.places.current.unlink()
    with pytest.raises(UsageError, match=r"install\.sh"):
        updated()


# ---- killed at every step ----


def killed_after(site: Worksite, steps: int, publisher: Publisher) -> bool:
    """Update in a process that kills itself as the step begins; whether it was killed."""
    child = os.fork()
    if child == 0:
        left = iter(range(steps))

        def say(_step: str) -> None:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            update(dataclasses.replace(site, say=say), str(publisher.folder), None)
        except KioskError:
            os._exit(1)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("behaviour", ["shows", pytest.param("exits", marks=pytest.mark.soak)])
def test_killed_at_any_step_the_booth_starts_with_one_of_the_two(
    machine: SimulatedMachine, site: Worksite, publisher: Publisher, behaviour: str
) -> None:
    publisher.publish("0.2.0", contents("0.2.0", behaviour))
    allowed = {"shows": {"0.1.0", "0.2.0"}, "exits": {"0.1.0"}}[behaviour]
    told(machine, at_rest=True)
    steps, kept = 0, machine.places.root.with_name("kept")
    shutil.copytree(machine.places.root, kept, symlinks=True)
    while True:
        killed = killed_after(site, steps, publisher)
        assert machine.start() in allowed
        assert not maintenance.is_on(site.maintenance)
        assert read_installed(machine.places.root).trial is None
        if not killed:
            break
        if behaviour == "shows":
            assert update(site, str(publisher.folder), None) == 0
            assert read_installed(machine.places.root).current == "0.2.0"
        shutil.rmtree(machine.places.root)
        shutil.copytree(kept, machine.places.root, symlinks=True)
        steps += 1
    assert steps >= 7
