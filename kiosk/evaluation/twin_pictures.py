"""What the booth's camera sees of the twin's people: pictures of poses, and a running camera."""

from kiosk.camera.frame import Camera, Controls, Picture
from kiosk.config import Config
from kiosk.errors import UsageError
from kiosk.lighting import usual_levels
from kiosk.twin import Posture, Twin, single_frame
from kiosk.twin.light_stage import RenderedPerson

CAMERA_RATE = 30.0
"""Frames a second that the booth's camera gives."""

ROOM_LIGHT = {"room": 1.0}
"""The light that none of the booth's lamps gives, at its level in the twin."""

WORKING_LIGHT = {**usual_levels.WORKING, **ROOM_LIGHT}
"""Levels of all lights at the beginning of a visit."""


def picture_of(subject: RenderedPerson, pose: str, *, noise: bool = False) -> Picture:
    """The main stream's picture of a pose under WORKING_LIGHT."""
    return single_frame.take_frame(subject, pose, WORKING_LIGHT, noise=noise)


def open_camera(config: Config) -> tuple[Twin, Camera]:
    """A twin, and its camera running in this process, with somebody before it and lamps at work."""
    twin = Twin("lin", config.lamps.pins, seed=0)
    twin.wires.posture = Posture()
    for lamp, level in usual_levels.WORKING.items():
        twin.wires.set_level(lamp, level)
    camera = twin.open_camera()
    camera.start()
    camera.control(Controls())
    return twin, camera


def read_main(camera: Camera) -> Picture:
    """The next frame's picture of the main stream, sRGB."""
    image = camera.read(main=True).image
    if image is None:
        raise UsageError("the twin gave no main picture")
    return image
