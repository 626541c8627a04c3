"""Every screen: it draws, its texts fit, its buttons can be reached and read."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import get_args

import numpy as np
import pygame
import pytest
from PIL import Image

from kiosk.display import canvas, guide, icons, parts, screens, theme
from kiosk.display.__main__ import assessment, scenes
from kiosk.display.state import ScreenState
from kiosk.display.text import Face
from kiosk.pipeline.judge.rules import words as rule_words
from kiosk.visit import BLOCKED, Button, FaultName, Instruction, Reason, Stage, Visit
from kiosk.words.catalogue import texts
from kiosk.words.phrase import Words
from protocol.student import Student

SIZES = ((1080, 1920), (720, 1280), (480, 800), (1280, 800))

BUTTONS: Mapping[Stage, set[Button]] = {
    Stage.CONFIRM: {"yes", "no"},
    Stage.CONSENT: {"agree", "decline"},
    Stage.CHECKLIST: {"ready", "cancel"},
    Stage.GUIDE: {"cancel"},
    Stage.REVIEW: {"approve", "retake"},
    Stage.DONE: {"close"},
    Stage.TURNED_AWAY: {"close"},
}
"""What each stage of the visit hears; the others hear no tap."""


def preview() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A picture that is not its own mirror image: red on the left, blue on the right."""
    picture = np.zeros((640, 480, 3), np.uint8)
    picture[:, :240, 0] = picture[:, 240:, 2] = 200
    return picture


SCENES = dict(scenes(preview()))

PLAIN = SCENES["01-idle"]


def drawn(scene: ScreenState, size: tuple[int, int] = (720, 1280)) -> pygame.Surface:
    surface = pygame.Surface(size)
    screens.draw(surface, scene)
    return surface


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_draws_and_its_texts_fit(size: tuple[int, int]) -> None:
    surface = pygame.Surface(size)
    for scene in SCENES.values():
        screens.draw(surface, scene)


def test_the_gallery_shows_every_stage_reason_and_fault() -> None:
    visits = [scene.visit for scene in SCENES.values()]
    assert {visit.stage for visit in visits} == set(Stage)
    assert {visit.reason for visit in visits} >= set(get_args(Reason))
    assert {visit.fault for visit in visits} >= set(BLOCKED)


def test_a_fault_has_a_screen_in_every_stage_that_it_stops() -> None:
    for fault, stages in BLOCKED.items():
        for stage in stages:
            drawn(replace(PLAIN, visit=Visit(stage, faults=frozenset({fault}))))


def test_a_stage_offers_the_buttons_that_it_hears() -> None:
    surface = pygame.Surface((720, 1280))
    for scene in SCENES.values():
        offered = {target.button for target in screens.draw(surface, scene)}
        if scene.visit.fault is None:
            assert offered == BUTTONS.get(scene.visit.stage, set())
        else:
            assert offered == ({"cancel"} if scene.visit.stage is Stage.GUIDE else set())


@pytest.mark.parametrize("size", SIZES)
def test_buttons_are_large_and_within_reach_from_a_wheelchair(size: tuple[int, int]) -> None:
    surface = pygame.Surface(size)
    height = min(size[1], size[0] * canvas.HEIGHT / canvas.WIDTH)
    top = (size[1] - height) / 2
    for scene in SCENES.values():
        for target in screens.draw(surface, scene):
            assert surface.get_rect().contains(target.rect)
            assert target.rect.height >= height / 14
            assert target.rect.top >= top + 0.55 * height


def test_buttons_do_not_overlap() -> None:
    surface = pygame.Surface((480, 800))
    for scene in SCENES.values():
        targets = screens.draw(surface, scene)
        for target in targets:
            assert len(target.rect.collidelistall([t.rect for t in targets])) == 1


def test_what_must_be_read_is_large_enough_for_three_metres() -> None:
    assert parts.TITLE >= canvas.HEIGHT / 18


def test_every_colour_of_a_text_contrasts_with_what_it_stands_on() -> None:
    assert theme.contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    for text, ground in theme.READ:
        assert theme.contrast(text, ground) >= 4.5


def test_every_text_is_there_in_both_languages() -> None:
    for name, text in texts().items():
        assert text.zh.strip(), name
        assert text.en.strip(), name
        assert text.en.isascii(), name


def test_every_button_reason_and_fault_has_its_words_and_icon() -> None:
    named = set(texts())
    assert {f"button.{button}" for button in get_args(Button)} <= named
    assert {f"reason.{reason}.title" for reason in get_args(Reason)} <= named
    assert {f"reason.{reason}.remedy" for reason in get_args(Reason)} <= named
    assert {f"fault.{fault}" for fault in BLOCKED} <= named
    used = {*parts.ICONS.values(), *guide.ICONS.values()}
    used |= {*screens.REASONS.values(), *screens.FAULTS.values()}
    assert set(parts.ICONS) == set(get_args(Button))
    assert set(screens.REASONS) == set(get_args(Reason))
    assert set(screens.FAULTS) == set(BLOCKED) <= set(get_args(FaultName))
    assert used <= set(icons.ICONS) | set(icons.MIRRORED)


def test_no_text_is_left_that_no_screen_says(monkeypatch: pytest.MonkeyPatch) -> None:
    said: set[str] = set()
    write = canvas.Canvas.text

    def listen(self: canvas.Canvas, text: str, *args: float, **how: object) -> float:
        said.add(text)
        return write(self, text, *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(canvas.Canvas, "text", listen)
    for scene in SCENES.values():
        drawn(scene, (270, 480))
    everything = "\n".join(said)
    unsaid = {name for name, text in texts().items() if text.zh not in everything}
    # These two stand in one line with what is configured.
    assert unsaid == {"support.hours", "support.booth"}


def test_a_long_name_is_shown_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    name, college = (
        "阿卜杜热合曼·买买提吐尔逊江",
        "材料科学与化学工程及新能源汽车应用技术学院（中外合作）",
    )
    masked: list[str] = []
    mask = Face.mask

    def listen(self: Face, line: str, size: float, height: int) -> Image.Image:
        masked.append(line)
        return mask(self, line, size, height)

    monkeypatch.setattr(Face, "mask", listen)
    long = Student("r", name, "202012345678901", "10000", "内蒙古民族职业技术师范大学", college)
    drawn(replace(SCENES["03-confirm"], visit=Visit(Stage.CONFIRM, long)))
    everything = "".join(masked)
    for text in (name, long.student_no, long.institution, college):
        assert text in everything


def test_a_text_of_absurd_length_is_cut_and_does_not_stop_the_booth() -> None:
    long = Student("r", "阿卜杜拉·" * 40, "9" * 200, "10000", "大学" * 90, "Extraordinary" * 30)
    wordy = replace(PLAIN.booth, institution="大学" * 90, support_phone="0" * 90)
    for visit in (Visit(Stage.CONFIRM, long), Visit(Stage.TURNED_AWAY, reason="not_me")):
        drawn(replace(PLAIN, booth=wordy, visit=visit))


def test_an_empty_name_does_not_stop_the_booth() -> None:
    nobody = Student("r", "", "", "10000", "", "")
    drawn(replace(SCENES["03-confirm"], visit=Visit(Stage.CONFIRM, nobody)))


def test_nothing_of_a_student_is_kept_by_the_screens() -> None:
    other = Student("r", "王一一", "202099999999", "10000", "示范大学", "文学院")
    scene = SCENES["03-confirm"]
    drawn(scene)
    before = [canvas.drawn_line.cache_info().currsize, canvas.wrap.cache_info().currsize]
    drawn(replace(scene, visit=Visit(Stage.CONFIRM, other)))
    assert before == [canvas.drawn_line.cache_info().currsize, canvas.wrap.cache_info().currsize]


def test_an_own_text_without_room_is_an_error() -> None:
    page = canvas.Canvas(pygame.Surface((720, 1280)))
    with pytest.raises(canvas.TextOverflow, match="does not fit"):
        page.text("请扫描图像采集码", 0, 0, 400, 112, lines=1)


def test_the_preview_is_mirrored_and_the_photo_is_not() -> None:
    guided = drawn(SCENES["06-guide-begin"])
    left, right = guided.get_at((80, 640)), guided.get_at((640, 640))
    assert left.b > left.r
    assert right.r > right.b
    reviewed = drawn(SCENES["09-review"])
    left, right = reviewed.get_at((120, 640)), reviewed.get_at((600, 640))
    assert left.r > left.b
    assert right.b > right.r


def test_arrows_point_to_where_the_mirror_shows_the_students_own_side() -> None:
    # "To your left" is on the left of a mirror; the words of the rules say the same.
    for (rule, side), icon in guide.ICONS.items():
        if icon.endswith(("_left", "_right")):
            way = icon.rsplit("_", 1)[1]
            assert way in rule_words()[rule, side].en


def test_the_guide_says_one_thing_even_for_a_rule_it_has_no_icon_for() -> None:
    seen = assessment("yaw")
    odd = replace(seen.rules[3], id="hat", good=False)
    rules = (*seen.rules[:3], odd, *seen.rules[4:])
    visit = Visit(
        Stage.GUIDE, assessment=replace(seen, rules=rules), instruction=Instruction("hat", "low")
    )
    said = {**rule_words(), ("hat", "low"): Words("请摘下帽子", "Take off your hat")}
    drawn(replace(SCENES["06-guide-begin"], visit=visit, instructions=said))


def test_the_guide_waits_for_the_lamps_and_asks_for_help_when_they_have_failed() -> None:
    waiting, begin = SCENES["06-guide-even_light-low"], SCENES["06-guide-begin"]
    unmended = SCENES["06-guide-even_light-low-unmended"]
    assert waiting.visit.instruction is None
    assert unmended.visit.instruction is not None
    shown = drawn(waiting), drawn(unmended), drawn(begin)
    assert len({pygame.image.tobytes(surface, "RGB") for surface in shown}) == 3


def test_the_guide_draws_before_the_camera_has_shown_anything() -> None:
    drawn(replace(SCENES["06-guide-begin"], preview=None))


def test_a_screen_depends_on_nothing_but_its_scene() -> None:
    for name in ("02-resolving", "06-guide-hold"):
        first, again = drawn(SCENES[name]), drawn(SCENES[name])
        assert pygame.image.tobytes(first, "RGB") == pygame.image.tobytes(again, "RGB")


def test_the_hold_is_seen_to_go_on() -> None:
    scene = SCENES["06-guide-hold"]
    later = replace(scene, at=scene.at + 0.2)
    assert pygame.image.tobytes(drawn(scene), "RGB") != pygame.image.tobytes(drawn(later), "RGB")


def test_beside_the_canvas_there_is_nothing_but_paper() -> None:
    for name, x in product(("01-idle", "05-checklist", "06-guide-hold"), (0, 400, 880, 1279)):
        surface = drawn(SCENES[name], (1280, 800))
        assert {tuple(surface.get_at((x, y)))[:3] for y in range(0, 800, 40)} == {theme.PAPER}
