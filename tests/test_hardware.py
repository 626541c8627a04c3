"""hardware.md says what the code calculates, and names only what there is."""

import re
import tomllib
from pathlib import Path

import pytest
from gpiozero.pins.pi import PiBoardInfo

from kiosk.building.light import lightness_chroma_hue, luminance_factor
from kiosk.commands.main import COMMANDS
from kiosk.config import Config, LampSettings
from kiosk.drawing.hardware_tables import EVERYTHING, TABLES, WITH_CHIP
from kiosk.drawing.plan import draw_plan
from kiosk.drawing.wiring import PI_5, connections
from kiosk.drawing.wiring_drawing import draw_wiring
from kiosk.pipeline.specification import specification


@pytest.fixture(scope="module")
def guide(root: Path) -> str:
    return (root / "hardware.md").read_text("utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_as_it_is_calculated(guide: str, name: str) -> None:
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", guide, re.DOTALL)
    assert found is not None
    assert found[1] == TABLES[name](), "make hardware"


def test_its_drawings_are_those_of_the_example_configuration(root: Path) -> None:
    example = Config.model_validate(tomllib.loads((root / "systemd/kiosk.toml").read_text("utf-8")))
    wiring = draw_wiring(example).to_svg("Wiring of the booth")
    plan = draw_plan(example).to_svg("Where things stand")
    assert (root / "docs/wiring.svg").read_text("utf-8") == wiring, "make hardware"
    assert (root / "docs/plan.svg").read_text("utf-8") == plan, "make hardware"


def test_every_usual_lamp_hangs_on_a_pin_with_hardware_pwm() -> None:
    header = PiBoardInfo.from_revision(PI_5).headers["J8"].pins.values()
    with_pwm = {pin.name for pin in header if "pwm" in pin.interfaces}
    assert {f"GPIO{pin}" for pin in LampSettings().pins.values()} <= with_pwm


@pytest.mark.parametrize("config", [EVERYTHING, WITH_CHIP])
def test_no_pin_is_used_twice(config: Config) -> None:
    found = connections(config)
    used = [one.pin for one in found] + [one.ground for one in found if one.ground]
    assert len(used) == len(set(used))


def test_the_backdrops_colour_is_that_of_the_specification(guide: str) -> None:
    colour = specification().background["light-blue"]
    assert f"RGB {colour}" in guide
    lightness, _, hue = lightness_chroma_hue(colour)
    assert f"L* {lightness:.0f}" in guide
    assert f"LRV {luminance_factor(colour):.0f}" in guide
    assert 240 < hue < 260


def test_it_names_only_commands_and_keys_that_there_are(guide: str) -> None:
    assert set(re.findall(r"`(?:sudo )?kiosk ([a-z-]+)", guide)) <= set(COMMANDS)
    sections = {name: field.annotation for name, field in Config.model_fields.items()}
    for section, key in re.findall(r"`(\w+)\.(\w+)[ `]", guide):
        if section in sections:
            assert key in getattr(sections[section], "model_fields", {})


def test_it_links_to_nothing_that_is_not_there(guide: str, root: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", guide):
        assert (root / link).exists()
