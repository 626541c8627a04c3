"""How the lamps light a face and the backdrop: what calibration measures, and what is usual."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Levels = Mapping[str, float]
"""Each source's level by its name, 0 to 1, linear in light."""

ROOM = "room"
"""The name of the light that no lamp gives. Its level is 1 as it was when the booth was calibrated,
whatever that was."""

SCREEN = "screen"
"""The name of the light that the booth's screen gives."""

Regions = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Response:
    """Linear luminance (1 saturates the sensor) at the calibrated exposure per unit of level, for
    each lamp by its name, and for ROOM. A lamp that is not named is not driven by the control law.
    """

    face: Mapping[str, float]
    """A white card that faces the lens where a face is; a card of 18 % has 0.18 of its light."""
    cheeks: Mapping[str, tuple[float, float]]
    """White cards turned like a face's cheeks there, to the picture's left and right."""
    backdrop: Mapping[str, Regions]
    """A few regions of the backdrop: as many for each lamp."""
    room_to_face: float
    """Light of the room that a white card at the face has for each unit of it on the backdrop."""
    lag: float = 0.0
    """Seconds from a change of a lamp to the `Frame.time` of the first frame that shows it."""

    def face_light(self, levels: Levels) -> float:
        """The light of a white card at the face under these levels; what is unknown gives none."""
        return sum(self.face.get(name, 0.0) * level for name, level in levels.items())

    def backdrop_light(self, name: str) -> float:
        """The mean of the backdrop's regions under one source at full level."""
        regions = self.backdrop.get(name, ())
        return sum(regions) / len(regions) if regions else 0.0


_EXPOSURE = 1.46
"""The twin's light times this is light at the exposure that brings a white card at the face to 1
under the levels from which a visit starts."""


def _exposed(light: Mapping[str, Regions]) -> Mapping[str, Regions]:
    return MappingProxyType({n: tuple(_EXPOSURE * x for x in part) for n, part in light.items()})


# Lambertian disks where hardware.md has the lamps, calculated; cheeks are turned by 30 degrees to
# the side, and lose to the nose and head what the backdrop's lamps would give them.
_CARD: Mapping[str, Regions] = {
    "key_left": (0.403,), "key_right": (0.403,), "fill": (0.211,), "backdrop": (0.0,),
    ROOM: (0.096,),
}  # fmt: skip
_CHEEKS: Mapping[str, Regions] = {
    "key_left": (0.504, 0.194), "key_right": (0.194, 0.504), "fill": (0.183, 0.183),
    "backdrop": (0.01, 0.01), ROOM: (0.095, 0.095),
}  # fmt: skip
_BACKDROP: Mapping[str, Regions] = {
    "key_left": (0.061, 0.055), "key_right": (0.055, 0.061), "fill": (0.032, 0.032),
    "backdrop": (0.554, 0.554), ROOM: (0.036, 0.036),
}  # fmt: skip

USUAL = Response(
    face=MappingProxyType({name: light for name, (light,) in _exposed(_CARD).items()}),
    cheeks=MappingProxyType({n: (left, right) for n, (left, right) in _exposed(_CHEEKS).items()}),
    backdrop=_exposed(_BACKDROP),
    room_to_face=2.6,
)
"""What a booth has whose lamps stand as hardware.md draws them, in a room as the twin's; for one
that was never calibrated."""
