"""The booth's configuration: one TOML file, typed and checked."""

from kiosk.config.schema import (
    Booth,
    Camera,
    Config,
    Display,
    Lamps,
    Models,
    Photo,
    Pins,
    Reader,
    Sync,
)
from kiosk.config.source import PLACE, Loaded, Row, describe, load

__all__ = [
    "PLACE",
    "Booth",
    "Camera",
    "Config",
    "Display",
    "Lamps",
    "Loaded",
    "Models",
    "Photo",
    "Pins",
    "Reader",
    "Row",
    "Sync",
    "describe",
    "load",
]
