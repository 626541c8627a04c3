"""The course of `kiosk calibrate`: which steps a target has, before what, in their order."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from kiosk.health import calibrate_colour as colour
from kiosk.health import calibrate_lamps as lamps
from kiosk.health import calibrate_plate as plate
from kiosk.health.calibrating import Step

Before = Literal["nothing", "card", "chart", "page"]
"""What stands where the eyes will be."""

Target = Literal["lamps", "colour", "plate", "all"]


class Round(NamedTuple):
    """Steps before one and the same thing."""

    before: Before
    steps: tuple[Step, ...]


_SEE_EMPTY = (lamps.see_colours, lamps.see_lamps, lamps.see_backdrop)
_SEE_CARD = (colour.see_card, colour.see_stray_light)
_SET_CARD = (colour.set_exposure, colour.set_colours)
_MEASURE = (lamps.see_bands, lamps.measure_response, lamps.keep_lamps)

COURSES: Mapping[Target, tuple[Round, ...]] = {
    "lamps": (Round("nothing", _SEE_EMPTY), Round("card", (*_SEE_CARD, *_MEASURE))),
    "colour": (
        Round("nothing", (lamps.see_colours,)),
        Round("card", (*_SEE_CARD, *_SET_CARD, colour.see_place)),
    ),
    "plate": (Round("nothing", (lamps.see_colours, lamps.see_backdrop, plate.see_plate)),),
    "all": (
        Round("nothing", _SEE_EMPTY),
        Round("card", (*_SEE_CARD, *_SET_CARD, colour.see_place, *_MEASURE)),
        Round("page", (colour.see_focus,)),
        Round("nothing", (plate.see_plate,)),
    ),
}
"""What each target does."""

CHART = Round("chart", (colour.see_chart,))
"""What comes beside, where there is a chart."""
