"""All light that the booth gives a face: its lamps, and its screen, which can darken."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.booth.attendance_call import KEY_LAMPS
from kiosk.booth.lamp_frame import Means
from kiosk.display.screen_light import ScreenLight
from kiosk.lighting.attribution import SCREEN
from kiosk.lighting.lamps import Lamps
from kiosk.lighting.response import USUAL, Levels, Response


@dataclass(frozen=True)
class BoothLight:
    """Lamps by name, and the screen under the name SCREEN, where there is one that darkens."""

    lamps: Lamps
    working: Mapping[str, float] = field(default_factory=dict)
    """The levels from which a visit starts; a lamp that is not named is dark."""
    response: Response = USUAL
    screen: ScreenLight | None = None

    def means(self, *, can_vote: bool) -> Means:
        """What can be done with it now; `can_vote`: whether a model votes on attendance."""
        levels = self.lamps.levels
        obey = self.lamps.available and bool(levels)
        return Means(
            self.response,
            self.lamps.limits,
            {name: self.working.get(name, 0.0) for name in levels},
            calls=can_vote and obey and levels.keys() >= KEY_LAMPS,
            asks=obey,
            screen=obey and self.screen is not None,
        )

    def set(self, levels: Levels) -> None:
        """Say where lamps and screen go. What is not there any more is left out."""
        there = self.lamps.levels.keys()
        self.lamps.set({name: level for name, level in levels.items() if name in there})
        if self.screen is not None and SCREEN in levels:
            self.screen.set(levels[SCREEN])

    def levels_at(self, time: float) -> dict[str, float]:
        """The levels that a frame of that `Frame.time` was taken under."""
        levels = self.lamps.levels_at(time)
        if self.screen is not None:
            levels[SCREEN] = self.screen.level_at(time)
        return levels
