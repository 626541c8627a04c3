"""The booth's configuration: one TOML file, typed and checked."""

from kiosk.config.schema import (
    BoothSettings,
    CameraSettings,
    Config,
    DisplaySettings,
    FanSettings,
    LampSettings,
    ModelSettings,
    PhotoSettings,
    ReaderSettings,
    SwitchSettings,
    SyncSettings,
    UpdateSettings,
    VoiceSettings,
)
from kiosk.config.source import INSTALLED, KeyInForce, Loaded, describe, load

__all__ = [
    "INSTALLED",
    "BoothSettings",
    "CameraSettings",
    "Config",
    "DisplaySettings",
    "FanSettings",
    "KeyInForce",
    "LampSettings",
    "Loaded",
    "ModelSettings",
    "PhotoSettings",
    "ReaderSettings",
    "SwitchSettings",
    "SyncSettings",
    "UpdateSettings",
    "VoiceSettings",
    "describe",
    "load",
]
