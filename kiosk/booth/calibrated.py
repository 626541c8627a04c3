"""The last calibration as it serves this booth, or why it does not."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.upkeep.calibration import (
    Calibration,
    CalibrationError,
    Setup,
    calibration_path,
    read_calibration,
)
from kiosk.upkeep.stock import LAMP, Stock, stock_path

log = logging.getLogger(__name__)


def setup_of(config: Config) -> Setup:
    """What a calibration of this booth holds for."""
    lamps = config.lamps
    pins = {} if lamps.driver == "none" else dict(lamps.pins)
    frequencies = {name: float(lamps.frequencies.get(name, lamps.frequency)) for name in pins}
    return Setup(config.sync.booth_id, config.camera.kind, lamps.driver, pins, frequencies)


def find_misfit(config: Config, last: Calibration) -> str:
    """Why a calibration does not hold for the booth as it is configured; "" where it does."""
    if not last.is_set(config.camera):
        return "the camera's exposure, gain or colour gains are others"
    return last.find_misfit(setup_of(config))


def load_calibration(config: Config) -> Calibration | None:
    """The last calibration, where the booth can light by it; else None, and the log says why."""
    try:
        last = read_calibration(calibration_path(config.sync.outbox))
    except CalibrationError as error:
        log.warning("lamps: %s; the usual lamps are assumed", error)
        return None
    if last is None:
        return None
    if misfit := find_misfit(config, last):
        log.warning(
            "lamps: the calibration does not hold: %s; the usual lamps are assumed until kiosk"
            " calibrate lamps",
            misfit,
        )
        return None
    return last


def burnt_hours(config: Config) -> dict[str, float]:
    """How long each lamp has burnt, in hours at full level; empty where nobody counted."""
    path = stock_path(config.sync.outbox)
    if not path.exists():
        return {}
    try:
        supplies = Stock(path, config.stock, config.lamps.life).supplies()
    except KioskError:
        return {}
    return {
        supply.name.removeprefix(LAMP): supply.amount
        for supply in supplies
        if supply.is_lamp and supply.amount is not None
    }


def find_stale(config: Config, last: Calibration, now: datetime | None = None) -> str:
    """Why a calibration is to be made anew; "" where it serves."""
    hours: Mapping[str, float] = burnt_hours(config) if last.hours else {}
    return find_misfit(config, last) or last.find_age(now or datetime.now(UTC), hours)
