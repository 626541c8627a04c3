"""The specification: profiles are whole, names are known, and a new profile is a table."""

from collections.abc import Callable
from importlib import resources

import pytest

from kiosk.camera.frame import Picture
from kiosk.errors import UsageError
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.standardise import Standardiser
from kiosk.pipeline.specification import Specification, parse_specification, specification
from kiosk.pipeline.verify.verify import verify

VISA = """
[profiles.visa]
size = [420, 540]
background = "white"
width = [350, 1400]
height = [450, 1800]
size_step = [70, 90]
bytes = [20000, 240000]
dots_per_inch = 600
geometry = { head_top = [0.07, 0.15], eye_line = [0.38, 0.52], face_width = [0.5, 0.75] }
"""


def with_tables(more: str) -> Specification:
    text = resources.files("kiosk.pipeline").joinpath("specification.toml").read_text("utf-8")
    return parse_specification(text + more)


def test_what_a_profile_does_not_say_is_the_common_tables() -> None:
    booth, m2017 = specification().profile("booth"), specification().profile("m2017")
    assert specification().profile() == booth
    assert (booth.bytes, m2017.bytes) == ((51200, 1000000), (20480, 40000))
    assert m2017.geometry == booth.geometry
    assert m2017.quality == booth.quality
    assert booth.size_rule == "3:4 in steps of 48 × 64"


def test_a_photo_that_nobody_says_more_about_is_as_its_profile_says() -> None:
    visa = with_tables(VISA).wanted("visa")
    assert (visa.size, visa.background, visa.profile) == ((420, 540), "white", "visa")
    assert with_tables(VISA).wanted("visa", background="grey").background == "grey"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"profile": "m2071"}, "there is no profile m2071: there are booth, m2017"),
        ({"background": "blue"}, "there is no background blue: there are light-blue, white, grey"),
        ({"size": (481, 641)}, "481x641: sizes are 3:4 in steps of 48 × 64, from 480x640 to 1344x"),
    ],
)
def test_what_the_specification_does_not_have_is_refused_with_what_it_has(
    asked: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        specification().wanted(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[profiles.odd]\nbackground = "green"\n', "there is no background green"),
        ("[profiles.odd]\nsize = [480, 641]\n", "is none of its sizes"),
        ("[profiles.odd]\ncolour = 3\n", "colour"),
        ("[profiles.odd.geometry]\nhead_top = [0.1, 0.2]\nnose = [0, 1]\n", "nose"),
    ],
)
def test_a_profile_that_contradicts_the_rest_is_refused(table: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        with_tables(table)


def test_a_new_profile_is_made_and_verified_by_its_own_geometry_and_form(
    models: LoadedModels, at_booth: Callable[..., Picture]
) -> None:
    rules = with_tables(VISA)
    standardiser = Standardiser(models.looker, models.matter, rules)
    made = standardiser.standardise(at_booth(), rules.wanted("visa"))
    assert made.size == (420, 540)
    found = verify(made.encoded.data, models.looker, rules, "white", "visa")
    assert found.accepted, found.reasons
    as_booth = verify(made.encoded.data, models.looker, rules, "white", "booth")
    wrong = {finding.id for finding in as_booth.findings if not finding.ok}
    assert {"aspect", "width", "resolution", "eye_line"} <= wrong
