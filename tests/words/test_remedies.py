"""Each refusal and each fault says what is wrong, who can mend it, and where, in both languages."""

from typing import Literal, get_args

import pytest

from kiosk import words
from kiosk.visit import BLOCKED, FaultName, Reason
from tests.display.pages import STATES, lay_out, unpainted

Who = Literal["you", "staff", "registry", "school"]
Where = Literal["account", "here", "elsewhere", "staffed", "told", "institution", "phone"]

WHO: dict[Who, tuple[str, str]] = {
    "staff": ("工作人员", "staff"),
    "registry": ("学籍部门", "school registry"),
    "school": ("学校", "school"),
}
"""The one word for each, in both languages. `you` is who reads it: what they do is said."""

WHERE: dict[Where, tuple[str, str]] = {
    "account": ("学信网", "CHSI"),
    "here": ("扫码", "scan"),
    "elsewhere": ("另一台拍摄机", "another booth"),
    "staffed": ("人工拍摄点", "staffed session"),
    "told": ("下面的", "below"),
    "institution": ("本校", "institution"),
}
"""`phone`: by the telephone number and its hours, which stand on every such screen."""

REFUSALS: dict[str, tuple[Who, Where]] = {
    "code_unknown": ("staff", "institution"),
    "code_unreadable": ("you", "account"),
    "code_payment": ("you", "account"),
    "code_contact": ("you", "account"),
    "code_wifi": ("you", "account"),
    "code_own_link": ("you", "account"),
    "code_link": ("you", "account"),
    "already_photographed": ("staff", "phone"),
    "photo_approved": ("staff", "phone"),
    "comparison_failed": ("registry", "phone"),
    "resubmissions_used": ("registry", "phone"),
    "not_admitted": ("registry", "phone"),
    "record_abnormal": ("registry", "phone"),
    "other_institution": ("you", "institution"),
    "not_me": ("staff", "phone"),
    "no_consent": ("you", "staffed"),
    "no_answer": ("you", "here"),
    "needs_staff": ("you", "phone"),
    "registrar_unreachable": ("you", "staffed"),
    "decryptor_failed": ("staff", "phone"),
    "wait": ("staff", "phone"),
    "network_needed": ("staff", "elsewhere"),
    "too_early": ("staff", "told"),
    "too_late": ("staff", "staffed"),
    "wrong_place": ("staff", "told"),
    "cannot_standardise": ("staff", "here"),
    "cannot_save": ("staff", "here"),
}
"""Who mends what each reason says, and where."""

OWN_DOING: frozenset[FaultName] = frozenset({"door", "maintenance"})
"""Faults that staff are at already: their own words say so."""


def test_every_reason_has_somebody_who_mends_it_and_a_place() -> None:
    assert set(REFUSALS) == set(get_args(Reason))


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_says_what_is_wrong_who_mends_it_and_where(reason: str) -> None:
    who, where = REFUSALS[reason]
    with unpainted():
        page = lay_out(STATES[f"turned_away-{reason}"])
    assert {f"reason.{reason}.title", f"reason.{reason}.remedy"} <= set(page.phrases)
    assert "support.phone" in page.phrases
    for number, language in enumerate(words.USUAL_LANGUAGES):
        remedy = words.texts(language)[f"reason.{reason}.remedy"].lower()
        for term in (WHO.get(who), WHERE.get(where)):
            assert term is None or term[number].lower() in remedy, (language, remedy)


@pytest.mark.parametrize("fault", [fault for fault, stages in BLOCKED.items() if stages])
def test_a_fault_says_what_is_wrong_and_that_staff_mend_it(fault: FaultName) -> None:
    said = {f"fault.{fault}"} if fault in OWN_DOING else {f"fault.{fault}", "fault.staff"}
    (state, *_) = [state for name, state in STATES.items() if name.startswith(f"fault-{fault}-")]
    with unpainted():
        page = lay_out(state)
    assert said | {"fault.title", "support.phone"} <= set(page.phrases)
    for number, language in enumerate(words.USUAL_LANGUAGES):
        texts = words.texts(language)
        assert any(WHO["staff"][number] in texts[name] for name in said), language


def test_what_is_left_where_there_is_little_room_still_names_somebody_or_a_place() -> None:
    for reason, (who, where) in REFUSALS.items():
        for number, language in enumerate(words.USUAL_LANGUAGES):
            brief = words.texts(language).get(f"reason.{reason}.remedy_brief")
            terms = [WHO.get(who), WHERE.get(where)]
            named = [term[number] for term in terms if term is not None]
            if brief is not None and reason != "wait":  # its time stands below
                assert any(term.lower() in brief.lower() for term in named), brief
