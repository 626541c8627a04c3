"""Currents, fuses, wires and heat."""

import pytest

from kiosk.building.supply import (
    Circuit,
    air_for,
    circuit_of,
    drop,
    fuse_for,
    mains_watts,
    supply_for,
    warmer_by,
    wire_for,
)


def test_a_fuse_carries_its_current_for_ever_and_protects_its_wire() -> None:
    assert [fuse_for(amperes) for amperes in (0.7, 1.65, 4.9)] == [1.0, 3.0, 7.5]
    assert [wire_for(fuse) for fuse in (3.0, 7.5, 15.0)] == [0.5, 1.0, 1.5]
    with pytest.raises(ValueError, match=r"no blade fuse for 18\.0 A"):
        fuse_for(18.0)
    with pytest.raises(ValueError, match="no wire"):
        wire_for(25.0)


def test_a_circuit_draws_what_its_driver_wastes_too() -> None:
    circuit = Circuit("key_left", 36.0, efficiency=0.9)
    assert circuit.drawn == pytest.approx(40)
    assert circuit.amperes == pytest.approx(40 / 24)
    assert drop(circuit.amperes, 0.5, 4.0) == pytest.approx(2 * 4 * 0.0178 * 40 / 24 / 0.5)


def test_the_supply_of_the_usual_lamps_is_the_one_that_is_named() -> None:
    circuits = tuple(circuit_of(name) for name in ("key_left", "key_right", "fill", "backdrop"))
    assert supply_for(circuits) <= 150
    assert mains_watts(circuits) > sum(circuit.drawn for circuit in circuits)
    assert circuit_of("hair").watts == circuit_of("fill").watts


def test_air_and_surfaces_carry_heat_away() -> None:
    assert air_for(33.5, 10.0) == pytest.approx(10.0, rel=0.01)
    assert warmer_by(18.0, 0.24) == pytest.approx(7.5)
