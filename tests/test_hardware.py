"""hardware.md says what the default configuration says."""

import re
from pathlib import Path

from gpiozero.pins.pi import PiBoardInfo

from kiosk.config import LampSettings

PI_5 = 0xD04170
"""Revision code of a Raspberry Pi 5 with 8 GB; its header is that of every Pi since the B+."""


HEADER = {pin.name: pin for pin in PiBoardInfo.from_revision(PI_5).headers["J8"].pins.values()}


def pin_table() -> str:
    """The lamps' pins as a table: by BCM number, and by place on the header."""
    rows = [
        f"| {lamp} | {pin} | {HEADER[f'GPIO{pin}'].number} |"
        for lamp, pin in LampSettings().pins.items()
    ]
    return "\n".join(["| lamp | GPIO (BCM) | pin of the header |", "| --- | --- | --- |", *rows])


def test_the_pin_table_is_that_of_the_default_configuration(root: Path) -> None:
    text = (root / "hardware.md").read_text("utf-8")
    found = re.search(r"<!-- pins -->\n(.*?)\n<!-- /pins -->", text, re.DOTALL)
    assert found is not None
    assert found[1] == pin_table()


def test_every_lamp_hangs_on_a_pin_with_hardware_pwm() -> None:
    assert all("pwm" in HEADER[f"GPIO{pin}"].interfaces for _, pin in LampSettings().pins.items())


def test_the_backdrops_colour_is_that_of_the_specification(root: Path) -> None:
    from kiosk.pipeline.specification import specification

    colour = specification().background["light-blue"]
    assert f"RGB {colour}" in (root / "hardware.md").read_text("utf-8")
