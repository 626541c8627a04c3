"""Every screen: it draws, its texts fit, its buttons can be reached and read."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from functools import _lru_cache_wrapper
from itertools import product
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import get_args

import numpy as np
import pygame
import pytest
from PIL import Image

from kiosk.display import canvas, guide, icons, parts, screens, theme
from kiosk.display.gallery import make_assessment, screen_states
from kiosk.display.state import ScreenState
from kiosk.display.text import Font
from kiosk.pipeline.judge.rules import RULES, Rule
from kiosk.visit import BLOCKED, Button, Instruction, Reason, Stage, Tapped, Visit, step
from kiosk.words import phrase
from protocol.student import Student

SIZES = ((1080, 1920), (720, 1280), (480, 800), (1280, 800))


def heard(visit: Visit) -> set[Button]:
    """The buttons that a visit hears here."""
    return {button for button in get_args(Button) if step(visit, Tapped(button)) != (visit, ())}


def preview() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A picture that is not its own mirror image: red on the left, blue on the right."""
    picture = np.zeros((640, 480, 3), np.uint8)
    picture[:, :240, 0] = picture[:, 240:, 2] = 200
    return picture


STATES = dict(screen_states(preview()))

IDLE = STATES["idle"]


def drawn(state: ScreenState, size: tuple[int, int] = (720, 1280)) -> pygame.Surface:
    surface = pygame.Surface(size)
    screens.draw_screen(surface, state)
    return surface


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_draws_and_its_texts_fit(size: tuple[int, int]) -> None:
    surface = pygame.Surface(size)
    for state in STATES.values():
        screens.draw_screen(surface, state)


def test_the_gallery_shows_every_stage_reason_and_fault() -> None:
    visits = [state.visit for state in STATES.values()]
    assert {visit.stage for visit in visits} == set(Stage)
    assert {visit.reason for visit in visits} >= set(get_args(Reason))
    assert {visit.fault for visit in visits} >= {
        fault for fault, stages in BLOCKED.items() if stages
    }


def test_a_fault_has_a_screen_in_every_stage_that_it_stops() -> None:
    for fault, stages in BLOCKED.items():
        for stage in stages:
            drawn(replace(IDLE, visit=Visit(stage, faults=frozenset({fault}))))


def test_a_stage_offers_the_buttons_that_it_hears() -> None:
    surface = pygame.Surface((720, 1280))
    for state in STATES.values():
        offered = {target.button for target in screens.draw_screen(surface, state)}
        if state.visit.fault is None:
            assert offered == heard(state.visit)
        else:
            assert offered == ({"cancel"} if state.visit.stage is Stage.GUIDE else set())


@pytest.mark.parametrize("size", SIZES)
def test_buttons_are_large_and_within_reach_from_a_wheelchair(size: tuple[int, int]) -> None:
    surface = pygame.Surface(size)
    height = min(size[1], size[0] * canvas.HEIGHT / canvas.WIDTH)
    top = (size[1] - height) / 2
    for state in STATES.values():
        for target in screens.draw_screen(surface, state):
            assert surface.get_rect().contains(target.rect)
            assert target.rect.height >= height / 14
            assert target.rect.top >= top + 0.55 * height


def test_buttons_do_not_overlap() -> None:
    surface = pygame.Surface((480, 800))
    for state in STATES.values():
        targets = screens.draw_screen(surface, state)
        for target in targets:
            assert len(target.rect.collidelistall([t.rect for t in targets])) == 1


def test_a_late_tap_on_the_way_out_never_answers_yes_on_the_next_screen() -> None:
    surface = pygame.Surface((720, 1280))
    out = screens.draw_screen(surface, STATES["resolving"])
    asked = screens.draw_screen(surface, STATES["confirm"])
    assert [target.button for target in out] == ["cancel"]
    yes = next(target for target in asked if target.button == "yes")
    assert out[0].rect.right < yes.rect.left


def test_a_name_that_no_font_can_draw_is_confirmed_as_its_code() -> None:
    def confirmed(name: str) -> bytes:
        student = Student("r", name, "1", "10000", "校", "院")
        state = replace(STATES["confirm"], visit=Visit(Stage.CONFIRM, student))
        return pygame.image.tobytes(drawn(state, (540, 960)), "RGB")

    pictures = [confirmed(char) for char in "\U0010fffd\ue863\u200b\u202e𡈙𠔌ŁŠམئ张"]
    assert len(set(pictures)) == len(pictures)


def test_what_must_be_read_is_large_enough_for_three_metres() -> None:
    assert parts.TITLE_SIZE >= canvas.HEIGHT / 18


def test_every_colour_of_a_text_contrasts_with_what_it_stands_on() -> None:
    assert theme.contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    for text, ground in theme.TEXT_ON_GROUND:
        assert theme.contrast(text, ground) >= 4.5


def test_every_button_reason_and_fault_has_its_icon() -> None:
    faults = {fault for fault, stages in BLOCKED.items() if stages}
    told = {rule.told(side).icon for rule in RULES for side in rule.told_sides}
    used = {*parts.BUTTON_ICONS.values(), *told, *(icon for icon, _ in screens.CHECKLIST)}
    used |= {*screens.REASON_ICONS.values(), *screens.FAULT_ICONS.values()}
    assert set(parts.BUTTON_ICONS) == set(get_args(Button))
    assert set(screens.REASON_ICONS) <= set(get_args(Reason))
    assert set(screens.FAULT_ICONS) <= faults
    assert used <= set(icons.ICONS) | set(icons.MIRRORED)


def test_a_reason_or_fault_without_an_icon_of_its_own_has_a_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(screens, "REASON_ICONS", {})
    monkeypatch.setattr(screens, "FAULT_ICONS", {})
    for state in STATES.values():
        if state.visit.reason or state.visit.fault:
            drawn(state)


def test_a_long_name_is_shown_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    name, college = (
        "阿卜杜热合曼·买买提吐尔逊江",
        "材料科学与化学工程及新能源汽车应用技术学院（中外合作）",
    )
    masked: list[str] = []
    mask = Font.mask

    def listen(self: Font, line: str, size: float, height: int) -> Image.Image:
        masked.append(line)
        return mask(self, line, size, height)

    monkeypatch.setattr(Font, "mask", listen)
    long = Student("r", name, "202012345678901", "10000", "内蒙古民族职业技术师范大学", college)
    drawn(replace(STATES["confirm"], visit=Visit(Stage.CONFIRM, long)))
    everything = "".join(masked)
    for text in (name, long.student_no, long.institution, college):
        assert text in everything


def test_a_text_of_absurd_length_is_cut_and_does_not_stop_the_booth() -> None:
    long = Student("r", "阿卜杜拉·" * 40, "9" * 200, "10000", "大学" * 90, "Extraordinary" * 30)
    wordy = replace(IDLE.booth, institution="大学" * 90, support_phone="0" * 90)
    for visit in (Visit(Stage.CONFIRM, long), Visit(Stage.TURNED_AWAY, reason="not_me")):
        drawn(replace(IDLE, booth=wordy, visit=visit))


def test_an_empty_name_does_not_stop_the_booth() -> None:
    nobody = Student("r", "", "", "10000", "", "")
    drawn(replace(STATES["confirm"], visit=Visit(Stage.CONFIRM, nobody)))


def test_nothing_of_a_student_is_kept_by_the_screens() -> None:
    other = Student("r", "王一一", "202099999999", "10000", "示范大学", "文学院")
    state = STATES["confirm"]
    drawn(state)
    before = [
        canvas.draw_phrase_line.cache_info().currsize,
        canvas.wrap_phrase.cache_info().currsize,
    ]
    drawn(replace(state, visit=Visit(Stage.CONFIRM, other)))
    assert before == [
        canvas.draw_phrase_line.cache_info().currsize,
        canvas.wrap_phrase.cache_info().currsize,
    ]


def caches() -> Iterator[object]:
    """Every cache of the display and of what it draws with."""
    for thing in gc.get_objects():
        if isinstance(thing, _lru_cache_wrapper) and thing.__module__.startswith("kiosk."):
            yield thing


def held_by(root: object) -> Iterator[object]:
    """All that can be reached from an object, but for code."""
    found, todo = {id(root)}, [root]
    while todo:
        for thing in gc.get_referents(todo.pop()):
            code = isinstance(
                thing, type | ModuleType | FunctionType | MethodType | BuiltinFunctionType
            )
            if not code and id(thing) not in found:
                found.add(id(thing))
                todo.append(thing)
                yield thing


def test_no_cache_holds_a_students_name_or_picture_after_the_visit() -> None:
    student = Student("r-77", "欧阳若曦", "209912345678", "10000", "某某大学", "天文学院")
    picture = preview()
    gone = weakref.ref(picture)
    for _, state in screen_states(picture):
        if state.visit.student is not None:
            drawn(replace(state, visit=replace(state.visit, student=student)), (270, 480))
    drawn(IDLE)
    del picture, state
    gc.collect()
    assert gone() is None
    texts = {thing for cache in caches() for thing in held_by(cache) if isinstance(thing, str)}
    assert phrase("idle.title").texts["zh-CN"] in texts
    for word in (student.name, student.student_no, student.institution, student.college):
        assert not [text for text in texts if word in text]


def test_an_own_text_without_room_is_an_error() -> None:
    page = canvas.Canvas(pygame.Surface((720, 1280)))
    with pytest.raises(canvas.TextOverflow, match="does not fit"):
        page.text("请扫描图像采集码", 0, 0, 400, 112, lines=1)


def test_the_preview_is_mirrored_and_the_photo_is_not() -> None:
    guided = drawn(STATES["guide-begin"])
    left, right = guided.get_at((80, 640)), guided.get_at((640, 640))
    assert left.b > left.r
    assert right.r > right.b
    reviewed = drawn(STATES["review"])
    left, right = reviewed.get_at((120, 640)), reviewed.get_at((600, 640))
    assert left.r > left.b
    assert right.b > right.r


def test_arrows_point_to_where_the_mirror_shows_the_students_own_side() -> None:
    # "To your left" is on the left of a mirror; the words of the rules say the same.
    arrows = [rule.told(side) for rule in RULES for side in rule.told_sides]
    arrows = [told for told in arrows if told.icon.endswith(("_left", "_right"))]
    assert len(arrows) == 6
    for told in arrows:
        way = told.icon.rsplit("_", 1)[1]
        assert way in phrase(told.phrase).texts["en"]


def test_the_guide_says_one_thing_even_for_a_rule_it_has_no_icon_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hat = Rule("hat", lambda _: None, "student", phrase="rule.bareheaded")
    monkeypatch.setattr(guide, "find_rule", {"hat": hat}.__getitem__)
    seen = make_assessment("yaw")
    odd = replace(seen.rules[3], id="hat", good=False)
    rules = (*seen.rules[:3], odd, *seen.rules[4:])
    visit = Visit(
        Stage.GUIDE, assessment=replace(seen, rules=rules), instruction=Instruction("hat", "low")
    )
    drawn(replace(STATES["guide-begin"], visit=visit))


def test_the_guide_waits_for_the_lamps_and_asks_for_help_when_they_have_failed() -> None:
    waiting, begin = STATES["guide-even_light"], STATES["guide-begin"]
    unmended = STATES["guide-even_light-unmended"]
    assert waiting.visit.instruction is None
    assert unmended.visit.instruction is not None
    shown = drawn(waiting), drawn(unmended), drawn(begin)
    assert len({pygame.image.tobytes(surface, "RGB") for surface in shown}) == 3


def test_the_guide_draws_before_the_camera_has_shown_anything() -> None:
    drawn(replace(STATES["guide-begin"], preview=None))


def test_a_screen_depends_on_nothing_but_its_scene() -> None:
    for name in ("resolving", "guide-hold"):
        first, again = drawn(STATES[name]), drawn(STATES[name])
        assert pygame.image.tobytes(first, "RGB") == pygame.image.tobytes(again, "RGB")


def test_the_hold_is_seen_to_go_on() -> None:
    state = STATES["guide-hold"]
    later = replace(state, at=state.at + 0.2)
    assert pygame.image.tobytes(drawn(state), "RGB") != pygame.image.tobytes(drawn(later), "RGB")


def test_beside_the_canvas_there_is_nothing_but_paper() -> None:
    for name, x in product(("idle", "checklist", "guide-hold"), (0, 400, 880, 1279)):
        surface = drawn(STATES[name], (1280, 800))
        assert {tuple(surface.get_at((x, y)))[:3] for y in range(0, 800, 40)} == {theme.PAPER}
