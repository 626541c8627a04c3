"""The staff's menu: a long press and a PIN open it, and it closes by itself."""

import string
from collections.abc import Iterable
from dataclasses import replace

import pytest

from kiosk.pipeline.judge.rules import RULES
from kiosk.staff import (
    CHARACTERS,
    GRANTS,
    Around,
    CheckPin,
    Close,
    Effect,
    EnterCode,
    Event,
    Grant,
    LongPressed,
    PinChecked,
    ReaderHeard,
    RestoreLamps,
    SetLamp,
    SetMaintenance,
    StaffMenu,
    StaffTapped,
    StartReaderTest,
    TimePassed,
    keys,
    step,
)
from kiosk.staff.menu import IDLE_END, LONGEST_LOCK

AROUND = Around(
    pin_set=True,
    student_at_hand=True,
    granted=frozenset(),
    maintenance=False,
    lamps={"key_left": 0.4, "backdrop": 0.95},
)


def do(
    menu: StaffMenu, *events: Event | str, at: float = 0.0, around: Around = AROUND
) -> tuple[StaffMenu, list[Effect]]:
    """Let events happen at once; a text is a key that is tapped, without its `staff_`."""
    done: list[Effect] = []
    for event in events:
        happening = StaffTapped(f"staff_{event}") if isinstance(event, str) else event
        menu, effects = step(menu, happening, at, around)
        done += effects
    return menu, done


def opened(at: float = 0.0) -> StaffMenu:
    """The menu behind its PIN."""
    asked, _ = do(StaffMenu(), LongPressed(), *"4711", "enter", at=at)
    return do(asked, PinChecked(asked.check, ok=True), at=at)[0]


def try_wrong(menu: StaffMenu, at: float) -> StaffMenu:
    asked, effects = do(menu, *"0815", "enter", at=at)
    assert effects == [CheckPin(asked.check, "0815")]
    return do(asked, PinChecked(asked.check, ok=False), at=at)[0]


def lamps(effects: Iterable[Effect]) -> list[tuple[str, float]]:
    return [(e.lamp, e.level) for e in effects if isinstance(e, SetLamp)]


def test_nothing_but_a_long_press_opens_it() -> None:
    assert do(StaffMenu(), "status", "4", TimePassed(), at=99.0) == (StaffMenu(), [])
    assert do(StaffMenu(), LongPressed())[0].page == "pin"


def test_without_a_pin_it_is_refused_and_says_so() -> None:
    around = replace(AROUND, pin_set=False)
    refused, _ = do(StaffMenu(), LongPressed(), *"4711", "enter", "home", around=around)
    assert refused.page == "refused"
    assert do(refused, "close", around=around) == (StaffMenu(), [Close()])


def test_the_right_pin_opens_it_and_no_digit_is_kept() -> None:
    asked, effects = do(StaffMenu(), LongPressed(), *"47112", "erase", "enter")
    assert effects == [CheckPin(1, "4711")]
    assert asked.page == "pin"
    assert "4711" not in repr((asked, effects, StaffTapped("staff_4")))
    assert asked.digits == ""
    assert do(asked, PinChecked(1, ok=True))[0].page == "home"


def test_while_a_pin_is_checked_no_other_is_typed() -> None:
    asked, _ = do(StaffMenu(), LongPressed(), *"4711", "enter")
    assert do(asked, *"0815", "enter") == (asked, [])


def test_the_third_wrong_pin_and_each_further_one_take_time() -> None:
    menu, at = do(StaffMenu(), LongPressed())[0], 0.0
    waits = []
    for _ in range(10):
        menu = try_wrong(do(menu, LongPressed(), at=at)[0], at)
        waits.append(menu.locked_for(at))
        assert menu.locked_for(at) == 0 or do(menu, *"4711", "enter", at=at)[1] == []
        at += menu.locked_for(at)
    assert waits == [0, 0, 30, 60, 120, 240, 480, LONGEST_LOCK, LONGEST_LOCK, LONGEST_LOCK]


def test_wrong_tries_are_remembered_while_it_is_closed_and_forgotten_once_it_opens() -> None:
    menu, _ = do(StaffMenu(), LongPressed())
    for _ in range(3):
        menu, _ = do(try_wrong(menu, 0.0), "close", LongPressed())
    assert menu.locked_for(0.0) == 30
    asked, _ = do(menu, *"4711", "enter", at=30.0)
    home, _ = do(asked, PinChecked(asked.check, ok=True), at=30.0)
    assert (home.page, home.wrong) == ("home", 0)


def test_who_closes_before_the_answer_has_tried_all_the_same() -> None:
    asked, _ = do(StaffMenu(), LongPressed(), *"0815", "enter", "close")
    assert do(asked, PinChecked(1, ok=False))[0].wrong == 1
    again, _ = do(asked, LongPressed())
    assert do(again, PinChecked(1, ok=True))[0].page == "pin"  # it was another's, perhaps


@pytest.mark.parametrize("page", ["status", "lamps", "reader", "grant"])
def test_every_page_leads_back_and_is_left_by_itself(page: str) -> None:
    there, _ = do(opened(), page, at=5.0)
    assert there.page == page
    assert do(there, "back")[0].page == "home"
    assert do(there, TimePassed(), at=5.0 + IDLE_END - 0.1) == (there, [])
    closed, effects = do(there, TimePassed(), at=5.0 + IDLE_END)
    assert not closed.is_open
    assert effects == [Close()]


def test_a_touch_or_a_scan_keeps_it_open() -> None:
    read, _ = do(opened(), "reader", ReaderHeard("code_link"), at=50.0)
    assert do(read, TimePassed(), at=70.0)[0].is_open
    turned, _ = do(do(opened(), "status")[0], "next", at=50.0)
    assert do(turned, TimePassed(), at=70.0)[0].is_open


def test_each_lamp_is_tried_and_all_stand_as_before_afterwards() -> None:
    trying, effects = do(opened(), "lamps", "off", "less", "next", "full", "more", "less")
    tried = [("backdrop", 0.0), ("backdrop", 0.0), ("key_left", 1.0), ("key_left", 1.0)]
    assert lamps(effects) == [*tried, ("key_left", 0.9)]
    assert do(trying, "back")[1] == [RestoreLamps()]
    assert do(trying, "close")[1] == []  # there is no such key on this page
    assert do(trying, TimePassed(), at=IDLE_END)[1] == [RestoreLamps(), Close()]
    assert do(opened(), "lamps", "next", "back")[1] == []


def test_a_lamp_is_raised_from_the_level_at_which_it_stands() -> None:
    assert lamps(do(opened(), "lamps", "more", "previous", "more")[1]) == [
        ("backdrop", 1.0),
        ("key_left", 0.5),
    ]


def test_a_booth_without_lamps_has_none_to_try() -> None:
    around = replace(AROUND, lamps={})
    assert do(opened(), "lamps", "more", "next", around=around)[1] == []


def test_the_reader_test_tells_what_was_read_and_never_its_text() -> None:
    testing, effects = do(opened(), "reader")
    assert effects == [StartReaderTest()]
    assert testing.tests_reader
    assert do(testing, ReaderHeard("code_payment"))[0].heard == "code_payment"
    assert do(opened(), ReaderHeard("code_payment"))[0].heard is None
    assert not do(testing, "back")[0].tests_reader


def test_maintenance_is_begun_and_ended_whoever_began_it() -> None:
    assert do(opened(), "maintenance", "close")[1] == [SetMaintenance(True), Close()]
    around = replace(AROUND, maintenance=True)
    assert do(opened(), "maintenance", around=around)[1] == [SetMaintenance(False)]


def test_a_headscarf_is_granted_with_one_tap_and_once() -> None:
    menu, _ = do(opened(), "grant")
    granted = do(menu, "grant_headwear")[1]
    assert granted == [Grant("bareheaded"), Grant("ears_visible"), Grant("brows_clear")]
    around = replace(AROUND, granted=frozenset({"bareheaded", "ears_visible", "brows_clear"}))
    assert do(menu, "grant_headwear", around=around)[1] == []


def test_nothing_is_granted_to_nobody() -> None:
    around = replace(AROUND, student_at_hand=False)
    assert do(opened(), "grant", "grant_headwear", around=around)[1] == []


def test_what_staff_may_grant_stands_in_one_group_each() -> None:
    grouped = [rule for rules in GRANTS.values() for rule in rules]
    grouped.remove("identity")  # no rule: staff have seen who shows a plain code
    assert sorted(grouped) == sorted(rule.id for rule in RULES if rule.staff_may_grant)


def test_keys_that_are_not_on_the_page_do_nothing() -> None:
    every = {key.removeprefix("staff_") for page in ("pin", "home", "lamps") for key in keys(page)}
    for key in every - {key.removeprefix("staff_") for key in keys("home")}:
        assert do(opened(), key) == (opened(), [])


def typing(code: str) -> list[str]:
    """The keys by which a code is typed, beginning with the digits."""
    typed, layer = [], 0
    for char in code:
        while char not in CHARACTERS[layer]:
            typed.append("layer")
            layer = (layer + 1) % len(CHARACTERS)
        typed.append(f"place_{CHARACTERS[layer].index(char)}")
    return typed


def test_a_code_that_is_typed_is_the_visits_and_stays_nowhere() -> None:
    alone = replace(AROUND, student_at_hand=False)
    code = "TX9-4471/kq+Zz="
    menu, _ = do(opened(), "code", *typing(code + "9"), "erase", around=alone)
    assert menu.typed == code
    assert "4471" not in repr(menu)
    closed, effects = do(menu, "enter", around=alone)
    assert effects == [Close(), EnterCode(code)]
    assert "4471" not in repr(effects)
    assert (closed.is_open, closed.typed) == (False, "")
    assert do(menu, "back", "code", around=alone)[0].typed == ""


def test_too_few_characters_are_no_code_and_while_a_student_is_at_hand_none_is_typed() -> None:
    alone = replace(AROUND, student_at_hand=False)
    menu, effects = do(opened(), "code", *typing("123"), "enter", around=alone)
    assert (menu.page, effects) == ("code", [])
    menu, effects = do(opened(), "code", *typing("12345"), "enter")
    assert (menu.typed, effects) == ("", [])


def test_every_character_that_codes_are_made_of_can_be_typed() -> None:
    every = "".join(CHARACTERS)
    assert len(every) == len(set(every))
    assert set(string.ascii_letters + string.digits + "+/=-_.:?&#%") <= set(every)
