"""Opens the parts of the booth that is configured, and closes them in reverse."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from kiosk.booth.loop import Actor, Parts, RegistrarLink, Watcher
from kiosk.camera.frame import Controls
from kiosk.camera.process import CameraProcess
from kiosk.config import Config
from kiosk.display.sound import Sounds
from kiosk.display.state import BoothLabels
from kiosk.display.strip import Strip
from kiosk.display.window import Window
from kiosk.lighting.lamps import Lamps
from kiosk.pipeline.loading import load_models
from kiosk.pipeline.photo.standardise import Wanted
from kiosk.pipeline.specification import specification
from kiosk.reader.picture import PictureReader
from kiosk.reader.serial import SerialReader
from kiosk.twin import Twin


@dataclass(frozen=True, slots=True)
class Simulation:
    """Who, besides the student, deals with a booth: none of them on a Pi."""

    twin: Twin | None = None
    guest: Actor | None = None
    watcher: Watcher | None = None
    strip: Strip | None = None
    """Buttons beside the screen, for who plays the guest."""


def open_camera(config: Config, twin: Twin | None) -> CameraProcess:
    """Give the camera that is configured, not yet started."""
    camera = config.camera
    if twin is not None:
        width, height = twin.size
        return CameraProcess(twin.open_camera, (width // 2, height // 2), twin.size)
    if camera.kind == "pi":
        from kiosk.camera.pi import PiCamera

        make = partial(PiCamera, camera.preview_size, camera.main_size, camera.device)
        return CameraProcess(make, camera.preview_size, camera.main_size)
    from kiosk.camera.webcam import Webcam

    return CameraProcess(
        partial(Webcam, camera.device, camera.preview_size, camera.main_size),
        camera.preview_size,
        camera.main_size,
    )


@contextmanager
def open_parts(config: Config, office: RegistrarLink, visitors: Simulation) -> Iterator[Parts]:
    """Open everything a booth needs but its models, which it opens itself, again and again."""
    with ExitStack() as stack:
        twin = visitors.twin
        camera = open_camera(config, twin)
        camera.start()
        stack.callback(camera.stop)
        pins = config.lamps.pins
        factory = None if twin is None else twin.pin_factory
        lamps = stack.enter_context(Lamps(pins, config.lamps.frequency, factory))
        reader = SerialReader(config.reader.device) if config.reader.kind == "serial" else None
        if reader is not None:
            stack.callback(reader.close)
        title = f"{config.booth.institution} {config.booth.name}"
        display = config.display
        window = Window(
            display.size, fullscreen=display.fullscreen, title=title, strip=visitors.strip
        )
        stack.callback(window.close)
        photo = config.photo
        yield Parts(
            camera=camera,
            controls=Controls(
                config.camera.exposure_time, config.camera.analogue_gain, config.camera.colour_gains
            ),
            lamps=lamps,
            reader=reader,
            picture_reader=PictureReader() if config.reader.kind == "camera" else None,
            window=window,
            sounds=Sounds(),
            load_models=partial(load_models, config.models.store),
            specification=specification(),
            wanted=Wanted(photo.size, photo.background, photo.profile),
            office=office,
            words=BoothLabels(
                institution=config.booth.institution,
                support_phone=config.booth.support_phone,
                support_hours=config.booth.support_hours,
                name=config.booth.name,
            ),
            guest=visitors.guest,
            watcher=visitors.watcher,
        )
