"""`kiosk reader probe`: what one scan tells of a scanner, and why nothing was heard."""

import errno
import json
import os
import time
import tty
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread

import pytest

from kiosk.commands.main import main
from kiosk.reader import evdev, probing
from kiosk.reader.evdev import DOWN, EV_KEY, UP
from kiosk.reader.probe import LAYOUTS, PROBE_TEXT, Burst, examine
from kiosk.reader.probing import NoScan, wait_for_scan
from kiosk.reader.reader import NOTHING
from kiosk.reader.us_layout import KEYS
from tests.reader.test_evdev import CAPS, Scanner


def burst(text: str, gap: float = 0.002, locks: int = 0) -> Burst:
    return Burst("evdev", "HF680", tuple((c, n * gap) for n, c in enumerate(text)), locks)


def on_keyboard(layout: str, text: str) -> str:
    """The US keyboard's characters of the keys by which another has a text."""
    places = LAYOUTS[layout]  # type: ignore[index]
    by_meaning = {char.translate(places): char for pair in KEYS.values() for char in pair}
    return "".join(by_meaning[char] for char in text)


def test_a_scanner_that_is_set_up_well_has_no_troubles() -> None:
    found = examine(burst(f"]Q1{PROBE_TEXT}\t\r"))
    assert (found.prefix, found.suffix, found.end) == ("]Q1", "\t", "Enter")
    assert (found.layout, found.length, found.troubles) == ("US", len(PROBE_TEXT), ())
    assert found.pace == pytest.approx(0.002)


@pytest.mark.parametrize("layout", ["German", "French"])
def test_another_keyboard_is_named(layout: str) -> None:
    found = examine(burst(f"{on_keyboard(layout, PROBE_TEXT)}\r"))
    assert (found.layout, found.length) == (layout, len(PROBE_TEXT))
    assert any(f"{layout} keyboard" in each for each in found.troubles)


@pytest.mark.parametrize(
    ("came", "told"),
    [
        (burst(f"{PROBE_TEXT.swapcase()}\r"), "inverts capitals"),
        (burst(PROBE_TEXT), "send Enter"),
        (burst(f"{PROBE_TEXT}\r\r"), "several ends"),
        (burst(f"{PROBE_TEXT}\r", locks=2), "presses CapsLock"),
        (burst(f"{PROBE_TEXT}\r", gap=0.05), "50 ms a character"),
        (burst(f"{PROBE_TEXT[:9]}{NOTHING}{PROBE_TEXT[9:]}\r"), "typed nothing"),
        (burst(f"{PROBE_TEXT[:9]}{PROBE_TEXT[11:]}\r"), "of the code's"),
        (Burst("serial", "x", ((PROBE_TEXT, 0.0), ("\r", 0.5))), "pauses for 0.5 s"),
    ],
)
def test_what_would_keep_the_booth_from_reading_is_told_with_its_way_out(
    came: Burst, told: str
) -> None:
    assert any(told in each for each in examine(came).troubles)


def test_of_any_other_code_prefix_and_suffix_are_known_where_no_code_can_have_them() -> None:
    found = examine(burst("\x02]Q3TX9-4471\x03\r"), "another")
    assert (found.layout, found.prefix, found.suffix) == ("unknown", "\x02", "\x03")
    assert examine(burst("]Q3TX9-4471\r"), "another").prefix == "]Q3"


# ---- on the wires ----


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Scanner]:
    scanner = Scanner(tmp_path / "event7")
    scanner.plug_in()
    scanner.now = time.monotonic()
    yield scanner
    scanner.unplug()


def probe(
    scanner: Scanner | None, ports: Mapping[str, Path] | None = None, seconds: float = 5.0
) -> Burst:
    keyboards = {} if scanner is None else {"Honeywell HF680": scanner.device}
    ask = scanner.ioctl if scanner is not None else evdev.ioctl
    return wait_for_scan(keyboards, ports or {}, seconds, time.monotonic, ask)


def test_the_scanner_is_found_among_keyboards_by_how_it_types(scanner: Scanner) -> None:
    scanner.send((EV_KEY, 28, UP))  # of whoever began this by Enter
    scanner.send((EV_KEY, CAPS, DOWN), (EV_KEY, CAPS, UP))
    scanner.now = time.monotonic() - 2.0
    scanner.type(f"{PROBE_TEXT}\r")
    found = examine(probe(scanner))
    assert (found.name, found.layout, found.end) == ("Honeywell HF680", "US", "Enter")
    assert any("CapsLock" in each for each in found.troubles)


def test_a_scanner_on_a_serial_line_is_found_by_what_it_sends(tmp_path: Path) -> None:
    end, near = os.openpty()
    tty.setraw(near)
    port = Path(os.ttyname(near))
    os.write(end, f"\x02{PROBE_TEXT}\r\n".encode())
    found = examine(probe(None, {"/dev/serial/by-id/usb-Honeywell": port}))
    assert (found.kind, found.name) == ("serial", "/dev/serial/by-id/usb-Honeywell")
    assert (found.prefix, found.end, found.troubles) == ("\x02", "CR LF", ())
    os.close(near)
    os.close(end)


def test_a_person_who_types_is_no_scanner(scanner: Scanner) -> None:
    scanner.now = time.monotonic() - 60
    scanner.type("hello there\r", gap=0.1)
    with pytest.raises(NoScan, match="nothing was scanned in 0 s by: Honeywell HF680"):
        probe(scanner, seconds=0.3)


def test_why_nothing_can_be_heard_is_told(scanner: Scanner, tmp_path: Path) -> None:
    with pytest.raises(NoScan, match="plug the scanner in"):
        probe(None)
    scanner.taken_by_another = True
    with pytest.raises(
        NoScan, match="HF680: another program has it, the booth perhaps: systemctl stop"
    ):
        probe(scanner)

    def refuse(*_: object) -> object:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with pytest.raises(NoScan, match="groups input and dialout"):
        wait_for_scan({"HF680": scanner.device}, {}, 1.0, time.monotonic, refuse)
    (tmp_path / "no tty").touch()
    with pytest.raises(NoScan, match="ttyX: cannot be read"):
        probe(None, {"ttyX": tmp_path / "no tty"})


def test_each_serial_port_is_listed_once_by_its_most_lasting_name(tmp_path: Path) -> None:
    (tmp_path / "serial" / "by-id").mkdir(parents=True)
    for name in ("ttyACM0", "ttyUSB0"):
        (tmp_path / name).touch()
    (tmp_path / "serial" / "by-id" / "usb-Zebra").symlink_to(tmp_path / "ttyACM0")
    ports = probing.list_serial_ports(tmp_path)
    assert [Path(name).name for name in ports] == ["usb-Zebra", "ttyUSB0"]


def test_the_command_prints_what_to_configure_and_not_what_the_code_says(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evdev, "list_keyboards", lambda: {"Honeywell HF680": scanner.device})
    monkeypatch.setattr(probing, "list_serial_ports", dict)
    monkeypatch.setattr(probing, "_ask", scanner.ioctl)

    def scan(code: str, *typed: str) -> tuple[int, str, str]:
        scanner.now = time.monotonic() - 2.0
        Thread(target=scanner.type, args=(code,)).start()
        status = main(["reader", "probe", "--seconds", "5", *typed])
        return status, *capsys.readouterr()

    status, out, err = scan("]Q1TX9-4471-KQ\r")
    assert status == 0
    assert 'kind = "evdev"\nname = "Honeywell HF680"\nprefix = "]Q1"\n' in out
    assert "4471" not in out + err
    status, out, _ = scan("TX9-4471-KQ", "--json")
    assert status == 1
    assert json.loads(out)["troubles"] == [
        "nothing ends the scan: set the scanner to send Enter (CR) after each code"
    ]
    scanner.taken_by_another = True
    assert main(["reader", "probe"]) == 1
    assert "another program has it" in capsys.readouterr().err
