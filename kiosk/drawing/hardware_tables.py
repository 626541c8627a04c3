"""The tables of hardware.md: `make hardware` writes them, and a test holds them so."""

import re
from collections.abc import Callable, Mapping

from kiosk.config import Config
from kiosk.drawing import building_tables
from kiosk.drawing.building_tables import table
from kiosk.drawing.wiring import connections
from kiosk.upkeep.spare_parts import CONSUMABLES, SPARE_PARTS, SparePart

EVERYTHING = Config.model_validate(
    {"lamps": {"driver": "pwm"}, "switches": {"door": 5, "reset": 6}, "fan": {"pin": 16}}
)

"""All that can hang on the header, on the pins that hardware.md proposes."""

WITH_CHIP = Config.model_validate({"lamps": {"driver": "pca9685"}})


def parts() -> str:
    """What to buy, and what lies ready."""
    return _priced(SPARE_PARTS)


def consumables() -> str:
    """What is used up."""
    return _priced(CONSUMABLES)


def _priced(things: Mapping[str, SparePart]) -> str:
    return table(
        ("part", "to order", "or", "EUR", "CNY", "on the shelf"),
        (
            (word, one.name, one.other or "—", f"{one.euros:g}", f"{one.yuan:g}", f"{one.shelf}")
            for word, one in things.items()
        ),
    )


def pins() -> str:
    """What hangs on which pin."""
    rows = [
        (
            f"PCA9685 {one.part}" if one.kind in ("power", "bus") else one.part,
            one.gpio,
            str(one.pin),
            str(one.ground or "—"),
        )
        for config in (EVERYTHING, WITH_CHIP)
        for one in connections(config)
    ]
    return table(("part", "GPIO (BCM)", "pin of the header", "its ground"), rows)


TABLES: Mapping[str, Callable[[], str]] = {
    made.__name__: made
    for made in (
        parts,
        consumables,
        pins,
        building_tables.arrangements,
        building_tables.letters,
        building_tables.lenses,
        building_tables.distances,
        building_tables.exposures,
        building_tables.lamps,
        building_tables.backdrops,
        building_tables.power,
        building_tables.heat,
        building_tables.flicker,
        building_tables.stability,
    )
}
"""Each by the name that stands in hardware.md, as `<!-- pins -->` before and `<!-- /pins -->`
after it."""


def fill_in(text: str) -> str:
    """The same text with every table in it as it is calculated now. Raises KeyError."""

    def anew(found: re.Match[str]) -> str:
        name = found[1]
        return f"<!-- {name} -->\n{TABLES[name]()}\n<!-- /{name} -->"

    return re.sub(r"<!-- (\w+) -->\n(?:.*?\n)?<!-- /\1 -->", anew, text, flags=re.DOTALL)
