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
    VoiceSettings,
)
from kiosk.config.source import INSTALLED, KeyInForce, Loaded, describe, load

__all__ = [
    "INSTALLED",
    "BoothSettings",
    "CameraSettings",
    "Config",
    "DisplaySettings",
    "KeyInForce",
    "LampSettings",
    "Loaded",
    "ModelSettings",
    "PhotoSettings",
    "ReaderSettings",
    "SyncSettings",
    "VoiceSettings",
    "describe",
    "load",
]
