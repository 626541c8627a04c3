"""The booth's voice: what the screens say is read aloud, from files made at set-up."""

from kiosk.voice.voice import Player, Voice, VoiceSettings, open_voice

__all__ = ["Player", "Voice", "VoiceSettings", "open_voice"]
