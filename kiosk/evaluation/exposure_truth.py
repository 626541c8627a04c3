"""Exposure by truth: the twin's photos against the people's own light, and the cards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.camera.frame import Controls, Picture
from kiosk.config import Config
from kiosk.evaluation.lamps_law import Following
from kiosk.evaluation.lit_person import LitPerson
from kiosk.evaluation.rows import Row
from kiosk.evaluation.twin_pictures import ROOM_LIGHT, WORKING_LIGHT
from kiosk.lighting import usual_levels
from kiosk.lighting.response import USUAL
from kiosk.pipeline.cielab import to_lab
from kiosk.pipeline.light import LUMINANCE, luminance
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.observation import Face
from kiosk.pipeline.photo.fidelity import face_area
from kiosk.pipeline.photo.geometry import Crop
from kiosk.pipeline.photo.resample import resample
from kiosk.pipeline.photo.standardise import Photo
from kiosk.pipeline.specification import specification
from kiosk.twin import find_subject, sensor, subject_names
from kiosk.twin.camera import SensorLight
from kiosk.twin.chart import hold_chart
from kiosk.twin.grey_card import ALBEDO, light_on_white
from kiosk.twin.light_stage import EmptyBooth, Light, RenderedPerson
from kiosk.twin.wires import AWAY, Posture
from kiosk.upkeep import colour_chart as chart

FOLLOWED = 30
"""Frames that the lamps follow a face before its photo."""

WHITE_CLOTHES, COLOURLESS = 0.75, 0.1
"""What clothes reflect at least that count as white, and how far their channels may differ."""

BURNT = 254
"""Code from which on a channel of a photo counts as clipped."""

GLASSES = 0.5
"""How far glasses reach up and down from the eyes at most, in distances between these."""


@dataclass(frozen=True, slots=True)
class WhiteShirt:
    """How somebody's white shirt is exposed; medians."""

    lightness: float
    """L* in the finished photo."""
    true: float
    """The same of its own light, with the exposure that makes the card 18 %."""
    light: float
    """The light that comes from it, of what a card of its reflectance at the face gives."""
    burnt: float
    """Share where a channel is clipped."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """How one person's photo is exposed; lightness is L*, 0 to 100."""

    name: str
    card: float
    """A grey card's in their place, under the levels that the lamps came to."""
    face: float
    """The face's in the finished photo."""
    true_face: float
    """The same of their own light, with the exposure that makes the card 18 %."""
    shirt: WhiteShirt | None
    """None for clothes that are not white."""
    burnt_skin: float
    """Share of the face's skin where a channel is clipped."""


def measure_exposure(
    config: Config, models: LoadedModels, names: Sequence[str] = ()
) -> Iterator[Row]:
    """How cards, shirts and faces come out; `names` are the people, all where there are none."""
    bench = "lamps"
    found = [photograph(config, models, name) for name in names or subject_names()]
    cards = [one.card for one in found]
    yield Row.at_most(
        bench, "grey card off L* 50, at most", max(abs(c - 50) for c in cards), "", 1.5
    )
    yield Row.at_most(bench, "grey card, between people", max(cards) - min(cards), "L*", 1.5)
    if shirts := [one.shirt for one in found if one.shirt is not None]:
        lightness = [shirt.lightness for shirt in shirts]
        true = min(shirt.true for shirt in shirts)
        yield Row.at_least(bench, "white shirt, least", min(lightness), "L*", 90, true)
        yield Row.at_most(bench, "white shirt, most", max(lightness), "L*", 95)
        burnt = 100 * max(shirt.burnt for shirt in shirts)
        yield Row.at_most(bench, "white shirt, clipped at most", burnt, "%", 0.5)
        least = 100 * min(shirt.light for shirt in shirts)
        yield Row(bench, "white shirt's light, of the card's, least", least, "%")
    burnt_skin = 100 * max(one.burnt_skin for one in found)
    yield Row.at_most(bench, "skin of the face, clipped at most", burnt_skin, "%", 0)
    worst = max(abs(one.face - one.true_face) for one in found)
    yield Row.at_most(bench, "face off what its light gives, at most", worst, "L*", 3)
    errors = chart.chart_errors(read_chart(sensor.SAME))
    yield Row.at_most(bench, "24-patch chart, mean CIEDE2000", errors.mean, "", 3)
    balanced = read_chart(sensor.IMPERFECT)
    mended = chart.chart_errors(chart.correct(balanced, chart.fit_matrix(balanced)))
    by_gains = chart.chart_errors(balanced).mean
    yield Row.at_most(
        bench, "chart, a bare chip with gains and matrix", mended.mean, "", 3, by_gains
    )


def photograph(config: Config, models: LoadedModels, name: str) -> Exposed:
    """Let the lamps follow somebody, take and standardise them, and hold it against their light."""
    subject, booth = RenderedPerson(find_subject(name)), EmptyBooth()
    levels = dict(_followed(config, models, subject, booth)) | ROOM_LIGHT
    scene = SensorLight(subject, booth, large=True)
    light = scene.light(levels, Posture())
    read = sensor.expose(light, Controls(), sensor.SENSOR, np.random.default_rng(3))
    photo = models.standardiser.standardise(sensor.develop(read), specification().wanted())
    card = _card_light(levels, scene)
    true = np.asarray(resample(light * np.float32(1 / card), photo.crop, photo.size))
    found = models.looker.look(photo.picture).face
    if found is None:
        raise AssertionError("a photo has a face")
    face = _face_area(found)
    skin = photo.picture[
        _skin(found, photo, glasses=bool(subject.truth(subject.poses[0])["glasses"]))
    ]
    return Exposed(
        name,
        card=_lightness(ALBEDO * card * Controls().analogue_gain),
        face=_lightness(float(luminance(photo.picture)[face].mean())),
        true_face=_lightness(float((np.clip(true, 0, 1) @ LUMINANCE)[face].mean())),
        shirt=_white_shirt(found, subject, photo, true),
        burnt_skin=float((skin.max(1) >= BURNT).mean()),
    )


def read_chart(colours: sensor.Matrix) -> chart.ChartReading:
    """What a chip of these colours shows of the chart in the booth, its white balanced by it."""
    subject, booth = RenderedPerson(find_subject(subject_names()[0])), EmptyBooth()
    empty = SensorLight(subject, booth, large=True).light(WORKING_LIGHT, AWAY)
    held = hold_chart(empty, WORKING_LIGHT)
    chip = sensor.Sensor(colours=colours)
    place = chart.ChartPlace(*chart.MIDDLE, chart.SIZE[0], 0.0)

    def take(controls: Controls) -> chart.ChartReading:
        read = sensor.expose(held, controls, chip, np.random.default_rng(5))
        picture = sensor.develop(read)
        return chart.read_chart(picture, chart.find_chart(picture) or place)

    first = take(Controls())
    return take(Controls(colour_gains=chart.gains_by_chart(first)))


def _followed(
    config: Config, models: LoadedModels, subject: RenderedPerson, booth: EmptyBooth
) -> dict[str, float]:
    lit = LitPerson(subject, booth, config.lamps.pins, 100, ROOM_LIGHT)
    try:
        lit.settle_at(usual_levels.WORKING)
        models.looker.forget()
        follow = Following(lit.lamps, models.looker, USUAL, usual_levels.WORKING)
        for _ in range(FOLLOWED):
            frame = lit.next_frame()
            if frame is not None:
                follow(frame)
        lit.settle_at(lit.lamps.levels)
        return {name: lit.lamps.levels[name] for name in usual_levels.WORKING}
    finally:
        lit.close()
        models.looker.forget()


def _card_light(levels: dict[str, float], scene: SensorLight) -> float:
    """The light of a white card in the face's place, in green."""
    width, height = scene.size
    return float(light_on_white(levels, (height, width))[2][..., 1].mean())


def _lightness(light: float) -> float:
    return float(to_lab(np.full(3, light))[0])


def _face_area(face: Face) -> tuple[slice, slice]:
    """From the eyes to the mouth, cheek to cheek, in the photo."""
    half = int(face.width * 0.3)
    rows = slice(int(face.eye_line), int(face.chin[1] - 0.4 * face.eye_distance))
    return rows, slice(int(face.midline) - half, int(face.midline) + half)


def _skin(face: Face, photo: Photo, *, glasses: bool) -> Mask:
    """The face in the photo; without where glasses may sit, whose frames mirror lamps."""
    area = face_area(face, Crop(0, 0, *photo.size, margin=0), photo.size)
    if glasses:
        rows = np.arange(len(area))
        area[np.abs(rows - face.eye_line) < GLASSES * face.eye_distance] = False
    return area


def _white_shirt(
    face: Face, subject: RenderedPerson, photo: Photo, true: Light
) -> WhiteShirt | None:
    """The white shirt in a photo, and in its own light `true`; None for other clothes."""
    clothes = subject.truth(subject.poses[0])["clothes"]
    colour = clothes["colour"]
    if min(colour) < WHITE_CLOTHES or max(colour) - min(colour) > COLOURLESS or clothes["stripes"]:
        return None
    rows = np.arange(len(true))[:, None] > face.chin[1] + 0.4 * face.eye_distance
    # Skin and the backdrop have a colour, hair and folds are dark.
    white = (np.ptp(true, axis=2) < COLOURLESS * true.max(2)) & (true.min(2) > 0.4) & rows
    codes = photo.picture[white]
    own = float(np.median((np.clip(true, 0, 1) @ LUMINANCE)[white]))
    seen = float(np.median(luminance(_row(codes))))
    return WhiteShirt(
        lightness=_lightness(seen),
        true=_lightness(own),
        light=own / float(np.dot(LUMINANCE, colour)),
        burnt=float((codes.max(1) >= BURNT).mean()),
    )


def _row(codes: Picture) -> Picture:
    return np.ascontiguousarray(codes[None])
