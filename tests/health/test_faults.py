"""Each fault of a booth is named in words, with what to do next: by status, and by doctor."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.booth.calibrated import setup_of
from kiosk.config import LampSettings
from kiosk.evaluation.virtual_booth import VirtualClock, open_virtual_lamps
from kiosk.health import Finding, Site
from kiosk.sync.last_sync import note_sync
from kiosk.twin import Fault, Twin
from kiosk.upkeep.calibration import Calibration, calibration_path, write_calibration
from kiosk.upkeep.spare_parts import SPARE_PARTS
from kiosk.upkeep.told_state import since_boot
from tests.disks import remount
from tests.health.well_booth import (
    REGISTRAR,
    StandingCamera,
    WellBooth,
    find_check,
    make_well_booth,
    told_by_status,
)
from tests.rosters import keep_roster

FIRMWARE = "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled"
TEMPERATURE = "sys/class/thermal/thermal_zone0/temp"


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_well_booth(tmp_path_factory.mktemp("well"))


@pytest.fixture
def booth(well: Path, tmp_path: Path, models_store: Path) -> WellBooth:
    return WellBooth(well, tmp_path / "booth", models_store)


def test_of_a_booth_that_is_well_status_tells_no_fault(booth: WellBooth) -> None:
    found = told_by_status(booth.site())
    assert {one.verdict for one in found} == {"ok", "unknown"}
    assert {one.check for one in found if one.verdict == "unknown"} == {"stock"}
    said = {one.check: one.says for one in found}
    assert said["booth"] == "in service, waits for a student for 10 minutes"
    assert said["today"] == "42 visits, 39 photos"
    assert said["lamps"].startswith("all 4 there: key_left 5%")
    assert said["outbox"] == "1 waiting (the oldest for 20 s), 0 sent"
    assert said["sync"] == "20 s ago, 3 sent"
    assert said["heat"] == "48 °C, never throttled since the start"
    assert said["power"] == "no under-voltage; up 10 days"
    assert "Debian GNU/Linux 13 (trixie)" in said["release"]
    assert "Raspberry Pi 5" in said["release"]


# ---- what is told by files and disks ----


@dataclass(frozen=True)
class Harm:
    """Something done to the booth, and what has to be said of it."""

    do: Callable[[WellBooth], object]
    check: str
    verdict: str
    says: str
    next_step: str


def _stop(booth: WellBooth, fault: str, reason: str = "") -> None:
    booth.tell(stopped_by=fault, faults=(fault,), reasons={fault: reason} if reason else {})


def _age(booth: WellBooth, days: float) -> None:
    issued_at = datetime.now(UTC) - timedelta(days=days)
    keep_roster(booth.roster, {}, REGISTRAR, issued_at=issued_at)


def _damage(booth: WellBooth) -> None:
    booth.outbox.write_bytes(b"rubbish" * 999)


def _lose(booth: WellBooth) -> None:
    booth.outbox.unlink()


def _sync_before(booth: WellBooth, seconds: float) -> None:
    before = replace(booth.now, wall=booth.now.wall - seconds)
    note_sync(booth.roster, before, fault=None, sent=0, oldest=None)


def _fail_to_sync(booth: WellBooth, days: float = 0) -> None:
    _sync_before(booth, days * 86_400 + 60)
    fault = "registrar.example: no answer; look at the network"
    note_sync(
        booth.roster, replace(booth.now, wall=booth.now.wall - 5), fault=fault, sent=0, oldest=None
    )


HARMS = {
    "the booth has died": Harm(
        lambda b: b.tell(pid=2**22 + 1), "booth", "fail",
        "is not running: its process has ended", "sudo systemctl start kiosk",
    ),
    "the booth is stuck": Harm(
        lambda b: b.tell(at=since_boot() - 60), "booth", "fail",
        "is stuck: process", "sudo systemctl restart kiosk",
    ),
    "camera gone": Harm(
        lambda b: _stop(b, "camera", "the camera gave no frame for 3 s; check its cable"),
        "booth", "fail", "out of service for 10 minutes: camera", "see camera",
    ),
    "camera gone, by its own line": Harm(
        lambda b: _stop(b, "camera", "the camera gave no frame for 3 s"), "camera", "fail",
        "the camera gave no frame for 3 s", "camera's cable",
    ),
    "wrong colours": Harm(
        lambda b: _stop(b, "colour"), "camera", "fail", "another colour", "kiosk calibrate"
    ),
    "lamp not there": Harm(
        lambda b: b.tell(lamps_missing=("fill",), faults=("lamps",)), "camera", "fail",
        "not there: fill", "plugs and driver",
    ),
    "lamps hot": Harm(
        lambda b: b.tell(lamps_held_back="they have 66 °C, and are hot from 60"), "camera", "warn",
        "they have 66 °C", "heat sinks and vents",
    ),
    "a window that glasses mirror": Harm(
        lambda b: b.tell(reflections_today={"lens room_left": 14, "lens key_left": 9}),
        "reflections", "warn", "mirrored the room, on the left 14 times", "curtain on the left",
    ),
    "lamps exchanged": Harm(
        lambda b: b.tell(light_notices=("swapped",)), "light", "warn",
        "left and the right key lamp are exchanged", "exchange their wires",
    ),
    "a weak lamp": Harm(
        lambda b: b.tell(light_notices=("weak fill",)),
        "light", "warn", "lamp fill is weak", "clean",
    ),
    "reader gone": Harm(
        lambda b: _stop(b, "reader", "the scanner cannot be read; plug the scanner in"),
        "reader", "fail", "the scanner cannot be read", "plug the scanner in",
    ),
    "in maintenance": Harm(
        lambda b: b.tell(maintenance=True), "booth", "warn", "in maintenance", "maintenance off"
    ),
    "outbox damaged": Harm(_damage, "outbox", "fail", "is damaged", "kiosk doctor"),
    "outbox lost": Harm(_lose, "outbox", "fail", "1 photos that it has kept", "--accept-loss"),
    "key gone": Harm(
        lambda b: (b.state / "signing.key").unlink(), "keys", "fail",
        "signing key cannot be read (No such file", "registrar booth add",
    ),
    "key that others may read": Harm(
        lambda b: (b.state / "signing.key").chmod(0o644), "keys", "fail",
        "others may read the booth's signing key", "chmod 600",
    ),
    "key that is none": Harm(
        lambda b: (b.state / "signing.key").write_text("rubbish"), "keys", "fail",
        "is no signing key", "",
    ),
    "roster old": Harm(
        lambda b: _age(b, 60), "roster", "fail", "60 days ago", "sudo kiosk sync"
    ),
    "roster gone": Harm(
        lambda b: b.roster.unlink(), "roster", "fail", "none yet", "sudo kiosk sync"
    ),
    "clock a day slow": Harm(
        lambda b: setattr(b, "now", replace(b.now, wall=b.now.wall - 86_400)), "clock", "fail",
        "is 24 hours slow against the registrar's", "timedatectl",
    ),
    "clock of 1970": Harm(
        lambda b: setattr(b, "now", replace(b.now, wall=60.0, boot="another")), "clock", "fail",
        "before this software was made", "timedatectl",
    ),
    "roster from the future": Harm(
        lambda b: _age(b, -3650), "roster", "fail", "made 10 years after this clock's time",
        "network time",
    ),
    "sync fails": Harm(
        _fail_to_sync, "sync", "warn", "failed 5 s ago: registrar.example: no answer", "network"
    ),
    "sync fails for days": Harm(
        lambda b: _fail_to_sync(b, 3), "sync", "fail", "the last good one 3 days ago", "network"
    ),
    "sync has stopped": Harm(
        lambda b: _sync_before(b, 7200),
        "sync", "warn", "was last run 2 hours ago", "kiosk-sync.timer",
    ),
    "hot": Harm(
        lambda b: b.write(TEMPERATURE, "83000\n"), "heat", "fail", "83 °C: too hot", "cooler"
    ),
    "nearly hot": Harm(
        lambda b: b.write(TEMPERATURE, "77000\n"), "heat", "warn", "77 °C: nearly", "cooler"
    ),
    "was hot": Harm(
        lambda b: b.write(FIRMWARE, "40000\n"), "heat", "warn", "was throttled", "cooler"
    ),
    "under-voltage now": Harm(
        lambda b: b.write(FIRMWARE, "50005\n"), "power", "fail", "under-voltage now", "27 W supply"
    ),
    "under-voltage by the kernel's sensor": Harm(
        lambda b: b.write("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n"), "power", "fail",
        "under-voltage now", "27 W supply",
    ),
    "under-voltage once": Harm(
        lambda b: b.write(FIRMWARE, "10000\n"), "power", "warn", "was under-voltage", "27 W supply"
    ),
    "models missing": Harm(
        lambda b: setattr(b, "models", b.folder / "none"), "models", "fail",
        "nobody is photographed", "kiosk models --fetch",
    ),
}  # fmt: skip


def assert_named(found: list[Finding], harm: Harm) -> None:
    worse = [one for one in found if one.verdict == harm.verdict]
    assert any(harm.says in one.says and harm.next_step in one.next_step for one in worse), found


@pytest.mark.parametrize("name", HARMS)
def test_status_names_what_is_wrong_and_the_next_step(name: str, booth: WellBooth) -> None:
    harm = HARMS[name]
    harm.do(booth)
    assert_named(find_check(harm.check, thorough=False)(booth.site()), harm)


@pytest.mark.parametrize("name", ["outbox lost", "roster old", "clock a day slow", "hot"])
def test_doctor_names_it_too(name: str, booth: WellBooth) -> None:
    harm = HARMS[name]
    harm.do(booth)
    assert_named(find_check(harm.check, thorough=True)(booth.site(thorough=True)), harm)


def test_doctor_sets_a_damaged_outbox_aside_and_says_so_from_then_on(booth: WellBooth) -> None:
    _damage(booth)
    check, site = find_check("outbox", thorough=True), booth.site(thorough=True)
    assert any("the outbox was damaged" in one.says for one in check(site))
    (found,) = check(site)
    assert "a damaged one is kept as outbox.sqlite.damaged-1" in found.says


def test_what_was_refused_or_set_aside_is_told_with_the_way_out(booth: WellBooth) -> None:
    from kiosk.sync.outbox import Outbox

    Outbox(booth.outbox).set_aside(1, "its sealed photo is damaged")
    (found,) = find_check("outbox", thorough=False)(booth.site())
    assert (found.verdict, found.says) == ("fail", "1 set aside, which cannot go as they are")
    assert "kiosk sync --retry-set-aside" in found.next_step
    told = find_check("outbox", thorough=True)(booth.site(thorough=True))
    assert "photo 1: its sealed photo is damaged" in [one.says for one in told]


def test_a_disk_that_is_full_nearly_full_or_read_only_is_told_from_trying(
    well: Path, card: Path, models_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remount(card, "size=40m")
    booth = WellBooth(well, card / "booth", models_store)
    check = find_check("disk", thorough=False)
    with (card / "other").open("wb") as other:
        os.posix_fallocate(other.fileno(), 0, 38_500_000)
    (found,) = check(booth.site())
    assert (found.verdict, "the disk is full" in found.says) == ("fail", True)
    assert "journalctl --vacuum-size" in found.next_step
    monkeypatch.setattr("kiosk.sync.write_probe.LEAST_FREE_BYTES", 100_000)
    (found,) = check(booth.site())
    assert (found.verdict, "9" in found.says, "full" in found.says) == ("warn", True, True)
    site = booth.site()
    remount(card, "ro")
    (found,) = check(site)
    assert found.verdict == "fail"
    assert "Read-only file system" in found.says
    assert "put in a new one" in found.next_step
    assert found.spare == "storage"
    (found,) = find_check("outbox", thorough=False)(site)
    assert found.says.startswith("1 waiting")  # what waits can be read all the same
    remount(card, "rw")


def test_files_of_another_owner_are_named_with_the_command_that_gives_them_back(
    booth: WellBooth,
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(booth.outbox, 65534, 65534)
    (found,) = find_check("owners", thorough=False)(booth.site())
    assert found.verdict == "fail"
    assert found.next_step == f"sudo chown -R 0:0 {booth.outbox}"


# ---- what is tried on the twin ----


@dataclass
class Bench:
    """A twin with its camera, which tests share."""

    twin: Twin
    camera: StandingCamera
    clock: VirtualClock


@pytest.fixture(scope="module")
def shared_bench() -> Bench:
    clock = VirtualClock()
    twin = Twin("lin", LampSettings().pins, seed=0)
    camera = StandingCamera(twin.camera(clock, clock.advance), clock)
    camera._camera.start()
    return Bench(twin, camera, clock)


@pytest.fixture
def bench(shared_bench: Bench) -> Iterator[Bench]:
    yield shared_bench
    wires = shared_bench.twin.wires
    wires.fault = Fault.NONE
    for lamp in wires.lamps:
        wires.set_output(lamp, 1.0)


@pytest.mark.parametrize(
    ("fault", "worn", "told"),
    [
        (Fault.UNPLUGGED, {}, [("camera is unplugged", "camera's cable", "camera cable")]),
        (Fault.GREEN, {}, [("its pictures are green", "camera's cable", "camera")]),
        (Fault.BLACK, {}, [("its pictures are black", "are lit", "camera")]),
        (
            Fault.SWAPPED,
            {"fill": 0.0, "key_left": 0.4},
            [
                ("red and blue are exchanged", "pixel format", "camera"),
                ("key_left is weak: it gives 4", "diffuser", "key lamp"),
                ("fill is dark: its pin obeys", "fuse", "fill lamp"),
            ],
        ),
    ],
)
def test_doctor_sees_what_is_wrong_with_camera_and_lamps(
    booth: WellBooth,
    bench: Bench,
    fault: Fault,
    worn: dict[str, float],
    told: list[tuple[str, str, str]],
) -> None:
    bench.twin.wires.fault = fault
    for lamp, share in worn.items():
        bench.twin.wires.set_output(lamp, share)
    site = booth.stopped_site(bench.twin, bench.camera, bench.clock)
    found = [
        one for one in find_check("camera", thorough=True)(site) if one.verdict in ("warn", "fail")
    ]
    assert len(found) == len(told)
    for one, (says, next_step, spare) in zip(found, told, strict=True):
        assert says in one.says
        assert next_step in one.next_step
        assert one.as_json()["spare_part"] == SPARE_PARTS[spare].name


def calibrate(well: WellBooth, **changes: object) -> None:
    """Keep a calibration of the sound twin."""
    setup, camera = setup_of(well.config), well.config.camera
    known = {
        "at": datetime.now(UTC), "version": 2, "booth": setup.booth, "camera": setup.camera,
        "driver": setup.driver, "pins": dict(setup.pins), "frequencies": dict(setup.frequencies),
        "exposure_time": camera.exposure_time, "analogue_gain": camera.analogue_gain,
        "colour_gains": camera.colour_gains, "room": 0.104, "lag": 0.0,
        "effects": {"key_left": 0.081, "key_right": 0.08, "fill": 0.041, "backdrop": 0.666},
        "lamps": {"key_left": {"face": 0.6, "backdrop": [0.09, 0.07]}},
    }  # fmt: skip
    path = calibration_path(well.outbox)
    write_calibration(path, Calibration.model_validate(known | changes))


def test_doctor_names_lamps_that_give_a_fifth_less_than_calibrated(
    booth: WellBooth, bench: Bench
) -> None:
    calibrate(booth)
    for lamp, share in {"backdrop": 0.85, "fill": 0.75, "key_right": 0.5}.items():
        bench.twin.wires.set_output(lamp, share)
    site = booth.stopped_site(bench.twin, bench.camera, bench.clock)
    _, key, fill = find_check("camera", thorough=True)(site)
    assert (key.verdict, key.spare) == ("warn", "key lamp")
    assert key.says.startswith("key_right is weak: it gives 5")
    assert (fill.verdict, fill.spare) == ("warn", "")
    assert fill.says.startswith("fill is weak: it gives 7")
    assert "kiosk calibrate lamps" in fill.next_step


def test_doctor_sees_that_two_lamps_are_wired_the_wrong_way_round(
    booth: WellBooth, bench: Bench
) -> None:
    site = booth.stopped_site(bench.twin, bench.camera, bench.clock)
    pins = site.config.lamps.pins
    crossed = {**pins, "key_left": pins["key_right"], "key_right": pins["key_left"]}
    settings = site.config.lamps.model_copy(update={"pins": crossed})
    lamps = replace(
        site,
        make_lamps=lambda curves: open_virtual_lamps(
            settings, bench.twin.pin_factory, bench.clock, curves
        ),
    )
    found = find_check("camera", thorough=True)(lamps)[1]
    assert found.says.startswith("key_left and key_right are exchanged")
    assert "lamps.pins" in found.next_step


def test_doctor_sees_bands_and_says_which_frequency_has_none(
    booth: WellBooth, bench: Bench
) -> None:
    site = booth.stopped_site(bench.twin, bench.camera, bench.clock)
    settings = site.config.lamps.model_copy(update={"frequency": 170})
    banded = replace(
        site,
        make_lamps=lambda curves: open_virtual_lamps(
            settings, bench.twin.pin_factory, bench.clock, curves
        ),
    )
    found = find_check("camera", thorough=True)(banded)[1]
    assert (found.check, found.verdict) == ("bands", "fail")
    assert "at 170 Hz" in found.says
    assert "set lamps.frequency to 1000" in found.next_step


def test_doctor_sees_a_window_and_the_clouds_before_it(booth: WellBooth, bench: Bench) -> None:
    calibrate(booth)
    wires = bench.twin.wires
    site = booth.stopped_site(bench.twin, bench.camera, bench.clock)
    wires.ambient = {"room": 1.0, "key_left": 1.0}
    try:
        steady = find_check("camera", thorough=True)(site)[1]
        wires.set_clouds("key_left", 3)
        bench.clock.followers.append(wires.pass_time)
        clouds = find_check("camera", thorough=True)(site)[1]
    finally:
        bench.clock.followers.clear()
        wires.set_clouds("key_left", 0)
        wires.ambient = {"room": 1.0}
    for found, says in ((steady, "the room gives 2."), (clouds, "the room's light changed by")):
        assert (found.check, found.verdict) == ("room", "warn")
        assert says in found.says
        assert "curtain" in found.next_step


@pytest.mark.parametrize(
    ("changes", "verdict", "says"),
    [
        ({}, "ok", "of 20"),
        ({"at": datetime.now(UTC) - timedelta(days=500)}, "warn", "is stale: it is 500 days old"),
        ({"pins": {"key_left": 4}}, "warn", "is stale: lamp backdrop was not there"),
        ({"booth": "booth-9"}, "warn", "is stale: it is of booth booth-9"),
        ({"lamps": {}}, "warn", "lacks the lamps"),
    ],
)
def test_status_tells_a_calibration_that_is_stale(
    booth: WellBooth, changes: dict[str, object], verdict: str, says: str
) -> None:
    calibrate(booth, **changes)
    (found,) = find_check("calibration", thorough=True)(booth.site(thorough=True))
    assert found.verdict == verdict
    assert says in found.says
    told = find_check("calibration", thorough=False)(booth.site())
    assert told == ([] if verdict == "ok" else [found])


def test_doctor_finds_a_sound_twin_well_and_leaves_its_lamps_dark(
    booth: WellBooth, bench: Bench
) -> None:
    site = booth.stopped_site(bench.twin, bench.camera, bench.clock)
    camera, lamps = find_check("camera", thorough=True)(site)
    assert camera.says == "twin: 960 × 1280, colours as they should"
    says = "the camera sees the light of key_left, key_right, fill, backdrop"
    assert lamps.says.startswith(says)
    assert set(bench.twin.wires.levels.values()) == {0.0}


def test_doctor_leaves_a_running_booth_its_devices_and_says_how_to_try_them(
    booth: WellBooth,
) -> None:
    site = booth.site(thorough=True)
    found = find_check("camera", thorough=True)(site) + find_check("reader", thorough=True)(site)
    assert [one.verdict for one in found] == ["ok"] * 3
    assert "kiosk maintenance on" in found[0].next_step


def test_a_reader_that_is_not_plugged_in_is_named(booth: WellBooth, tmp_path: Path) -> None:
    usual = booth.config
    reader = usual.reader.model_copy(update={"kind": "serial", "device": tmp_path / "tty"})
    config = usual.model_copy(update={"reader": reader})
    clock = VirtualClock()
    site = Site(config, booth.now, thorough=True, clock=clock, sleep=clock.advance)
    (found,) = find_check("reader", thorough=True)(site)
    assert found.verdict == "fail"
    assert str(tmp_path / "tty") in found.says
    assert found.next_step.startswith("plug the scanner in")
    assert found.spare == "code reader"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("sys/class/drm/card1-HDMI-A-1/status", "disconnected\n", "none is plugged in"),
        ("sys/class/drm/card1-HDMI-A-1/modes", "800x480\n", "has no 1080 × 1920, but 800x480"),
    ],
)
def test_a_screen_that_is_missing_or_another_is_named(
    name: str, text: str, says: str, booth: WellBooth
) -> None:
    check = find_check("screen", thorough=True)
    assert check(booth.site())[0].verdict == "ok"
    booth.write(name, text)
    (found,) = check(booth.site())
    assert found.verdict == "fail"
    assert says in found.says


def test_a_stock_that_runs_low_is_told_with_the_command_that_counts_it_up(booth: WellBooth) -> None:
    from kiosk.upkeep.stock import Stock, stock_path

    Stock(stock_path(booth.outbox)).set("wipes", 3, "a technician")
    (found,) = find_check("stock", thorough=False)(booth.site())
    assert (found.verdict, found.says) == ("warn", "wipes: 3 left, 50 is the least")
    assert "kiosk stock" in found.next_step


# ---- what systemd says ----

SYSTEMCTL = """#!/bin/sh
shift 2
for unit; do
    load=loaded active=active
    case $unit in kiosk-sync.timer) active=inactive;; kiosk-f*) load=not-found;; esac
    printf 'Id=%s\\nLoadState=%s\\nActiveState=%s\\n\\n' "$unit" "$load" "$active"
done
"""


def test_a_unit_that_does_not_run_is_named_and_so_is_a_clock_without_network_time(
    booth: WellBooth, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, time = find_check("services", thorough=True), find_check("time", thorough=True)
    assert [one.verdict for one in services(booth.site()) + time(booth.site())] == ["unknown"] * 2
    (booth.machine / "run/systemd/system").mkdir(parents=True)
    programs = booth.folder / "bin"
    programs.mkdir()
    for name, script in (("systemctl", SYSTEMCTL), ("timedatectl", "#!/bin/sh\necho no\n")):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    (found,) = services(booth.site())
    assert (found.verdict, found.says) == ("fail", "kiosk-sync.timer is inactive")
    assert "systemctl enable --now kiosk-sync.timer" in found.next_step
    (found,) = time(booth.site())
    assert (found.verdict, found.spare) == ("warn", "clock battery")
