"""Tables of what `kiosk.building` calculates: arrangement, lens, light, power, anchors."""

from collections.abc import Iterable

from kiosk.building.arrangement import ARRANGEMENTS, WITH_LEDGE
from kiosk.building.lens import (
    CAMERAS,
    HQ_10,
    MODULE_3,
    CameraWithLens,
    guided_to,
    largest_photo,
    perspective,
)
from kiosk.building.light import (
    FILL,
    HIGH_BAR,
    KEY,
    LOW_BAR,
    evenness,
    face_lux,
    flicker_risk,
    lux_needed,
    risk_group,
    spill,
)
from kiosk.building.people import PEOPLE
from kiosk.building.stability import THINGS
from kiosk.building.supply import (
    CONSUMERS,
    Circuit,
    air_for,
    circuit_of,
    drop,
    fuse_for,
    mains_watts,
    supply_for,
    wire_for,
)
from kiosk.display.monitor import MAIN_ARC, TEXT_ARC, Monitor
from kiosk.lighting.usual_levels import WORKING

DISTANCE = WITH_LEDGE.lens


def table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown: its titles, and its rows."""
    head = tuple(titles)
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def arrangements() -> str:
    """Ways of placing lens, screen, reader and keys, with what each asks."""
    rows = []
    for one in ARRANGEMENTS:
        lacks = " / ".join(_decimal(one.lacks(person), 2) for person in PEOPLE)
        knees = {True: "yes", False: "no", None: "nothing in the way"}[one.knees_fit]
        rows.append(
            (
                one.name, f"{one.lens:g} / {one.screen:g} m", f"{100 * one.distortion:.0f} %",
                f"{one.letters:.1f} mm, {one.characters}", f"{one.gaze:.0f}°", lacks, knees,
            )
        )  # fmt: skip
    titles = (
        "arrangement", "lens / screen from the eyes", "nose too large by",
        "main words: capitals, signs a line", "mirror below the lens",
        "lean or step, m: sits, small; sits, tall; stands, tall; wheelchair, low; high",
        "wheelchair goes under",
    )  # fmt: skip
    return table(titles, rows)


def letters() -> str:
    """How high letters are on screens that are served."""
    rows = []
    for name, pixels, inches, distance in (
        ("15.6″, 1920 × 1080, upright or across", (1080, 1920), 15.6, 1.25),
        ("10″, 1280 × 800, upright or across", (800, 1280), 10.0, 0.8),
        ("7″, 720 × 1280, 1024 × 600 or 800 × 480", (720, 1280), 7.0, 0.6),
    ):
        monitor = Monitor(pixels, inches, distance)
        main, text = (monitor.from_arc(arc) / monitor.pixels_per_mm for arc in (MAIN_ARC, TEXT_ARC))
        rows.append((name, f"{distance:g} m", f"{main:.1f} mm", f"{text:.1f} mm"))
    return table(("screen", "seen from", "capitals of the main words", "of all others"), rows)


def lenses() -> str:
    """What each camera and lens gives at the booth's distance."""
    goal = guided_to("face_size")
    rows = []
    for camera in CAMERAS:
        crop, share = camera.crop_pixels(DISTANCE), camera.face_share(DISTANCE)
        largest = largest_photo(crop)
        wide, high = camera.field(DISTANCE)
        near, far = camera.depth_of_field(DISTANCE, 480)
        sharp = f"−{100 * (DISTANCE - near):.0f} / +{100 * (far - DISTANCE):.0f} cm"
        rows.append(
            (
                camera.name, f"{wide:.2f} × {high:.2f} m",
                f"{share:.2f}" + ("" if goal[0] <= share <= goal[1] else ": **too small**"),
                f"{crop} px", "none" if largest is None else f"{largest[0]} × {largest[1]}",
                _main_size(camera, 480), sharp,
                f"{camera.diffraction(DISTANCE, 480):.1f} px",
            )
        )  # fmt: skip
    titles = (
        "camera, lens", "field", f"face / frame ({goal[0]:g}–{goal[1]:g})", "crop's width",
        "largest photo", "least `main_size` for 480 × 640", "sharp", "Airy radius",
    )  # fmt: skip
    return table(titles, rows)


def _main_size(camera: CameraWithLens, photo_width: int) -> str:
    width = camera.main_width_for(photo_width, DISTANCE)
    return f"{width} × {width * 4 // 3}, {camera.frames_a_second(width):.0f} a second"


def distances() -> str:
    """How much larger than the ears the nose is drawn."""
    metres = (0.7, 1.0, 1.25, 1.5, 2.0)
    return table(
        ("lens from the eyes", *(f"{metre:g} m" for metre in metres)),
        [("nose too large by", *(f"{100 * perspective(metre):.0f} %" for metre in metres))],
    )


def exposures() -> str:
    """How much light each setting needs, and what the lamps give."""
    rows = []
    for camera, time, gain in (
        (MODULE_3, 10_000, 1.0),
        (MODULE_3, 10_000, 4.0),
        (HQ_10, 10_000, 1.0),
        (HQ_10, 10_000, 8.0),
        (HQ_10, 20_000, 4.0),
    ):
        lux = lux_needed(camera.f_number, time, gain)
        given = lux / face_lux(WORKING["key_left"], WORKING["fill"])
        row = (camera.name, f"{time / 1000:g} ms", f"{gain:g}", f"{lux:.0f} lx", f"{given:.1f} ×")
        rows.append(row)
    titles = ("camera, lens", "exposure", "gain", "needs", "of what the lamps give")
    return table(titles, rows)


def lamps() -> str:
    """What the lamps give at the face, and how safe it is to look into them."""
    rows = []
    for lamp in (KEY, FILL):
        level = WORKING["key_left" if lamp is KEY else "fill"]
        rows.append(
            (
                lamp.name, f"{lamp.watts:g} W, {lamp.area:.2f} m², {lamp.distance:.2g} m",
                f"{lamp.lux():.0f} lx, {lamp.lux(level):.0f} lx", f"{lamp.luminance:.0f} cd/m²",
                f"{lamp.blue_radiance:.0f} W/(m²·sr)", risk_group(lamp.blue_radiance),
            )
        )  # fmt: skip
    titles = (
        "lamp", "LEDs, diffuser, distance", "at the face: full, as a visit starts",
        "luminance at full", "blue light, at most", "group of IEC 62471",
    )  # fmt: skip
    return table(titles, rows)


def backdrops() -> str:
    """How evenly the backdrop is lit, where the photo's crop shows it."""
    also = spill(WORKING["key_left"], WORKING["fill"], WORKING["backdrop"])
    rows = [
        (
            name,
            *(
                f"{evenness(bars, 0.5, low, high, other):.2f}"
                for other in (0.0, also)
                for low, high in ((0.79, 1.46), (1.45, 2.13))
            ),
        )
        for name, bars in (
            ("one bar, low: 0.25 m high, 0.40 m from the wall", (LOW_BAR,)),
            ("and one above, 2.50 m high, 0.40 m from the wall", (LOW_BAR, HIGH_BAR)),
        )
    ]
    titles = (
        "backdrop lamp", "alone: darkest / brightest behind who sits", "who stands",
        "all lamps as a visit starts: who sits", "who stands",
    )  # fmt: skip
    return table(titles, rows)


def power() -> str:
    """Power, currents, fuses, wires."""
    circuits = tuple(circuit_of(name) for name in WORKING)
    rows = [_circuit_row(circuit) for circuit in circuits]
    amperes = sum(circuit.amperes for circuit in circuits)
    fuse = fuse_for(amperes)
    drawn = sum(circuit.drawn for circuit in circuits)
    rows.append(
        ("lamp supply, 24 V", "", f"{drawn:.0f} W", f"{amperes:.1f} A", f"{fuse:g} A",
         f"{wire_for(fuse):g} mm²", f"≥ {supply_for(circuits):.0f} W")
    )  # fmt: skip
    rows += [(one.name, "", f"{one.watts:g} W", "", "", "", "its own") for one in CONSUMERS[:2]]
    mains = mains_watts(circuits)
    rows.append(
        ("**mains, all at most**", "", f"**{mains:g} W**", f"{mains / 230:.1f} A", "", "", "")
    )
    titles = (
        "circuit",
        "LEDs",
        "drawn",
        "current",
        "fuse",
        "wire, at least",
        "supply, or loss on 4 m",
    )
    return table(titles, rows)


def _circuit_row(circuit: Circuit) -> tuple[str, ...]:
    lost = drop(circuit.amperes, circuit.wire, 4.0)
    return (
        circuit.name, f"{circuit.watts:g} W", f"{circuit.drawn:.0f} W", f"{circuit.amperes:.2f} A",
        f"{circuit.fuse:g} A", f"{circuit.wire:g} mm²", f"{lost:.1f} V",
    )  # fmt: skip


def heat() -> str:
    """How much air takes the heat of a closed housing away."""
    rows = [
        (name, f"{watts:g} W", f"{air_for(watts):.0f} m³/h")
        for name, watts in (
            ("computer", CONSUMERS[0].watts),
            ("computer, and the screen behind the same door", CONSUMERS[0].watts + 15),
        )
    ]
    return table(("in the housing", "heat", "air that leaves 10 K warmer"), rows)


def flicker() -> str:
    """What IEEE 1789 says of lamps that are dimmed so."""
    rows = [
        (name, f"{frequency} Hz, {100 * modulation:.0f} %", flicker_risk(frequency, modulation))
        for name, frequency, modulation in (
            ("constant current, ripple of the dimming voltage", 1000, 0.02),
            ("PWM that switches the LEDs, as configured at first", 1000, 1.0),
            ("the same, at least so fast", 1300, 1.0),
        )
    ]
    return table(("lamps dimmed by", "swings", "IEEE 1789-2015"), rows)


def stability() -> str:
    """What tips, and what its anchors must hold."""
    rows = [
        (
            thing.name, f"{thing.force:g} N at {thing.lever:g} m", f"{thing.tips:.0f} N·m",
            f"{thing.holds:.0f} N·m", f"{thing.anchored_pull:.0f} N",
        )
        for thing in THINGS
    ]  # fmt: skip
    return table(
        ("thing", "pushed", "tips it", "its weight holds", "anchors must hold, in all"), rows
    )


def _decimal(value: float, places: int) -> str:
    return "0" if round(value, places) == 0 else f"{value:.{places}f}"
