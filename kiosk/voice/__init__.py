"""The booth's voice: what the screens say is read aloud, from files made at set-up."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

from kiosk.voice.voice import Player, Voice, VoiceSettings, open_voice

__all__ = ["Player", "Voice", "VoiceSettings", "open_voice"]
