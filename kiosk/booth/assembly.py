"""Opens the parts of the booth that is configured, and closes them in reverse."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from kiosk.board.board import Board
from kiosk.booth.calibrated import load_calibration
from kiosk.booth.parts import (
    Actor,
    Mounting,
    NoSchedule,
    Parts,
    RegistrarLink,
    Schedule,
    Watcher,
)
from kiosk.camera.frame import Controls
from kiosk.camera.process import CameraProcess
from kiosk.config import Config
from kiosk.display.monitor import usual_distance
from kiosk.display.sound import Sounds
from kiosk.display.state import BoothLabels, LensPlace
from kiosk.display.strip import Strip
from kiosk.display.window import Window
from kiosk.lighting.fader import open_lamps
from kiosk.lighting.response import USUAL
from kiosk.pipeline.loading import load_models
from kiosk.pipeline.look.aside import open_aside
from kiosk.pipeline.specification import Wanted, specification
from kiosk.reader import open_reader
from kiosk.staff.pin import pin_path
from kiosk.sync.held_schedule import HeldSchedule
from kiosk.sync.keys import parse_registrar_verify_key
from kiosk.twin import Twin
from kiosk.upkeep.maintenance import maintenance_path
from kiosk.upkeep.notify import open_notifier
from kiosk.upkeep.stock import Stock, stock_path
from kiosk.upkeep.stock_counter import StockCounter
from kiosk.upkeep.told_state import place_to_tell
from kiosk.voice import open_voice

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a booth is given instead of a hallway: none of it on a Pi."""

    twin: Twin | None = None
    actor: Actor | None = None
    watcher: Watcher | None = None
    strip: Strip | None = None
    """Buttons beside the screen, for who plays the student with the mouse."""


NO_SIMULATION = Simulation()


def open_camera(config: Config, twin: Twin | None) -> CameraProcess:
    """Make the camera that is configured; it is not started yet."""
    camera = config.camera
    if twin is not None:
        width, height = twin.size
        return CameraProcess(twin.open_camera, (width // 2, height // 2), twin.size)
    if camera.kind == "pi" and isinstance(camera.device, int):  # as its configuration must be
        from kiosk.camera.pi import PiCamera

        make = partial(
            PiCamera,
            camera.preview_size,
            camera.main_size,
            index=camera.device,
            focus=camera.focus,
            tuning=camera.tuning_file,
        )
        return CameraProcess(make, camera.preview_size, camera.main_size)
    from kiosk.camera.webcam import Webcam

    return CameraProcess(
        partial(Webcam, camera.device, camera.preview_size, camera.main_size),
        camera.preview_size,
        camera.main_size,
    )


def open_schedule(config: Config) -> Schedule:
    """The schedule that this booth's registrar tells; a booth that has none goes by none."""
    booth, key = config.booth, config.sync.registrar_verify_key
    if key is None:
        return NoSchedule()
    return HeldSchedule(
        config.sync.roster,
        parse_registrar_verify_key(key),
        booth.institution_code,
        booth.place or booth.name,
    )


@contextmanager
def open_parts(
    config: Config, registrar: RegistrarLink, simulation: Simulation = NO_SIMULATION
) -> Iterator[Parts]:
    """Open everything a booth needs but its models, which it loads itself, again and again."""
    with ExitStack() as stack:
        twin = simulation.twin
        camera = open_camera(config, twin)
        camera.start()
        stack.callback(camera.stop)
        factory = None if twin is None else twin.pin_factory
        lamps = stack.enter_context(open_lamps(config.lamps, factory))
        calibration = load_calibration(config)
        response = USUAL
        if calibration is not None:
            response = calibration.response or USUAL
            lamps.take_calibration(calibration.curves, response.lag)
        if twin is not None:
            twin.shut_door(config.switches.door)
        board = Board.open(config.switches, config.fan, config.display.backlight, factory)
        stack.callback(board.close)
        reader = open_reader(config.reader)
        stack.callback(reader.close)
        display, booth, photo = config.display, config.booth, config.photo
        window = Window(
            display.size,
            fullscreen=display.fullscreen,
            title=f"{booth.institution} {booth.name}",
            strip=simulation.strip,
            rotation=display.rotate,
            in_reach=display.in_reach,
        )
        stack.callback(window.close)
        stock = StockCounter(
            Stock(
                stock_path(config.sync.outbox), config.stock, config.lamps.life, on_loss=log.error
            )
        )
        stack.callback(stock.close)
        yield Parts(
            camera=camera,
            controls=Controls(
                config.camera.exposure_time, config.camera.analogue_gain, config.camera.colour_gains
            ),
            lamps=lamps,
            board=board,
            reader=reader,
            window=window,
            sounds=Sounds(config.voice.device),
            load_models=lambda: load_models(config.models.store, open_aside()),
            specification=specification(),
            wanted=Wanted(photo.size, photo.background, photo.profile),
            registrar=registrar,
            labels=BoothLabels(
                institution=booth.institution,
                support_phone=booth.support_phone,
                support_hours=booth.support_hours,
                name=booth.name,
                languages=display.languages,
                receipt_url=booth.receipt_url,
            ),
            mounting=Mounting(
                diagonal_inches=display.diagonal,
                distance_m=display.distance or usual_distance(display.diagonal),
                lens=LensPlace(display.lens.side, display.lens.distance_mm, display.lens.offset_mm),
                reader_faces=display.reader,
                camera_reads=config.reader.kind == "camera",
                low_reach=display.low_reach,
                seated=display.seated,
                in_reach=display.in_reach,
            ),
            pin_file=pin_path(config.sync.outbox),
            schedule=open_schedule(config),
            maintenance_file=maintenance_path(config.sync.outbox),
            state_file=place_to_tell(),
            voice=open_voice(config.voice),
            idle=config.lamps.idle,
            working=config.lamps.working,
            response=response,
            blue_backdrop=config.booth.backdrop == "light-blue",
            actor=simulation.actor,
            watcher=simulation.watcher,
            notifier=open_notifier(),
            stock=stock,
        )
