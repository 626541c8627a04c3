"""The wiring is drawn from the configuration, and can be read."""

from itertools import pairwise
from typing import Any

import pytest

from kiosk.config import Config
from kiosk.drawing.svg import Drawing, text_width
from kiosk.drawing.wiring import connections, ports
from kiosk.drawing.wiring_drawing import draw_wiring

CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "usual": {"camera": {"kind": "pi"}},
    "a chip": {"lamps": {"driver": "pca9685"}, "switches": {"door": 5}, "fan": {"pin": 16}},
    "full": {
        "lamps": {"driver": "gpio", "pins": {"hair": 26, "floor": 4, "left_rim": 21}},
        "switches": {"door": 5, "reset": 6},
        "fan": {"pin": 16},
        "reader": {"kind": "serial"},
    },
    "no lamps": {"lamps": {"driver": "none"}, "camera": {"kind": "webcam"}},
}


@pytest.fixture(params=CONFIGURATIONS)
def config(request: pytest.FixtureRequest) -> Config:
    return Config.model_validate(CONFIGURATIONS[request.param])


def crossings(wires: list[tuple[tuple[float, float], ...]]) -> int:
    """How often a level part of a wire meets an upright part of another one."""
    parts = [(at, *pair) for at, way in enumerate(wires) for pair in pairwise(way)]
    level = [(at, *sorted((a[0], b[0])), a[1]) for at, a, b in parts if a[1] == b[1]]
    upright = [(at, *sorted((a[1], b[1])), a[0]) for at, a, b in parts if a[0] == b[0]]
    return sum(
        one != other and left < x < right and top < y < bottom
        for one, left, right, y in level
        for other, top, bottom, x in upright
    )


def test_no_wire_runs_through_a_label_or_another_wire(config: Config) -> None:
    drawing = draw_wiring(config)
    assert not list(drawing.crossed())
    assert not list(drawing.overlapping())
    assert not crossings(drawing.wires)
    assert all(label.left >= 0 and label.left + label.width <= 1420 for label in drawing.labels)


def test_all_that_is_configured_is_drawn(config: Config) -> None:
    texts = " | ".join(label.text for label in draw_wiring(config).labels)
    for one in connections(config):
        assert one.gpio in texts
    for port, what, chinese in ports(config):
        assert port in texts
        assert f"{what} · {chinese}" in texts
    if config.lamps.driver != "none":
        assert all(f"{name} · " in texts for name in config.lamps.pins)


@pytest.mark.parametrize(
    "change",
    [
        {"lamps": {"pins": {"fill": 21}}},
        {"lamps": {"pins": {"hair": 26}}},
        {"lamps": {"driver": "pca9685"}},
        {"lamps": {"driver": "none"}},
        {"lamps": {"frequency": 2000}},
        {"switches": {"door": 17}},
        {"switches": {"reset": 17}},
        {"fan": {"pin": 17}},
        {"reader": {"kind": "camera"}},
        {"camera": {"kind": "webcam"}},
        {"display": {"diagonal": 10.1}},
        {"voice": {"enabled": False}},
    ],
)
def test_another_configuration_is_another_drawing(change: dict[str, Any]) -> None:
    usual = draw_wiring(Config.model_validate({})).to_svg("")
    assert draw_wiring(Config.model_validate(change)).to_svg("") != usual


def test_a_pin_changed_moves_its_wire_to_where_the_header_has_it() -> None:
    found = connections(Config.model_validate({"lamps": {"pins": {"fill": 21}}}))
    assert {one.part: one.pin for one in found}["fill"] == 40


def test_labels_are_escaped_and_measured() -> None:
    drawing = Drawing(100)
    drawing.label(0, 10, "a < b & c")
    assert "a &lt; b &amp; c" in drawing.to_svg("x < y")
    assert text_width("灯", 10) == 10
    drawing.wire((0, 8), (50, 8))
    assert [text for text, _ in drawing.crossed()] == ["a < b & c"]
