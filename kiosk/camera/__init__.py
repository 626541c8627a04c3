"""Cameras: the frame, the protocol, a process of their own, and one module per kind."""

from kiosk.camera.frame import Camera, Controls, Frame, Picture

__all__ = ["Camera", "Controls", "Frame", "Picture"]
