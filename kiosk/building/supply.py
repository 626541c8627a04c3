"""Power, currents, fuses and heat, by calculation."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

FUSES = (1.0, 2.0, 3.0, 4.0, 5.0, 7.5, 10.0, 15.0, 20.0)
"""Amperes of blade fuses, type C of ISO 8820-3."""

FUSE_MARGIN = 1.35
"""Fuse over current, at least: a blade fuse carries 75 % of its rating for ever (ISO 8820-3)."""

SUPPLY_MARGIN = 1.25
"""Supply over load, at least: it is loaded by 80 %, and lives longer."""

AMPERES: Mapping[float, float] = MappingProxyType(
    {0.5: 3.0, 0.75: 6.0, 1.0: 10.0, 1.5: 16.0, 2.5: 20.0}
)
"""What a flexible copper wire of so many mm² carries (IEC 60227, IEC 60335-1 table 11); the fuse
must be no larger than that."""

COPPER = 0.0178
"""Ω·mm²/m."""

AIR = 1.2 * 1005
"""J that a cubic metre of air takes to be warmed by 1 K, at 20 °C."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """One fused lead from the lamps' supply."""

    name: str
    watts: float
    """Of its LEDs."""
    volts: float = 24.0
    efficiency: float = 0.91
    """Of its driver: Mean Well's LDH-45B at 36 V and 1.05 A."""

    @property
    def drawn(self) -> float:
        """Watts from the supply."""
        return self.watts / self.efficiency

    @property
    def amperes(self) -> float:
        """From the supply."""
        return self.drawn / self.volts

    @property
    def fuse(self) -> float:
        """Amperes of its fuse."""
        return fuse_for(self.amperes)

    @property
    def wire(self) -> float:
        """The thinnest wire, in mm²."""
        return wire_for(self.fuse)


def fuse_for(amperes: float) -> float:
    """The smallest blade fuse that carries the current for ever; ValueError where there is none."""
    for fuse in FUSES:
        if fuse >= amperes * FUSE_MARGIN:
            return fuse
    raise ValueError(f"no blade fuse for {amperes:.1f} A: share it out")


def wire_for(fuse: float) -> float:
    """The thinnest wire that the fuse protects, in mm²; ValueError where there is none."""
    for area, amperes in AMPERES.items():
        if amperes >= fuse:
            return area
    raise ValueError(f"no wire for a fuse of {fuse:g} A")


def drop(amperes: float, area: float, metres: float) -> float:
    """Volts that are lost on the way there and back."""
    return 2 * metres * COPPER * amperes / area


def supply_for(circuits: tuple[Circuit, ...]) -> float:
    """Watts that the supply must have at least."""
    return SUPPLY_MARGIN * sum(circuit.drawn for circuit in circuits)


def air_for(watts: float, warmer: float = 10.0) -> float:
    """Cubic metres an hour that carry so much heat away, leaving so many K warmer."""
    return watts / (AIR * warmer) * 3600


def warmer_by(watts: float, area: float, per_kelvin: float = 10.0) -> float:
    """K by which a free-standing surface of so many m² is warmer than the room.

    `per_kelvin`: W/(m²·K) of free convection and radiation together, 8 to 12 at small differences.
    """
    return watts / (per_kelvin * area)


KEY_WATTS, FILL_WATTS, BACKDROP_WATTS = 36.0, 18.0, 18.0
"""Watts of the LEDs of the lamps in the bill of materials."""


def circuit_of(lamp: str) -> Circuit:
    """The circuit of a lamp by its name; one that is not known is taken for a fill lamp."""
    if lamp.startswith("key"):
        watts = KEY_WATTS
    else:
        watts = BACKDROP_WATTS if lamp == "backdrop" else FILL_WATTS
    return Circuit(lamp, watts)


@dataclass(frozen=True, slots=True)
class Consumer:
    """Something that turns mains into heat, somewhere in the booth."""

    name: str
    watts: float
    """At most."""


CONSUMERS = (
    Consumer("computer with drive, camera, reader, keys, loudspeaker", 27.0),
    Consumer("screen", 15.0),
    Consumer("fan", 2.0),
)


def mains_watts(circuits: tuple[Circuit, ...], supply_efficiency: float = 0.9) -> float:
    """Watts from the mains, everything at its most."""
    lamps = sum(circuit.drawn for circuit in circuits) / supply_efficiency
    return math.ceil(lamps + sum(consumer.watts for consumer in CONSUMERS) / supply_efficiency)
