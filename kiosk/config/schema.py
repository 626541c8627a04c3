"""What can be configured, with the defaults that make the demo run."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    PlainSerializer,
    PositiveFloat,
    PositiveInt,
    ValidationInfo,
    field_validator,
)

from kiosk.config.choice import refusal
from kiosk.lighting import usual_levels
from kiosk.lighting.curve import Curve
from kiosk.models import default_mirror, default_store
from kiosk.pipeline.specification import Profile, specification
from kiosk.reader import READERS
from kiosk.reader.reader import LONGEST_CODE
from kiosk.upkeep.stock import USUAL_ITEMS
from kiosk.voice.files import default_voice_store
from kiosk.voice.quiet_hours import QuietHours
from kiosk.words import USUAL_LANGUAGES, available_languages
from protocol.keys import decode_key
from protocol.wire import BoothId


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for what the booth must keep: systemd's, or the person's own."""
    if state := environ.get("STATE_DIRECTORY"):
        return Path(state)
    home = environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "kiosk"


def _beside_the_file(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder", Path())
    if "\0" in str(path):
        raise ValueError("no path has a character 0 in it")
    try:
        return Path(folder) / path.expanduser()
    except RuntimeError:
        raise ValueError(f"there is no home of {path.parts[0][1:] or 'yours'} here") from None


def _public_key(text: str) -> str:
    try:
        decode_key(text)
    except ValueError:
        raise ValueError(
            "must be a public key: 32 bytes in base64, as `registrar booth` prints it"
        ) from None
    return text


def _institution_code(text: str) -> str:
    if not re.fullmatch(r"[0-9]{5}", text):
        raise ValueError("must be 5 digits, 0 to 9, typed in half width (半角)")
    return text


def _tuning_file(text: str) -> str:
    if not text.endswith(".json") or ("/" in text and not text.startswith("/")):
        raise ValueError('must be the name of a file of libcamera\'s, "….json", or its whole path')
    return text


def _quiet_hours(text: str) -> str:
    if text:
        QuietHours.parse(text)
    return text


def _receipt_url(text: str) -> str:
    if text and not re.fullmatch(r"https?://[!-~]{1,120}", text):
        raise ValueError(
            "must be an address that begins with https:// or http://, of at most 120 letters, "
            'digits and signs without spaces, or "" for none'
        )
    return text


def _release_source(text: str) -> str:
    if text and not re.fullmatch(r"(https://[!-~]{1,200}|/[^\0]{0,200})", text):
        raise ValueError(
            'must be an address that begins with https://, a folder\'s whole path, or "" for none'
        )
    return text


def _one_of(names: Callable[[], Iterable[str]]) -> AfterValidator:
    """One of the names; they are asked for as a value is checked, and told where it is refused."""

    def check(given: str) -> str:
        if given not in (there_are := list(names())):
            raise ValueError(refusal(given, there_are))
        return given

    return AfterValidator(check)


def _lamp_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name):
        raise ValueError(
            f'"{name}" is no name for a lamp: take a small letter, and then up to 31 small'
            " letters, digits or _"
        )
    return name


def _item_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name):
        raise ValueError(
            f'"{name}" is no name for what is stocked: take a small letter, and then up to 31 small'
            " letters, digits or _"
        )
    return name


def _curve(points: object) -> object:
    if isinstance(points, Curve):
        return points
    pairs = isinstance(points, list | tuple) and all(
        isinstance(point, list | tuple)
        and len(point) == 2
        and all(isinstance(value, int | float) for value in point)
        for point in points
    )
    if not pairs:
        raise ValueError("must be points [duty cycle, light], as [[0.5, 0.4], [0.8, 0.75]]")
    return Curve.through(points)  # type: ignore[arg-type]


def _points(curve: Curve) -> list[list[float]]:
    return [list(point) for point in curve.points]


FilePath = Annotated[Path, AfterValidator(_beside_the_file)]
"""A path; one that is not absolute is taken from the configuration file's folder."""

PublicKey = Annotated[str, AfterValidator(_public_key)]
"""A Curve25519 or Ed25519 public key: 32 bytes in base64."""

LanguageTag = Annotated[str, _one_of(available_languages)]
"""A language that has a file in kiosk/words."""

Size = tuple[PositiveInt, PositiveInt]
"""Width × height in pixels."""

Pin = Annotated[int, Field(ge=0, le=27)]
"""A GPIO by its BCM number."""

Celsius = Annotated[float, Field(ge=20, le=85)]
"""A temperature of the processor; from 85 °C on a Pi stops itself."""

LampName = Annotated[str, AfterValidator(_lamp_name)]

StockItemName = Annotated[str, AfterValidator(_item_name)]

Level = Annotated[float, Field(ge=0, le=1)]
"""A lamp's level: 0 is dark, 1 full."""


Limit = Annotated[float, Field(gt=0, le=1)]
"""The most that a lamp is driven to."""

Frequency = Annotated[int, Field(ge=100, le=50_000)]
"""A PWM's, in Hz."""

ResponseCurve = Annotated[Curve, BeforeValidator(_curve), PlainSerializer(_points)]
"""A lamp's response, written as its points."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BoothSettings(_Section):
    """Whose booth this is, in the words its screens show."""

    name: str = "1"
    place: str = ""
    """Where it stands, as the registrar's schedule names the place; "": its name is that."""
    institution: str = "示范大学"
    institution_code: Annotated[str, AfterValidator(_institution_code)] = "10000"
    """The institution's national code; another institution's students are turned away."""
    backdrop: Literal["light-blue", "other"] = "light-blue"
    """The cloth behind the student. By a light blue one the booth sees whether the camera's colours
    are right."""
    support_phone: str = "010-0000-0000"
    support_hours: str = "8:30–17:00"
    receipt_url: Annotated[str, AfterValidator(_receipt_url)] = ""
    """Where a submission is looked up: what stands before its number in the receipt's code. "": the
    code holds the number alone."""


class CameraSettings(_Section):
    """Which camera looks, and how it is set. Sizes are upright: as the student stands."""

    kind: Literal["pi", "webcam", "twin"] = "twin"
    device: Annotated[int, Field(ge=0)] | FilePath = 0
    """The camera's number at libcamera, or N of /dev/videoN. A webcam may also be named by a path
    that outlasts its being plugged in anew (/dev/v4l/by-id/…), or be a video file instead."""
    preview_size: Size = (480, 640)
    main_size: Size = (960, 1280)
    exposure_time: PositiveInt = 10_000
    """Microseconds: whole periods of the lamps' PWM and of 50 Hz mains light show no bands."""
    analogue_gain: Annotated[float, Field(ge=1, le=16)] = 1.46
    """The sensor's amplifier. `kiosk calibrate` finds it by a grey card, as it found this for the
    twin's lamps."""
    colour_gains: tuple[PositiveFloat, PositiveFloat] = (1.0, 1.0)
    """Gains of red and blue against green."""
    focus: Annotated[float, Field(ge=0, le=15)] = 0.8
    """Dioptres, 1 / metres from the lens to the face, at which a Pi camera's lens that can move is
    held. Modules differ: what is sharpest is found by trying."""
    tuning_file: Annotated[str, AfterValidator(_tuning_file)] | None = None
    """What a Pi camera's algorithms go by: the name of one of libcamera's files, as
    "imx477_scientific.json", or an absolute path; left out, libcamera's own for the sensor."""

    @field_validator("device")
    @classmethod
    def _of_the_kind(cls, device: int | Path, info: ValidationInfo) -> int | Path:
        if isinstance(device, Path) and info.data.get("kind") == "pi":
            raise ValueError("a Pi camera has a number: `rpicam-hello --list-cameras` tells it")
        return device


def _usual_pins(given: Mapping[str, Any]) -> dict[str, int]:
    numbers = range(4) if given.get("driver") == "pca9685" else (12, 13, 18, 19)
    return dict(zip(("key_left", "key_right", "fill", "backdrop"), numbers, strict=True))


_NUMBERS: Mapping[str, tuple[int, ...]] = {"pwm": (12, 13, 18, 19), "pca9685": tuple(range(16))}
_FASTEST: Mapping[str, int] = {"gpio": 10_000, "pca9685": 1_526}  # lgpio's, and the data sheet's


class LampSettings(_Section):
    """The lamps: each has a name, a GPIO, and two levels. A further lamp is a further name."""

    driver: Literal["gpio", "pwm", "pca9685", "none"] = "gpio"
    """What makes the PWM: software, the processor's own, a PCA9685 on I2C; or there are none."""
    pins: dict[LampName, Pin] = Field(default_factory=lambda given: _usual_pins(given))
    """Each lamp's GPIO, usually those of the hardware PWM; on a PCA9685 its channel."""
    idle: dict[LampName, Level] = dict(usual_levels.IDLE)
    """Levels while nobody is photographed; a lamp that is not named is dark."""
    working: dict[LampName, Level] = dict(usual_levels.WORKING)
    """Levels from which a visit starts; a lamp that is not named is dark."""
    frequency: Frequency = 1_000
    """The PWM's, in Hz: at most 10,000 with "gpio", 50,000 with "pwm", 1,526 with "pca9685"."""
    frequencies: dict[LampName, Frequency] = {}
    """That of lamps whose PWM has another. A PCA9685 has one for all."""
    limits: dict[LampName, Limit] = {}
    """The most that a lamp is driven to, above 0; of one that is not named 1, its full light."""
    curves: dict[LampName, ResponseCurve] = {}
    """For a lamp whose light does not follow its duty cycle: points [duty cycle, light], both 0 to
    1, that rise; [0, 0] and [1, 1] are understood."""
    thermometer: FilePath | None = None
    """The kernel's file with the lamps' temperature in thousandths of a degree, as
    /sys/bus/w1/devices/28-…/temperature or a hwmon's temp1_input; left out: there is no sensor."""
    hot: Annotated[float, Field(ge=30, le=100)] = 60.0
    """°C above which the lamps' limits sink; 20 °C above it they are dark."""
    bus: Annotated[int, Field(ge=0, le=99)] = 1
    """N of /dev/i2c-N, where the PCA9685 is."""
    address: Annotated[int, Field(ge=0x03, le=0x77)] = 0x40
    """The PCA9685's on that bus."""
    life: Annotated[float, Field(ge=100, le=1_000_000)] = 25_000
    """Hours at full level after which a lamp is worn: until then an LED keeps 70 % of its light
    (L70; ENERGY STAR asks 25,000 of luminaires for rooms)."""

    @field_validator("pins", "idle", "working", mode="before")
    @classmethod
    def _beside_the_usual(cls, named: object, info: ValidationInfo) -> object:
        """Lamps that are named come beside the usual ones; one of the same name replaces it."""
        field = cls.model_fields[info.field_name or ""]
        usual = field.get_default(call_default_factory=True, validated_data=info.data)
        return usual | named if isinstance(named, dict) else named

    @field_validator("pins")
    @classmethod
    def _pins_of_the_driver(cls, pins: dict[str, int], info: ValidationInfo) -> dict[str, int]:
        numbers = _NUMBERS.get(driver := info.data.get("driver", ""))
        for name, pin in pins.items():
            if numbers is not None and pin not in numbers:
                raise ValueError(
                    f'{name} = {pin}: driver "{driver}" has {", ".join(map(str, numbers))}'
                )
        return pins

    @field_validator("frequency")
    @classmethod
    def _of_the_driver(cls, frequency: int, info: ValidationInfo) -> int:
        most = _FASTEST.get(driver := info.data.get("driver", ""))
        if most is not None and frequency > most:
            raise ValueError(f'must be at most {most} with driver "{driver}"')
        return frequency

    @field_validator("pins")
    @classmethod
    def _one_lamp_a_pin(cls, pins: dict[str, int]) -> dict[str, int]:
        numbers = list(pins.values())
        if twice := {pin for pin in numbers if numbers.count(pin) > 1}:
            raise ValueError(f"one lamp a pin: {min(twice)} is named twice")
        return pins

    @field_validator("frequencies")
    @classmethod
    def _each_of_the_driver(cls, named: dict[str, int], info: ValidationInfo) -> dict[str, int]:
        driver = info.data.get("driver", "")
        for name, frequency in named.items():
            if driver == "pca9685" and frequency != info.data.get("frequency", frequency):
                raise ValueError(
                    f"{name} = {frequency}: a PCA9685 has one frequency for all its channels, "
                    "lamps.frequency"
                )
            most = _FASTEST.get(driver, frequency)
            if frequency > most:
                raise ValueError(f'{name} = {frequency}: at most {most} with driver "{driver}"')
        return named

    @field_validator("idle", "working", "frequencies", "limits", "curves")
    @classmethod
    def _of_lamps_there_are(cls, named: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        pins = info.data.get("pins")  # None where the pins themselves are wrong
        for name in named:
            if pins is not None and name not in pins:
                raise ValueError(f"no pin for this lamp: {refusal(name, pins)}")
        return named


class ReaderSettings(_Section):
    """Where capture codes come from."""

    kind: Annotated[str, _one_of(lambda: READERS)] = "wedge"
    """One of `kiosk.reader.READERS`."""
    device: Path = Path("/dev/kiosk-scanner")
    """The serial reader's port, or the "evdev" reader's keyboard, as the udev rules name it."""
    name: str = ""
    """The "evdev" reader's keyboard by the name that it gives itself, as "Honeywell*"; "": by its
    device."""
    prefix: str = ""
    """What the scanner is set up to send before each code."""
    suffix: str = ""
    """What it is set up to send after each code, before Enter."""
    length: Annotated[int, Field(ge=0, le=LONGEST_CODE)] = 0
    """The characters of each code, without these; 0: of any length."""


class SwitchSettings(_Section):
    """The two switches inside the booth, each from its GPIO to ground; left out: there is none."""

    door: Pin | None = None
    """Closed while the service door is."""
    reset: Pin | None = None
    """A push-button: 3 s end the visit at hand, 10 s start the booth anew."""


class FanSettings(_Section):
    """A fan that the booth drives; that of a Pi 5 the kernel does."""

    pin: Pin | None = None
    """Its GPIO; left out: there is none."""
    on: Celsius = 60.0
    """From here on it turns."""
    off: Celsius = 50.0
    """Below this it stops."""
    full: Celsius = 75.0
    """From here on it turns as fast as it can."""

    @field_validator("full")
    @classmethod
    def _in_order(cls, full: float, info: ValidationInfo) -> float:
        off, on = info.data.get("off", 0.0), info.data.get("on", 0.0)
        if not off < on < full:
            raise ValueError(f"must be off < on < full; given are {off:g}, {on:g}, {full:g} °C")
        return full


class LensSettings(_Section):
    """Where the camera's lens is, seen from the screen."""

    side: Literal["top", "bottom", "left", "right"] = "top"
    """The edge of the screen that it is beyond."""
    distance_mm: Annotated[float, Field(ge=0, le=300)] = 40.0
    """How far beyond that edge."""
    offset_mm: Annotated[float, Field(ge=-500, le=500)] = 0.0
    """How far from that edge's middle: to the right, or down."""


class DisplaySettings(_Section):
    """The screen that the student sees."""

    fullscreen: bool = False
    size: Size = (1080, 1920)
    """Upright, as the student sees it."""
    rotate: Literal[0, 90, 180, 270] = 0
    """Degrees by which the picture is turned clockwise for a screen that hangs turned: SDL on KMS
    does not heed the console's rotation. Touches turn with it."""
    backlight: str = "auto"
    """A folder of /sys/class/backlight; "auto": the first there, if any; "none"."""
    diagonal: Annotated[float, Field(ge=5, le=65)] = 15.6
    """Inches: letters and buttons have their sizes in the room, not in pixels."""
    distance: Annotated[float, Field(ge=0.3, le=3)] | None = None
    """Metres from the student's eyes to the screen; left out, what is usual for the diagonal: below
    9″ 0.6, below 13″ 0.8, else 1.25."""
    lens: LensSettings = LensSettings()
    reader: Literal["up", "out"] = "up"
    """Where the reader's window looks: up, or out to the student."""
    low_reach: bool = False
    """Whether all that can be tapped lies in the lowest part of the screen."""
    seated: bool = True
    """Whether the student sits before the camera."""
    in_reach: bool = True
    """Whether they reach the screen from there; if not, they are asked to press the four keys,
    whose ring is always seen."""
    languages: tuple[LanguageTag, LanguageTag] = USUAL_LANGUAGES
    """The first is written large, the second small; each has a file in kiosk/words."""

    @field_validator("languages")
    @classmethod
    def _two(cls, languages: tuple[str, str]) -> tuple[str, str]:
        if languages[0] == languages[1]:
            raise ValueError(f'"{languages[0]}" is named twice; the screens show two languages')
        return languages


class VoiceSettings(_Section):
    """What is heard of the screens."""

    enabled: bool = True
    """Whether the booth speaks; its chimes sound all the same."""
    volume: Annotated[float, Field(ge=0, le=1)] = 0.8
    """0 is silent, 1 full."""
    device: str = ""
    """The loudspeaker by ALSA's name, as "plughw:CARD=vc4hdmi0"; `aplay -L` lists them. "": the
    system's usual one."""
    quiet_hours: Annotated[str, AfterValidator(_quiet_hours)] = ""
    """When it does not speak, as "22:00-07:00" in local time; "" is never."""
    recordings: FilePath | None = None
    """A folder with staff's recordings, which replace the synthesizer's files:
    LANGUAGE/PHRASE.wav or .ogg, as zh-CN/rule.gaze.wav. `kiosk voice` lists the phrases."""
    store: FilePath = Field(default_factory=default_voice_store)
    """Where `kiosk voice --make` puts its files."""


class ModelSettings(_Section):
    """Where the models lie, and where else they can be had."""

    store: FilePath = Field(default_factory=default_store)
    mirror: FilePath | None = Field(default_factory=default_mirror)
    """A folder with the model files: a USB stick, a share of the registrar's."""


class PhotoSettings(_Section):
    """What photo the institution asks for. What is not given is as the profile has it."""

    profile: Annotated[str, _one_of(lambda: specification().profiles)] = Field(
        default_factory=lambda: specification().default_profile
    )
    """One of the specification's profiles."""
    size: Size = Field(default_factory=lambda given: _profile(given).size)
    background: Annotated[str, _one_of(lambda: specification().background)] = Field(
        default_factory=lambda given: _profile(given).background
    )
    """One of the specification's backgrounds."""

    @field_validator("size")
    @classmethod
    def _of_the_profile(cls, size: Size, info: ValidationInfo) -> Size:
        profile = _profile(info.data)
        sizes = profile.sizes()
        if size not in sizes:
            raise ValueError(
                f"must be {profile.size_rule}, from {list(sizes[0])} to {list(sizes[-1])}"
            )
        return size

    def size_for(self, profile: str) -> Size:
        """The size that is configured, else the profile's own. Raises UsageError."""
        return (
            self.size if "size" in self.model_fields_set else specification().profile(profile).size
        )

    def background_for(self, profile: str) -> str:
        """The background that is configured, else the profile's own. Raises UsageError."""
        if "background" in self.model_fields_set:
            return self.background
        return specification().profile(profile).background


def _profile(given: Mapping[str, Any]) -> Profile:
    """The profile that is given; the default one where it is not, or is refused."""
    return specification().profile(given.get("profile"))


class SyncSettings(_Section):
    """The way to the registrar. Secrets lie in files of their own: all here may be shown."""

    registrar: HttpUrl = HttpUrl("http://127.0.0.1:8760/")
    booth_id: BoothId = "booth-1"
    signing_key_file: FilePath = Field(default_factory=lambda: state_folder() / "signing.key")
    registrar_public_key: PublicKey | None = None
    """The key that photos are sealed to."""
    registrar_verify_key: PublicKey | None = None
    """The key that the roster is signed with."""
    outbox: FilePath = Field(default_factory=lambda: state_folder() / "outbox.sqlite")
    roster: FilePath = Field(default_factory=lambda: state_folder() / "roster.extract")
    socket: FilePath = Field(default_factory=lambda: state_folder() / "resolver.socket")
    """Where the booth asks the resolver, which has the network, whose a capture code is."""
    most_bytes_a_second: Annotated[int, Field(ge=50_000)] | None = None
    """Of `kiosk sync`, both ways together; at less no large photo would come in the time that a
    registrar waits."""

    @field_validator("registrar")
    @classmethod
    def _without_password(cls, registrar: HttpUrl) -> HttpUrl:
        if registrar.username or registrar.password:
            raise ValueError("takes no user or password: the booth signs with its own key")
        return registrar


class StockItemSettings(_Section):
    """Something that visits use up (`kiosk stock`)."""

    unit: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,32}$")] = "piece"
    """What one is called."""
    a_visit: Annotated[float, Field(ge=0, le=1000)] = 1.0
    """How many a visit takes, on the average."""
    least: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    """Below this many, more are to be brought."""


_USUAL_ITEMS = {name: StockItemSettings(**item._asdict()) for name, item in USUAL_ITEMS.items()}


class UpdateSettings(_Section):
    """Where new releases come from."""

    source: Annotated[str, AfterValidator(_release_source)] = ""
    """An https:// address or a folder; "" is none."""


class Config(_Section):
    """Everything that can be configured."""

    booth: BoothSettings = BoothSettings()
    camera: CameraSettings = CameraSettings()
    lamps: LampSettings = LampSettings()
    switches: SwitchSettings = SwitchSettings()
    fan: FanSettings = FanSettings()
    reader: ReaderSettings = ReaderSettings()
    display: DisplaySettings = DisplaySettings()
    voice: VoiceSettings = Field(default_factory=VoiceSettings)
    models: ModelSettings = Field(default_factory=ModelSettings)
    photo: PhotoSettings = Field(default_factory=PhotoSettings)
    sync: SyncSettings = Field(default_factory=SyncSettings)
    update: UpdateSettings = UpdateSettings()
    stock: dict[StockItemName, StockItemSettings] = _USUAL_ITEMS

    @field_validator("stock", mode="before")
    @classmethod
    def _items_beside_the_usual(cls, named: object) -> object:
        """Items that are named come beside the usual ones, which keep the keys not named."""
        if not isinstance(named, dict):
            return named
        usual = {name: item.model_dump() for name, item in _USUAL_ITEMS.items()}
        given = {
            name: usual.get(name, {}) | keys if isinstance(keys, dict) else keys
            for name, keys in named.items()
        }
        return usual | given
