"""The units: systemd accepts them, and they say what the booth relies on."""

import configparser
import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = (
    "kiosk.service",
    "kiosk-firewall.service",
    "kiosk-maintenance.service",
    "kiosk-maintenance.timer",
    "kiosk-resolver.service",
    "kiosk-sync.service",
    "kiosk-sync.timer",
    "registrar.service",
    "registrar-upkeep.service",
    "registrar-upkeep.timer",
    "registrar-vault.service",
    "registrar-vault.socket",
)


def read(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path, "utf-8")
    return unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_accepts_the_units(root: Path, tmp_path: Path) -> None:
    program = shutil.which("true")
    for name in UNITS:
        text = (root / "systemd" / name).read_text("utf-8")
        # The programs are not installed where tests run; everything else is judged as it is.
        text = re.sub(r"^(Exec\w+=[-+]*)\S+", rf"\g<1>{program}", text, flags=re.MULTILINE)
        (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if any(name in line for name in UNITS)]
    assert (done.returncode, ours) == (0, [])


OURS = [n for n in UNITS if n.endswith(".service") and n != "kiosk-firewall.service"]
"""The services that run what is ours."""


@pytest.mark.parametrize("name", OURS)
def test_a_service_has_a_user_of_its_own_and_can_write_its_state_only(
    root: Path, name: str
) -> None:
    service = read(root / "systemd" / name)["Service"]
    assert service["User"] in ("kiosk", "registrar", "registrar-vault")
    assert service["ProtectSystem"] == "strict"
    assert service["StateDirectory"] == service["User"]
    assert service["StateDirectoryMode"] == "0700"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""


def test_no_photo_reaches_the_disk_by_swap_or_core_file(root: Path) -> None:
    for name in OURS:
        service = read(root / "systemd" / name)["Service"]
        assert (service["MemorySwapMax"], service["LimitCORE"]) == ("0", "0")


def test_what_sees_faces_has_no_network_and_what_has_it_sees_no_device(root: Path) -> None:
    booth = read(root / "systemd" / "kiosk.service")["Service"]
    assert booth["PrivateNetwork"] == "yes"
    assert not {"AF_INET", "AF_INET6"} & set(booth["RestrictAddressFamilies"].split())
    vault = read(root / "systemd" / "registrar-vault.service")["Service"]
    assert (vault["PrivateNetwork"], vault["IPAddressDeny"]) == ("yes", "any")
    assert vault["RestrictAddressFamilies"] == "AF_UNIX"
    for name in ("kiosk-resolver", "kiosk-sync"):
        assert read(root / "systemd" / f"{name}.service")["Service"]["PrivateDevices"] == "yes"


def test_the_registrar_alone_reaches_a_vault_whose_key_it_cannot_read(root: Path) -> None:
    socket = read(root / "systemd" / "registrar-vault.socket")["Socket"]
    assert (socket["SocketUser"], socket["SocketMode"]) == ("registrar", "0600")
    assert read(root / "systemd" / "registrar.service")["Service"]["User"] == "registrar"
    vault = read(root / "systemd" / "registrar-vault.service")["Service"]
    assert (vault["User"], vault["StateDirectoryMode"]) == ("registrar-vault", "0700")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
@pytest.mark.parametrize("name", OURS)
def test_a_service_may_do_little(root: Path, name: str) -> None:
    done = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=true",
            "--threshold=25",
            root / "systemd" / name,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


def test_a_booth_that_is_stuck_or_ends_comes_back_by_itself(root: Path) -> None:
    unit = read(root / "systemd" / "kiosk.service")
    assert unit["Service"]["Restart"] == "always"
    assert (unit["Service"]["Type"], unit["Service"]["WatchdogSec"]) == ("notify", "20")
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


def test_what_is_typed_at_the_booth_reaches_no_login_prompt(root: Path) -> None:
    unit = read(root / "systemd" / "kiosk.service")
    assert unit["Unit"]["Conflicts"] == "getty@tty1.service"
    assert (unit["Service"]["StandardInput"], unit["Service"]["TTYPath"]) == ("tty", "/dev/tty1")


def test_the_booth_opens_the_devices_that_are_named_and_no_others(root: Path) -> None:
    text = (root / "systemd" / "kiosk.service").read_text("utf-8")
    assert "\nDevicePolicy=closed\n" in text
    allowed = re.findall(r"^DeviceAllow=(\S+) rw$", text, flags=re.MULTILINE)
    assert {"char-drm", "char-input", "char-video4linux", "char-gpiochip"} < set(allowed)
    assert not [name for name in allowed if name.startswith(("block", "/dev/mem"))]


def test_the_nightly_run_removes_what_nothing_needs_any_more(root: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    for age, version in enumerate(["0.6.0", "0.5.0", "0.4.0", "0.3.0", "0.2.0", "0.1.0"]):
        (releases / version).mkdir(parents=True)
        os.utime(releases / version, (1e9 - age, 1e9 - age))
    (tmp_path / "current").symlink_to("releases/0.1.0")
    (tmp_path / "failed").write_text("0.2.0 0.1.0 2026-06-01 why\n")
    nightly = root / "systemd" / "lib" / "nightly"
    environ = os.environ | {"KIOSK_ROOT": str(tmp_path)}
    (tmp_path / "lock").touch()
    with (tmp_path / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([nightly], env=environ, check=True, timeout=60)
        assert len(list(releases.iterdir())) == 6  # an update is under way
    subprocess.run([nightly], env=environ, check=True, timeout=60)
    left = {path.name for path in releases.iterdir()}
    assert left == {"0.6.0", "0.5.0", "0.4.0", "0.2.0", "0.1.0"}


@pytest.mark.parametrize("options", [["--chek"], ["--models"], ["--models", "/nowhere"]])
def test_the_installation_refuses_what_it_does_not_know(root: Path, options: list[str]) -> None:
    done = subprocess.run(
        [root / "install.sh", *options], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "--help" in done.stderr


def test_the_udev_rule_makes_the_readers_default_device(root: Path) -> None:
    from kiosk.config import ReaderSettings

    rules = (root / "systemd" / "70-kiosk-scanner.rules").read_text("utf-8")
    assert ReaderSettings().device == Path("/dev") / "kiosk-scanner"
    assert 'SYMLINK+="kiosk-scanner"' in rules


@pytest.mark.parametrize(
    ("option", "camera", "lamps"), [("twin", "twin", "gpio"), ("", "webcam", "none")]
)
def test_the_configuration_that_is_installed_fits_the_machine(
    root: Path, tmp_path: Path, option: str, camera: str, lamps: str
) -> None:
    from kiosk.config import CameraSettings, load

    script = f"""
    from={root}
    has_option() {{ [ "$1" = "{option}" ]; }}
    source {root}/tools/install/software.sh
    on_pi() {{ return 1; }}
    example_config
    """
    written = tmp_path / "kiosk.toml"
    with written.open("w") as file:
        subprocess.run(["bash", "-c", script], stdout=file, check=True, timeout=60)
    config = load(written).config
    assert (config.camera.kind, config.lamps.driver) == (camera, lamps)
    assert config.camera.colour_gains == CameraSettings().colour_gains
    assert config.sync.signing_key_file == tmp_path / "signing.key"
