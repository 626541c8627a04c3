"""The units: systemd accepts them, and they say what the booth relies on."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = (
    "kiosk-booth.service",
    "kiosk-resolver.service",
    "kiosk-sync.service",
    "kiosk-sync.timer",
    "registrar.service",
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
        text = re.sub(r"^ExecStart=\S+", f"ExecStart={program}", text, flags=re.MULTILINE)
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


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_a_service_has_a_user_of_its_own_and_can_write_its_state_only(
    root: Path, name: str
) -> None:
    service = read(root / "systemd" / name)["Service"]
    assert service["User"] in ("kiosk", "registrar")
    assert service["ProtectSystem"] == "strict"
    assert service["StateDirectory"] == service["User"]
    assert service["StateDirectoryMode"] == "0700"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""


def test_no_photo_reaches_the_disk_by_swap_or_core_file(root: Path) -> None:
    for name in UNITS:
        if name.endswith(".service"):
            service = read(root / "systemd" / name)["Service"]
            assert (service["MemorySwapMax"], service["LimitCORE"]) == ("0", "0")


def test_what_sees_faces_has_no_network_and_what_has_it_sees_no_device(root: Path) -> None:
    booth = read(root / "systemd" / "kiosk-booth.service")["Service"]
    assert booth["PrivateNetwork"] == "yes"
    assert not {"AF_INET", "AF_INET6"} & set(booth["RestrictAddressFamilies"].split())
    for name in ("kiosk-resolver", "kiosk-sync"):
        assert read(root / "systemd" / f"{name}.service")["Service"]["PrivateDevices"] == "yes"


def test_the_booth_comes_back_by_itself(root: Path) -> None:
    assert read(root / "systemd" / "kiosk-booth.service")["Service"]["Restart"] == "on-failure"


def test_the_udev_rule_makes_the_readers_default_device(root: Path) -> None:
    from kiosk.config import ReaderSettings

    rules = (root / "systemd" / "70-kiosk-scanner.rules").read_text("utf-8")
    assert ReaderSettings().device == Path("/dev") / "kiosk-scanner"
    assert 'SYMLINK+="kiosk-scanner"' in rules
