"""The benches: one module each, called like the bench, whose `measure` yields the bench's rows."""

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a list of names must not wait for the configuration or a model
    from typing import Any

    from kiosk.config import Config
    from kiosk.evaluation.rows import Row

BENCHES = (
    "accuracy",
    "attendance",
    "codes",
    "geometry",
    "idle",
    "lamps",
    "live",
    "look",
    "matting",
    "portraits",
    "scan",
    "soak",
    "standardise",
    "start-up",
    "truth",
    "twin",
    "verify",
    "visits",
)
"""The name of each bench, and of its module in this folder, there with _ for -. All others are
helpers of theirs."""


OPTIONS = {
    "visits": "soak",
    "seeds": "visits",
    "people": "visits",
    "temperaments": "visits",
    "peers": "matting",
}
"""What only one bench takes: how many students to send; how often each of which rendered people
comes, with which temperaments; and whether other ways of cutting out are measured too."""

LEAST_VISITS = 5
"""Of fewer no growth can be told: it is looked for from the fourth on."""


def run(name: str, config: "Config", *, quick: bool, **more: "Any") -> "Iterator[Row]":
    """Import one of BENCHES and measure; `quick` takes a smaller sample, `more` is the bench's own.

    Raises KioskError where something that the bench needs is missing.
    """
    rows: Iterator[Row] = import_module(f"{__name__}.{name.replace('-', '_')}").measure(
        config, quick=quick, **more
    )
    return rows
