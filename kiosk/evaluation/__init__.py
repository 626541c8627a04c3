"""The benches: one module each, called like the bench, whose `measure` yields the bench's rows."""

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a list of names must not wait for the configuration or a model
    from kiosk.config import Config
    from kiosk.evaluation.rows import Row

BENCHES = (
    "accuracy",
    "attendance",
    "geometry",
    "live",
    "look",
    "matting",
    "reader",
    "standardise",
    "truth",
    "twin",
)
"""The name of each bench, and of its module in this folder. All others are helpers of theirs."""


def run(name: str, config: "Config", *, quick: bool) -> "Iterator[Row]":
    """Import one of BENCHES and measure; `quick` takes a smaller sample.

    Raises KioskError where something that the bench needs is missing.
    """
    rows: Iterator[Row] = import_module(f"{__name__}.{name}").measure(config, quick=quick)
    return rows
