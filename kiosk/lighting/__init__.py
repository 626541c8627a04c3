"""The lamps, and the law by which they follow the face."""

from kiosk.lighting.lamps import Lamps
from kiosk.lighting.law import IDLE, WORKING, even

__all__ = ["IDLE", "WORKING", "Lamps", "even"]
