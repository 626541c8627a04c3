"""The screens: what each shows and offers, and that nothing of a student stays."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from functools import _lru_cache_wrapper, cache
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import get_args

import numpy as np
import pygame
import pytest
import zxingcpp
from PIL import Image

from kiosk.display import buttons, icons, screens, shapes, typesetting
from kiosk.display.canvas import Box, Canvas
from kiosk.display.gallery import MONITOR, screen_states
from kiosk.display.header import LAST_SECONDS
from kiosk.display.layout import Words, compose
from kiosk.display.monitor import Monitor
from kiosk.display.samples import SECONDS
from kiosk.display.screens import asking, ending
from kiosk.display.shown import Shown
from kiosk.display.state import ScreenState
from kiosk.display.text import Font
from kiosk.visit import BLOCKED, PROGRESS, Button, Reason, Stage, Tapped, Visit, step
from kiosk.words import phrase
from protocol.student import Student
from tests.display.pages import STATES, lay_out, unpainted

LOOKS = {"language", "contrast", "larger"}

IDLE = STATES["idle"]

WIDE = Monitor((800, 480), 7.0, 0.6)


def heard(visit: Visit) -> set[Button]:
    """The buttons that a visit hears here."""
    return {button for button in get_args(Button) if step(visit, Tapped(button)) != (visit, ())}


def drawn(state: ScreenState, monitor: Monitor = MONITOR) -> pygame.Surface:
    surface = pygame.Surface(monitor.pixels)
    screens.draw_screen(surface, replace(state, monitor=monitor))
    return surface


def pixels(surface: pygame.Surface) -> bytes:
    return pygame.image.tobytes(surface, "RGB")


@cache
def shown(name: str) -> Shown:
    with unpainted():
        return lay_out(STATES[name]).shown


def offered(name: str) -> set[str]:
    return {target.button for target in shown(name).targets}


# ---- every screen there is ----


def test_the_gallery_shows_every_stage_reason_and_fault() -> None:
    visits = [state.visit for state in STATES.values()]
    assert {visit.stage for visit in visits} == set(Stage)
    assert {visit.reason for visit in visits} >= set(get_args(Reason))
    assert {visit.fault for visit in visits} >= {
        fault for fault, stages in BLOCKED.items() if stages
    }


def test_a_fault_has_a_screen_in_every_stage_that_it_stops() -> None:
    with unpainted():
        for fault, stages in BLOCKED.items():
            for stage in stages:
                page = lay_out(replace(IDLE, visit=Visit(stage, faults=frozenset({fault}))))
                assert f"fault.{fault}" in page.phrases


def test_a_stage_offers_the_buttons_that_it_hears() -> None:
    for name, state in STATES.items():
        visit = state.visit
        if state.staff is not None or visit.away(state.at):
            continue
        expected: set[str] = set(heard(visit))
        if not visit.asking_leave:
            expected -= {"leave", "stay"}
        if visit.fault is not None:
            expected &= {"cancel"} | LOOKS
        elif visit.stage is Stage.REVIEW and visit.photos < 2:
            expected.discard("shot_1")  # there is nothing to choose
        elif visit.stage is Stage.GUIDE and not visit.helping(state.at):
            expected -= {"as_it_is", "go_on", "staffed"}
        elif visit.stage is Stage.GUIDE:
            expected.discard("cancel")  # the staffed session is the way out
        assert offered(name) == expected, name


def test_every_step_of_a_visit_is_named_while_it_is_under_way() -> None:
    for name, state in STATES.items():
        named = {phrase for phrase in shown(name).phrases if phrase.startswith("step.")}
        if state.staff is None and state.visit.fault is None and state.remaining is None:
            steps = {f"step.{step}" for step, stages in PROGRESS if state.visit.stage in stages}
            covered = state.visit.asking_leave or state.visit.away(state.at)
            assert named == (set() if covered else steps), name


def test_what_is_read_aloud_has_words() -> None:
    for name, state in STATES.items():
        if state.staff is None:
            assert shown(name).spoken, name
            for spoken in shown(name).spoken:
                assert phrase(spoken)


def test_every_button_reason_and_fault_has_its_icon() -> None:
    faults = {fault for fault, stages in BLOCKED.items() if stages}
    signs = (*asking.CHECKLIST, *asking.CONSENT)
    used = {*buttons.BUTTON_ICONS.values(), *LOOKS - {"language"}, *(icon for icon, _ in signs)}
    used |= {*ending.REASON_ICONS.values(), *ending.FAULT_ICONS.values()}
    shots = {"shot_1", "shot_2", "shot_3"}
    assert set(buttons.BUTTON_ICONS) == set(get_args(Button)) - LOOKS - shots
    assert set(ending.REASON_ICONS) <= set(get_args(Reason))
    assert set(ending.FAULT_ICONS) <= faults
    assert used <= set(icons.ICONS)


def test_a_reason_or_fault_without_an_icon_of_its_own_has_a_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ending, "REASON_ICONS", {})
    monkeypatch.setattr(ending, "FAULT_ICONS", {})
    for name in ("turned_away-not_me", "fault-camera-idle"):
        drawn(STATES[name], WIDE)


def test_a_screen_depends_on_nothing_but_its_state() -> None:
    first, again = drawn(STATES["resolving"], WIDE), drawn(STATES["resolving"], WIDE)
    assert pixels(first) == pixels(again)


# ---- single screens ----


def test_who_is_back_after_being_away_is_asked_whether_it_is_still_they() -> None:
    assert "confirm.title" in shown("confirm").phrases
    assert "confirm.again" in shown("confirm-again").phrases


def test_who_stands_is_not_told_to_sit() -> None:
    assert "checklist.sit" in shown("checklist").phrases
    assert "checklist.sit" not in shown("checklist-standing").phrases


def test_the_scan_tells_how_to_hold_the_phone_as_the_reader_is_mounted() -> None:
    assert "scan.up" in shown("scan").phrases
    assert {"scan.out", "scan.camera"} <= shown("scan-reader_out").phrases
    assert pixels(drawn(STATES["scan"], WIDE)) != pixels(drawn(STATES["scan-reader_out"], WIDE))


def test_the_photo_in_review_is_not_mirrored_and_the_chosen_one_is_large() -> None:
    def photo(value: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        picture = np.zeros((64, 48, 3), np.uint8)
        picture[:, :24, 0], picture[:, 24:, 2] = value, value
        return picture

    state = replace(STATES["review-three"], photos=(photo(80), photo(160), photo(240)))
    for chosen, value in ((1, 160), (2, 240)):
        surface = drawn(replace(state, visit=replace(state.visit, chosen=chosen)))
        seen = pygame.surfarray.array3d(surface)
        reds, blues = (np.argwhere((seen == colour).all(axis=2)) for colour in
                       ((value, 0, 0), (0, 0, value)))  # fmt: skip
        assert len(reds) > 10_000
        assert reds[:, 0].max() < blues[blues[:, 0] > reds[:, 0].max()][:, 0].max()


def test_what_the_student_could_not_keep_is_said_in_review() -> None:
    assert "review.passed" in shown("review").phrases
    assert "review.for_staff" in shown("review-for_staff").phrases
    assert "review.passed" not in shown("review-for_staff").phrases


@pytest.mark.parametrize("monitor", [MONITOR, WIDE], ids=["portrait", "landscape"])
def test_the_receipt_can_be_read_and_says_nothing_of_the_student(monitor: Monitor) -> None:
    state = STATES["done"]
    for url in ("https://photo.example.edu/s/", ""):
        booth = replace(state.booth, receipt_url=url)
        surface = drawn(replace(state, booth=booth), monitor)
        image = Image.frombytes("RGB", monitor.pixels, pixels(surface))
        (code,) = zxingcpp.read_barcodes(image)
        assert code.text == f"{url}{state.visit.submission}"
    assert state.visit.student is None


def test_a_screen_whose_time_is_nearly_over_asks_whether_anybody_is_there() -> None:
    waiting = STATES["scan"]
    with unpainted():
        for left, asked in ((LAST_SECONDS + 1, False), (LAST_SECONDS - 1, True)):
            spoken = lay_out(replace(waiting, remaining=left)).shown.spoken
            assert ("away.touch" in spoken) == asked
        # The booth's own work is nothing to answer for.
        working = replace(STATES["saving"], remaining=1.0)
        assert "away.touch" not in lay_out(working).shown.spoken
    early, late = (drawn(replace(waiting, remaining=left), WIDE) for left in (9.0, 2.0))
    assert pixels(early) != pixels(late)


def test_of_who_is_away_nothing_is_seen() -> None:
    def away(name: str) -> bytes:
        state = STATES["checklist-away"]
        other = Student("r", name, "1", "10000", name, name)
        visit = replace(state.visit, stage=Stage.REVIEW, student=other, photos=1)
        photo = np.full((64, 48, 3), len(name) * 60, np.uint8)
        return pixels(drawn(replace(state, visit=visit, photos=(photo,)), WIDE))

    assert away("王") == away("欧阳若曦")
    assert offered("checklist-away") == LOOKS


def test_nothing_on_the_idle_screen_flashes() -> None:
    before = None
    for moment in range(10):
        # The pictures change between 3.4 and 4 s.
        state = replace(IDLE, at=SECONDS * 20 + 3 + moment / 8)
        now = pygame.surfarray.array3d(drawn(state, WIDE)).astype(np.int16)
        if before is not None:
            # WCAG 2.2: a flash is a change of a tenth of the brightness of a quarter of the sight.
            assert (np.abs(now - before).mean(axis=2) > 25).mean() < 0.25
        before = now


def test_an_own_text_without_room_is_an_error() -> None:
    page = Canvas(pygame.Surface((720, 1280)), MONITOR)
    with pytest.raises(typesetting.TextOverflow, match="no room"):
        compose(page, Words("scan.title", arc=42), Box(0, 0, 300, 80))


# ---- what others set ----


def test_a_name_that_no_font_can_draw_is_confirmed_as_its_code() -> None:
    def confirmed(name: str) -> bytes:
        student = Student("r", name, "1", "10000", "校", "院")
        state = replace(STATES["confirm"], visit=Visit(Stage.CONFIRM, student=student))
        return pixels(drawn(state, WIDE))

    pictures = [confirmed(char) for char in "\U0010fffd\ue863\u200b\u202e𡈙𠔌ŁŠམئ张"]
    assert len(set(pictures)) == len(pictures)


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
    for monitor in (MONITOR, WIDE):
        masked.clear()
        drawn(replace(STATES["confirm"], visit=Visit(Stage.CONFIRM, student=long)), monitor)
        everything = "".join(masked)
        for text in (name, long.student_no, long.institution, college):
            assert text in everything


def test_a_text_of_absurd_length_is_cut_and_does_not_stop_the_booth() -> None:
    long = Student("r", "阿卜杜拉·" * 40, "9" * 200, "10000", "大学" * 90, "Extraordinary" * 30)
    wordy = replace(IDLE.booth, institution="大学" * 90, support_phone="0" * 90)
    confirming = Visit(Stage.CONFIRM, student=long)
    for visit in (confirming, Visit(Stage.TURNED_AWAY, reason="not_me")):
        for monitor in (MONITOR, WIDE):
            drawn(replace(IDLE, booth=wordy, visit=visit), monitor)


def test_an_empty_name_does_not_stop_the_booth() -> None:
    nobody = Student("r", "", "", "10000", "", "")
    drawn(replace(STATES["confirm"], visit=Visit(Stage.CONFIRM, student=nobody)))


# ---- nothing stays ----


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


def test_nothing_of_a_student_is_kept_by_the_screens() -> None:
    other = Student("r", "王一一", "202099999999", "10000", "示范大学", "文学院")
    state = STATES["confirm"]
    kept = (shapes.draw_phrase_line, typesetting.wrap_phrase, typesetting.measure_phrase)
    drawn(state, WIDE)
    before = [cached.cache_info().currsize for cached in kept]
    drawn(replace(state, visit=Visit(Stage.CONFIRM, student=other)), WIDE)
    assert before == [cached.cache_info().currsize for cached in kept]


def test_no_cache_holds_a_students_name_or_picture_after_the_visit() -> None:
    student = Student("r-77", "欧阳若曦", "209912345678", "10000", "某某大学", "天文学院")
    picture = np.zeros((64, 48, 3), np.uint8)
    gone = weakref.ref(picture)
    named = dict(screen_states(picture))
    for name in ("confirm", "checklist-leave", "guide-sit", "review", "review-three"):
        visit = replace(named[name].visit, student=student)
        drawn(replace(named[name], visit=visit), WIDE)
    drawn(IDLE, WIDE)
    del picture, named
    gc.collect()
    assert gone() is None
    texts = {thing for cache in caches() for thing in held_by(cache) if isinstance(thing, str)}
    assert phrase("idle.title").texts["zh-CN"] in texts
    for word in (student.name, student.student_no, student.institution, student.college):
        assert not [text for text in texts if word in text]
