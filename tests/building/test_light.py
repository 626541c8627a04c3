"""Lamps, exposure, and what light does to eyes."""

import math
from collections.abc import Callable

import pytest

from kiosk.building.light import (
    BLUE_A_LUMEN,
    EXEMPT,
    FILL,
    IMX477,
    IMX708,
    KEY,
    Bar,
    Lamp,
    evenness,
    face_lux,
    flicker_risk,
    lightness_chroma_hue,
    luminance_factor,
    lux_needed,
    risk_group,
)


def test_twice_the_time_or_the_gain_needs_half_the_light() -> None:
    lux = lux_needed(2.8, 10_000, 1.0)
    assert lux_needed(2.8, 20_000, 1.0) == pytest.approx(lux / 2)
    assert lux_needed(2.8, 10_000, 4.0) == pytest.approx(lux / 4)
    assert lux_needed(5.6, 10_000, 1.0) == pytest.approx(4 * lux)


def test_a_sensor_answers_to_its_reference_light_as_its_file_says() -> None:
    assert IMX708.lux_for(10_672, 1.12, 8627 / 65536) == pytest.approx(977)
    assert lux_needed(1.8, 10_000, 1.0) == pytest.approx(IMX708.lux_for(10_000, 1.0))
    assert IMX477.lux_for(10_000, 1.0) == pytest.approx(IMX708.lux_for(10_000, 1.0), rel=0.1)


def test_a_lamp_gives_its_lumens_to_the_half_space_before_it() -> None:
    lamp = Lamp("", 10.0, 0.1, 2.0, 0.0)
    assert lamp.candela * 3.14159 == pytest.approx(lamp.lumens, rel=1e-4)
    assert lamp.lux() == pytest.approx(lamp.candela / 4)
    assert lamp.lux(0.5) == pytest.approx(lamp.lux() / 2)
    assert Lamp("", 10.0, 0.1, 2.0, 60.0).lux() == pytest.approx(lamp.lux() / 2)


def test_the_lamps_give_what_the_recommended_exposure_needs() -> None:
    assert face_lux(0.6, 0.5) == pytest.approx(lux_needed(2.8, 20_000, 4.0), rel=0.1)
    assert face_lux(1.0, 1.0) == pytest.approx(2 * KEY.lux() + FILL.lux())
    assert face_lux(0.6, 0.5) > 400, "as hardware.md accepts it"


def test_diffused_lamps_are_exempt_and_bare_ones_are_not() -> None:
    assert max(KEY.blue_radiance, FILL.blue_radiance) < EXEMPT / 5
    assert risk_group(KEY.blue_radiance) == "exempt"
    bare = Lamp("the same watts from 4 cm²", 36.0, 4e-4, 1.5, 45.0)
    assert risk_group(bare.blue_radiance) == "1"
    assert risk_group(20_000) == "2 or more"


@pytest.mark.parametrize(
    ("frequency", "modulation", "risk"),
    [
        (100, 0.03, "no effect"),
        (100, 0.08, "low risk"),
        (100, 0.09, "not recommended"),
        (1000, 1.0, "not recommended"),
        (1300, 1.0, "low risk"),
        (3100, 1.0, "no effect"),
        (8, 0.3, "not recommended"),
    ],
)
def test_flicker_is_judged_by_frequency_and_depth(
    frequency: float, modulation: float, risk: str
) -> None:
    assert flicker_risk(frequency, modulation) == risk


def test_a_wall_is_lit_the_more_evenly_the_farther_the_bar() -> None:
    near, far = (evenness((Bar(1.0, 1.1, off, 1.1),), 0.5, 0.8, 1.4) for off in (0.3, 3.0))
    assert near < 0.7 < 0.95 < far <= 1


def test_colours_as_paint_shops_measure_them() -> None:
    assert luminance_factor((255, 255, 255)) == pytest.approx(100)
    lightness, chroma, _ = lightness_chroma_hue((119, 119, 119))
    assert lightness == pytest.approx(50, abs=0.1)
    assert chroma == pytest.approx(0, abs=0.1)
    assert lightness_chroma_hue((0, 0, 255)) == pytest.approx((32.3, 133.8, 306.3), abs=0.1)


BLUE_HAZARD = (
    0.10, 0.40, 0.90, 0.98, 1.00, 0.94, 0.80, 0.62, 0.45, 0.22, 0.10,
)  # fmt: skip
"""B(λ) of IEC 62471, 400 to 500 nm in steps of 10; from there 10 ^ ((450 - λ) / 50)."""

LUMINOUS = (
    0.0004, 0.0012, 0.0040, 0.0116, 0.0230, 0.0380, 0.0600, 0.0910, 0.1390, 0.2080, 0.3230,
    0.5030, 0.7100, 0.8620, 0.9540, 0.9950, 0.9950, 0.9520, 0.8700, 0.7570, 0.6310, 0.5030,
    0.3810, 0.2650, 0.1750, 0.1070, 0.0610, 0.0320, 0.0170, 0.0082, 0.0041,
)  # fmt: skip
"""V(λ) of the CIE, 400 to 700 nm in steps of 10."""


def blue_a_lumen(spectrum: Callable[[float], float]) -> float:
    blue = lumens = 0.0
    for at, luminous in enumerate(LUMINOUS):
        nm = 400 + 10 * at
        hazard = BLUE_HAZARD[at] if at < len(BLUE_HAZARD) else 10 ** ((450 - nm) / 50)
        blue += hazard * spectrum(nm)
        lumens += 683 * luminous * spectrum(nm)
    return blue / lumens


def black_body(kelvin: float) -> Callable[[float], float]:
    return lambda nm: nm**-5 / (math.exp(1.4388e7 / (nm * kelvin)) - 1)


def cold_led(nm: float) -> float:
    """A blue LED of 445 nm with a yellow phosphor: some 7500 K, bluer than any that is bought."""
    return math.exp(-(((nm - 445) / 12) ** 2)) + 0.5 * math.exp(-(((nm - 560) / 70) ** 2))


def test_the_bound_on_blue_light_holds_for_every_white() -> None:
    for kelvin in (5000, 5600, 6500, 8000):
        assert blue_a_lumen(black_body(kelvin)) < BLUE_A_LUMEN / 1.5
    assert blue_a_lumen(cold_led) < BLUE_A_LUMEN
    assert blue_a_lumen(black_body(6500)) == pytest.approx(0.9e-3, rel=0.15)
