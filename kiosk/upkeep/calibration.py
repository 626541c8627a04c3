"""What the last calibration measured: `kiosk doctor` compares with it, and `kiosk calibrate`."""

from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, FiniteFloat, ValidationError

import durable
from kiosk.camera.frame import Controls
from kiosk.errors import KioskError


class CalibrationError(KioskError, OSError):
    """The last calibration cannot be read or written."""


class Calibration(BaseModel):
    """The booth as it was when it was calibrated. Nothing in it is a picture."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime
    camera: str
    """Its kind, as configured."""
    exposure_time: int
    """Microseconds."""
    analogue_gain: FiniteFloat
    colour_gains: tuple[FiniteFloat, FiniteFloat]
    card: tuple[FiniteFloat, FiniteFloat, FiniteFloat] | None = None
    """R, G, B of the grey card, of 255; as all below None where it was not measured."""
    dark: FiniteFloat | None = None
    """Mean of a picture with all lamps out, of 255."""
    sharpness: FiniteFloat | None = None
    """Of the printed page; to be compared with another time's at the same booth alone."""
    evenness: FiniteFloat | None = None
    """How far a corner of the backdrop is off its middle, as a share of that."""
    bands: dict[str, FiniteFloat] = {}
    """Each lamp's deepest band at any level, as a share of its light."""
    effects: dict[str, FiniteFloat] = {}
    """How much light each lamp adds to the picture when it is full, linear, 1 being white."""

    def is_set(self, controls: Controls) -> bool:
        """Whether a camera with these controls sees as it did then."""
        mine = (self.exposure_time, self.analogue_gain, *self.colour_gains)
        given = (controls.exposure_time, controls.analogue_gain, *controls.colour_gains)
        return all(abs(a - b) <= 0.02 * a for a, b in zip(mine, given, strict=True))


def calibration_path(outbox: Path) -> Path:
    """Where it lies: beside the outbox."""
    return outbox.with_name("calibration.json")


def read_calibration(path: Path) -> Calibration | None:
    """Read the last calibration; None where there was none. Raises CalibrationError."""
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        why = error.strerror if isinstance(error, OSError) else "damaged"
        raise CalibrationError(
            f"{path}: the last calibration cannot be read ({why}); kiosk calibrate makes it anew"
        ) from error


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Keep a calibration in the place of the one before; raises CalibrationError."""
    try:
        durable.make_private_folder(path.parent)
        durable.write_whole(path, calibration.model_dump_json(indent=1).encode() + b"\n")
    except OSError as error:
        raise CalibrationError(
            f"{path}: the calibration cannot be kept ({error.strerror}); check the disk"
        ) from error
