"""Admission by a student's photos: the rules, and that roster, registrar and intake keep them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.sync.roster_fetch import fetch_roster
from protocol.review import COMPARISON_FAILED
from protocol.roster import Resolution
from protocol.student import Student
from registrar.admission import PhotoBar, PhotoHistory, find_bar
from registrar.configuration import set_for_booths
from registrar.intake import receive_envelope
from registrar.reviews import put_state
from registrar.serve import Server
from registrar.storage.tables import PHOTO
from tests.desk import signed_in
from tests.town import INSTITUTION, STAFF, TAKEN_AT, Town, submission

HISTORIES = st.builds(
    PhotoHistory,
    st.sampled_from([None, "unreviewed", "approved"]),
    st.sampled_from([None, "hair", COMPARISON_FAILED]),
    st.integers(0, 9),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("history", "bar"),
    [
        (PhotoHistory(), None),
        (PhotoHistory("unreviewed"), "already_photographed"),
        (PhotoHistory("approved"), "photo_approved"),
        (PhotoHistory(None, "hair", 1), None),
        (PhotoHistory(None, "hair", 2), None),
        (PhotoHistory(None, "hair", 3), "resubmissions_used"),
        (PhotoHistory(None, COMPARISON_FAILED, 0), "comparison_failed"),
        (PhotoHistory(None, COMPARISON_FAILED, 3), "comparison_failed"),
        (PhotoHistory("approved", "hair", 3), "photo_approved"),
    ],
)
def test_a_photo_is_replaced_where_it_was_refused_and_twice_at_most(
    history: PhotoHistory, bar: PhotoBar | None
) -> None:
    assert find_bar(history) == bar


@given(HISTORIES, st.integers(0, 9))
def test_nobody_who_has_a_photo_that_stands_comes_without_a_permit_and_everybody_with_one(
    history: PhotoHistory, resubmissions: int
) -> None:
    bar = find_bar(history, resubmissions)
    assert (bar is None) >= history.is_permitted
    if history.standing is not None and not history.is_permitted:
        assert bar is not None


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=2)


def take(town: Town, number: int) -> str | None:
    """Send photo `number` of student 1; why it is refused."""
    envelope = town.envelope(number, of_student=1)
    return receive_envelope(town.store, town.server.keys, envelope, TAKEN_AT).refused


def answers(town: Town) -> set[Resolution]:
    """What a scan of student 1's code is answered: by the registrar, and by a booth's roster."""
    by_roster = fetch_roster(town.client(), town.roster, INSTITUTION).find("code-1")
    assert by_roster is not None
    return {town.store.records.resolve("code-1"), by_roster}


def refuse(town: Town, *numbers: int) -> None:
    for number in numbers:
        assert take(town, number) is None
        town.refuse(number, "hair")


def test_two_photos_are_replaced_and_a_third_only_by_permit_at_registrar_booth_and_intake(
    town: Town,
) -> None:
    refuse(town, 10, 11)
    assert {isinstance(found, Student) for found in answers(town)} == {True}
    refuse(town, 12)
    assert answers(town) == {"resubmissions_used"}
    assert take(town, 13) == "already_photographed"
    town.permit(1)
    (found,) = answers(town)
    assert isinstance(found, Student)
    assert found.refused == "hair"
    assert take(town, 13) is None
    assert answers(town) == {"already_photographed"}


def test_how_many_are_replaced_is_the_institutions_and_booths_hear_of_it(town: Town) -> None:
    refuse(town, 10)
    with town.store.database.transaction() as db:
        set_for_booths(db, INSTITUTION, "resubmissions", "0", STAFF, TAKEN_AT)
    assert answers(town) == {"resubmissions_used"}
    with town.store.database.transaction() as db:
        set_for_booths(db, INSTITUTION, "resubmissions", "", STAFF, TAKEN_AT)
    assert {isinstance(found, Student) for found in answers(town)} == {True}


def test_staff_set_at_the_desk_how_many_are_replaced_of_their_own_institution_alone(
    town: Town,
) -> None:
    refuse(town, 10)
    office = signed_in(town.server, "registrar", language="en", institution=INSTITUTION)
    office.get("/policies")
    path = "/policies/resubmissions"
    for wrong in ("21", "-1", "many"):
        assert "Give a number from 0 to 20." in office.post(path, resubmissions=wrong).text
    others = office.post(path, institution_code="99999", resubmissions="0")
    assert others.status_code == 404
    assert "Saved." in office.post(path, resubmissions="0").text
    assert answers(town) == {"resubmissions_used"}


def test_what_the_comparison_refused_is_the_registrys_and_counts_as_no_resubmission(
    town: Town,
) -> None:
    refuse(town, 10, 11)
    assert take(town, 12) is None
    town.approve(12)
    with town.store.database.transaction() as db:
        photo = db.execute(PHOTO.select().where(PHOTO.c.submission_id == str(submission(12)))).one()
        put_state(db, photo, "refused", COMPARISON_FAILED, (), TAKEN_AT.timestamp())
    assert answers(town) == {"comparison_failed"}
    assert take(town, 13) == "already_photographed"
    town.permit(1)
    refuse(town, 13)
    # It was the third that a reviewer refused; before the comparison nobody had counted it.
    assert answers(town) == {"resubmissions_used"}


def test_a_grant_reaches_registrar_and_booth_and_goes_as_it_came(town: Town) -> None:
    grants = town.store.grants
    for name in ("mouth", "headwear"):
        grants.give("record-1", name, "as the certificate says", STAFF, TAKEN_AT)
    (found,) = answers(town)
    assert isinstance(found, Student)
    assert found.granted == ("headwear", "mouth")
    grants.withdraw("record-1", "mouth", STAFF, TAKEN_AT + timedelta(days=1))
    (found,) = answers(town)
    assert isinstance(found, Student)
    assert found.granted == ("headwear",)


def test_of_photos_that_come_at_once_by_one_permit_one_is_held(town: Town) -> None:
    assert take(town, 10) is None
    town.permit(1)
    with ThreadPoolExecutor(4) as pool:
        refused = list(pool.map(lambda number: take(town, number), range(11, 15)))
    assert refused.count(None) == 1
    assert refused.count("already_photographed") == 3
    assert town.store.counts().photos == 2
