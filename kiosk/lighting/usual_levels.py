"""The lamps' usual levels: where a visit starts, and while the booth waits. Loads nothing."""

from collections.abc import Mapping
from types import MappingProxyType

IDLE: Mapping[str, float] = MappingProxyType(
    {"key_left": 0.05, "key_right": 0.05, "fill": 0.1, "backdrop": 0.1}
)
"""Levels while nobody is photographed, but somebody near: the booth is inviting, and stays cool.
Asleep it is dark."""

WORKING: Mapping[str, float] = MappingProxyType(
    {"key_left": 0.6, "key_right": 0.6, "fill": 0.5, "backdrop": 0.25}
)
"""Levels from which a visit starts. Where a grey card at the face has its 18 %, the backdrop's
blue, which the key lamps light as well, has 0.8 of what saturates the sensor."""
