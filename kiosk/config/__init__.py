"""The booth's configuration: one TOML file, typed and checked."""

from kiosk.config.schema import (
    BoothSettings,
    CameraSettings,
    Config,
    DisplaySettings,
    LampSettings,
    ModelSettings,
    PhotoSettings,
    ReaderSettings,
    SyncSettings,
)
from kiosk.config.source import PLACE, Loaded, Row, describe, load

__all__ = [
    "PLACE",
    "BoothSettings",
    "CameraSettings",
    "Config",
    "DisplaySettings",
    "LampSettings",
    "Loaded",
    "ModelSettings",
    "PhotoSettings",
    "ReaderSettings",
    "Row",
    "SyncSettings",
    "describe",
    "load",
]
