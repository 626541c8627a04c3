"""The twin's people under lamps that stand elsewhere."""

import math
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.lighting.lamps import Lamps
from kiosk.lighting.usual_levels import WORKING
from kiosk.pipeline.light import to_linear
from kiosk.twin import Posture, Twin, optics
from kiosk.twin.grey_card import ALBEDO, PLACE, WHITE
from kiosk.twin.lamp_rig import (
    LAMPS,
    LEAST_POWER,
    MOST_POWER,
    POSE,
    RIGS,
    SIZE,
    WEARERS,
    Rig,
    RiggedBooth,
    RiggedPerson,
    places_of,
    rigged_names,
    sources,
)
from kiosk.twin.light_stage import RenderedPerson, SubjectError
from kiosk.twin.people import KEPT_OUT, find_subject, subject_names
from kiosk.twin.wires import Card
from tests.standing_clock import Clock

PINS = {"key_left": 12, "key_right": 13, "fill": 18, "backdrop": 19}


def drawn(seed: int) -> Rig:
    return Rig.drawn(np.random.default_rng(seed))


def test_everybody_was_rendered_under_every_source_of_light() -> None:
    assert set(rigged_names()) == set(subject_names())
    for folder in (RIGS / name for name in (*rigged_names(), "booth")):
        for source in sources():
            with Image.open(folder / f"{source}.jpg") as picture:
                assert (picture.size, picture.mode) == (SIZE, "RGB")


def test_the_usual_places_give_the_light_that_the_twin_has_without_a_rig() -> None:
    rig = Rig.usual()
    there, alone = RiggedPerson("chen", rig), RenderedPerson(find_subject("chen"))
    mine, theirs = (who.stage(POSE, large=False) for who in (there, alone))
    marks, large_marks = there.highlights(POSE), alone.highlights(POSE)
    for bit, lamp in enumerate(alone.lamps):
        a, b = optics.relight(mine, {lamp: 1.0}), optics.relight(theirs, {lamp: 1.0})
        assert a.mean() == pytest.approx(b.mean(), rel=0.02)
        assert LAMPS[bit] == lamp
        count = (large_marks >> bit & 1).sum() / 4
        assert (marks >> bit & 1).sum() == pytest.approx(count, rel=0.05)
    assert there.truth(POSE) == alone.truth(POSE)


def test_the_rendered_card_is_the_one_that_the_twin_holds() -> None:
    rig = Rig.usual()
    for lamp, white in WHITE.items():
        assert rig.card[lamp] == pytest.approx(white, rel=0.01)


def test_places_are_drawn_from_all_that_there_are_and_the_same_for_the_same_seed() -> None:
    rigs = [drawn(seed) for seed in range(100, 200)]
    assert rigs[0] == drawn(100)
    for lamp in LAMPS:
        assert {rig.places[lamp] for rig in rigs} == set(places_of(lamp))
        powers = [rig.powers[lamp] for rig in rigs]
        assert min(powers) > LEAST_POWER
        assert max(powers) < MOST_POWER
    assert len(places_of("key_left")) == len(places_of("key_right")) == 5
    assert len(places_of("fill")) == 3


def test_key_lamps_stand_to_their_side_where_the_standard_or_a_narrow_room_lets_them() -> None:
    for lamp, side in (("key_left", -1), ("key_right", 1)):
        for place in places_of(lamp):
            (x, y, z) = sources()[place].at[0]
            assert 34.9 <= math.degrees(math.atan2(side * x, -y)) <= 55.1
            assert 1.15 <= math.dist((x, y, z), (0, 0, 0)) <= 1.55
            assert -0.3 <= z <= 0.5


def test_a_lamp_of_half_the_power_gives_half_the_light_to_card_and_person() -> None:
    usual = Rig.usual()
    weak = Rig(usual.places, {**usual.powers, "key_left": 0.5})
    levels = {"key_left": 0.8}
    assert weak.card_light(levels) == pytest.approx(usual.card_light(levels) / 2)
    assert weak.cheeks_light(levels)[0] == pytest.approx(usual.cheeks_light(levels)[0] / 2)
    light = [
        optics.relight(RiggedPerson("chen", rig).stage(POSE, large=False), levels).mean()
        for rig in (weak, usual)
    ]
    assert light[0] == pytest.approx(light[1] / 2, rel=1e-4)


def test_what_a_lamp_is_marked_to_be_mirrored_by_is_brighter_under_it_than_beside() -> None:
    rig = drawn(107)
    person = RiggedPerson("chen", rig)
    stage, marks = person.stage(POSE, large=False), person.highlights(POSE)
    eyes = np.zeros(marks.shape, bool)
    for x, y in person.truth(POSE)["eyes"].values():
        eyes[int(y / 2) - 25 : int(y / 2) + 25, int(x / 2) - 30 : int(x / 2) + 30] = True
    seen = 0
    for bit, lamp in enumerate(LAMPS):
        marked = (marks >> bit & 1).astype(bool) & eyes
        if marked.sum() > 20:
            light = optics.relight(stage, {lamp: 1.0}).mean(2)
            assert np.median(light[marked]) > 1.2 * np.median(light[eyes & ~marked]), lamp
            seen += 1
    assert seen >= 2


def test_large_pictures_hold_the_light_of_the_small_ones() -> None:
    person, booth = RiggedPerson("chen", Rig.usual()), RiggedBooth(Rig.usual())
    width, height = booth.size
    for scene in (partial(person.stage, POSE), booth.stage):
        small, large = (optics.relight(scene(large=size), {"fill": 1.0}) for size in (False, True))
        assert large.shape == (height, width, 3)
        assert large.mean() == pytest.approx(small.mean(), rel=0.01)
    assert person.stage(POSE, large=True).alpha.shape == (height, width)


def test_there_is_no_other_pose() -> None:
    with pytest.raises(SubjectError, match="chen has no pose smile in a rig: there is neutral"):
        RiggedPerson("chen", Rig.usual()).stage("smile", large=False)


def test_somebody_who_was_not_rendered_so_is_told_with_those_who_were() -> None:
    with pytest.raises(SubjectError, match=r"sofia was not rendered .*: there are amara, "):
        RiggedPerson("sofia", Rig.usual())


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "chen/fill_0.jpg").unlink(), "rig/chen/fill_0.jpg: cannot be"),
        (
            lambda folder: (folder / "chen/person.json").write_text('{"white": {"room": 1}}'),
            "person.json: no white for backdrop, ceiling",
        ),
        (lambda folder: (folder / "chen/person.json").write_text("{}"), "person.json: Field requi"),
    ],
)
def test_damaged_files_are_named(
    tmp_path: Path, damage: Callable[[Path], object], said: str
) -> None:
    folder = tmp_path / "rig"
    shutil.copytree(RIGS / "chen", folder / "chen")
    damage(folder)
    with pytest.raises(SubjectError, match=said):
        RiggedPerson("chen", Rig.usual(), folder)


def test_the_card_in_a_rigged_twin_has_the_light_that_the_rig_tells(clock: Clock) -> None:
    rig = drawn(103)
    twin = Twin("chen", PINS, seed=3, ambient={"room": 1.0, "window": 0.4}, rig=rig)
    twin.wires.card = Card.GREY
    camera = twin.camera(clock, clock.sleep)
    camera.start()
    with Lamps(PINS, 1000, twin.pin_factory) as lamps:
        lamps.set({lamp: level / 2 for lamp, level in WORKING.items()})
        frame = camera.read(main=False)
        truth = rig.card_light(twin.wires.lighting.levels)
    height, width = frame.preview.shape[:2]
    row, column = (PLACE[1] + PLACE[3]) / 2 * height, (PLACE[0] + PLACE[2]) / 2 * width
    seen = to_linear(frame.preview[int(row) - 8 : int(row) + 8, int(column) - 8 : int(column) + 8])
    assert seen.mean((0, 1)) == pytest.approx(
        frame.controls.analogue_gain * ALBEDO * truth, rel=0.02
    )


def test_a_rigged_twin_shows_the_person_and_the_light_of_the_screen(clock: Clock) -> None:
    twin = Twin("chen", PINS, seed=3, rig=drawn(104))
    twin.wires.posture = Posture()
    camera = twin.camera(clock, clock.sleep)
    camera.start()
    dark = camera.read(main=False).preview.mean()
    twin.wires.set_screen(1.0)
    assert camera.read(main=False).preview.mean() > dark + 0.5
    image = camera.read(main=True).image
    assert image is not None
    assert image.shape[:2] == twin.size[::-1]


def test_strangers_with_glasses_stand_apart_and_are_among_those_nothing_is_fitted_on() -> None:
    there = rigged_names(WEARERS)
    assert there
    assert set(there) <= set(KEPT_OUT)
    for name in there:
        person = RiggedPerson(name, drawn(111), WEARERS)
        assert person.truth(POSE)["glasses"]["dioptres"] != 0
        assert person.stage(POSE, large=False).alpha.shape == person.highlights(POSE).shape
