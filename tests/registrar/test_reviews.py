"""Reviews: each photo is one person's at a time, and what they say of it holds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from protocol.provenance import Operation
from protocol.student import Student
from registrar.errors import UsageError
from registrar.intake import receive_envelope
from registrar.notices import UNDO_SECONDS
from registrar.photo_state import BY_POLICY, Policy
from registrar.photos import Photos
from registrar.review_policy import ALL_OTHERS
from registrar.reviews import CLAIM_SECONDS, Overtaken, Reviews, waiting
from registrar.serve import Server
from registrar.storage.tables import AUDIT, NOTICE, PHOTO, ROSTER_CHANGE
from registrar.students import PastPhoto, history
from tests.town import INSTITUTION, TAKEN_AT, Town, picture, provenance, submission

AT = TAKEN_AT
LATER = AT + timedelta(seconds=CLAIM_SECONDS + 1)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    server = Server(tmp_path / "registrar")
    town = Town(server, tmp_path / "booth", students=6)
    yield town
    town.store.database.close()


def receive(town: Town, *numbers: int, of_student: int | None = None) -> None:
    for number in numbers:
        envelope = town.envelope(number, of_student=of_student)
        assert receive_envelope(town.store, town.server.keys, envelope, AT).refused is None


def ids(town: Town, reviewer: str, *, after: int = 0, most: int = 2) -> list[UUID]:
    taken = town.store.reviews.take(reviewer, AT, after=after, most=most)
    return [photo.submission_id for photo in taken]


def past(town: Town, student: int) -> PastPhoto:
    with town.store.database.connection() as db:
        found = history(db, f"record-{student}")
    assert found is not None
    return found.photos[0]


def changes(town: Town) -> int:
    with town.store.database.connection() as db:
        return int(db.execute(select(func.count()).select_from(ROSTER_CHANGE)).scalar_one())


def test_photos_come_in_the_order_in_which_they_came(town: Town) -> None:
    receive(town, 2, 1, 3)
    assert ids(town, "ma") == [submission(2), submission(1)]
    assert ids(town, "ma") == [submission(2), submission(1)]  # still theirs


def test_two_reviewers_never_get_one_photo(town: Town) -> None:
    receive(town, 1, 2, 3)
    assert ids(town, "ma") == [submission(1), submission(2)]
    assert ids(town, "li") == [submission(3)]
    assert ids(town, "wu") == []


def test_reviewers_who_come_at_once_never_get_one_photo(town: Town) -> None:
    receive(town, 1, 2, 3, 4, 5)
    people = [f"person-{number}" for number in range(5)]
    with ThreadPoolExecutor(5) as pool:
        taken = [found for (found,) in pool.map(lambda person: ids(town, person, most=1), people)]
    assert sorted(taken) == sorted(map(submission, range(1, 6)))


def test_a_claim_lapses_and_who_had_it_is_told(town: Town) -> None:
    receive(town, 1)
    ids(town, "ma")
    assert [taken.submission_id for taken in town.store.reviews.take("li", LATER)] == [
        submission(1)
    ]
    with pytest.raises(Overtaken, match="somebody else has it"):
        town.store.reviews.decide("ma", submission(1), "approved", LATER)
    assert town.store.reviews.decide("li", submission(1), "approved", LATER) == "approved"
    with pytest.raises(Overtaken):
        town.store.reviews.decide("li", submission(1), "refused", LATER, reason="gaze")


def test_what_is_passed_over_comes_again_at_the_end(town: Town) -> None:
    receive(town, 1, 2, 3)
    first = town.store.reviews.take("ma", AT)[0]
    assert ids(town, "ma", after=first.number) == [submission(2), submission(3)]
    assert ids(town, "ma", after=first.number + 1) == [submission(3), submission(1)]


def test_an_approved_photo_is_told_at_the_next_scan(town: Town) -> None:
    receive(town, 1)
    assert town.store.records.resolve("code-1") == "already_photographed"
    before = changes(town)
    town.approve(1)
    assert town.store.records.resolve("code-1") == "photo_approved"
    assert changes(town) == before + 1


def test_who_was_refused_comes_again_and_is_told_why(town: Town) -> None:
    receive(town, 1)
    before = changes(town)
    town.refuse(1, "eyes_closed")
    found = town.store.records.resolve("code-1")
    assert isinstance(found, Student)
    assert found.refused == "eyes_closed"
    assert changes(town) == before + 1
    receive(town, 11, of_student=1)
    assert town.store.records.resolve("code-1") == "already_photographed"
    assert past(town, 1).state == "unreviewed"


def test_a_refusal_has_a_reason_from_the_list_and_an_approval_none(town: Town) -> None:
    receive(town, 1)
    for verdict, reason in (("refused", None), ("refused", "ugly"), ("approved", "gaze")):
        with pytest.raises(UsageError, match="reason"):
            town.store.reviews.decide("ma", submission(1), verdict, AT, reason=reason)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="500 characters"):
        town.store.reviews.decide("ma", submission(1), "approved", AT, note="x" * 501)
    assert past(town, 1).said == ()


def test_two_people_must_approve_where_the_institution_says_so(town: Town) -> None:
    town.store.policies.set(INSTITUTION, Policy(persons=2), "staff-1", AT)
    receive(town, 1)
    ids(town, "ma")
    assert town.store.reviews.decide("ma", submission(1), "approved", AT) == "unreviewed"
    assert ids(town, "ma") == []
    with pytest.raises(Overtaken, match="you have spoken"):
        town.store.reviews.decide("ma", submission(1), "approved", AT)
    assert ids(town, "li") == [submission(1)]
    assert town.store.reviews.decide("li", submission(1), "approved", AT) == "approved"


def test_a_photo_that_was_not_drawn_is_approved_by_the_policy(town: Town) -> None:
    town.store.policies.set(ALL_OTHERS, Policy(share=0.3), "staff-1", AT)
    draws = iter([0.29, 0.3])
    town.store.photos = Photos(
        town.store.database, town.store.objects, ["webhook"], lambda: next(draws)
    )
    receive(town, 1, 2)
    assert ids(town, "ma") == [submission(1)]
    (said,) = past(town, 2).said
    assert (said.reviewer, said.verdict) == (BY_POLICY, "approved")
    assert [told.state for told in past(town, 2).told] == ["approved"]
    assert past(town, 1).told == ()


def test_what_staff_are_to_decide_is_always_drawn(town: Town) -> None:
    town.store.policies.set(ALL_OTHERS, Policy(share=0.0), "staff-1", AT)
    waived = Operation(name="excused", parameters={"headwear": "waived"})
    record = provenance(picture(1), town.key, operations=(waived,))
    envelope = town.envelope(1, record=record)
    receive_envelope(town.store, town.server.keys, envelope, AT)
    assert past(town, 1).state == "unreviewed"


def test_an_institutions_own_policy_goes_before_the_others(town: Town) -> None:
    town.store.policies.set(ALL_OTHERS, Policy(share=0.0), "staff-1", AT)
    town.store.policies.set(INSTITUTION, Policy(persons=2), "staff-1", AT)
    receive(town, 1)
    assert past(town, 1).state == "unreviewed"
    assert town.store.policies.all() == {"": Policy(share=0.0), INSTITUTION: Policy(persons=2)}


def test_the_last_word_is_taken_back_before_it_is_sent_on(town: Town) -> None:
    town.store.reviews = Reviews(town.store.database, ["webhook"])
    receive(town, 1, 2)
    ids(town, "staff-1")
    town.refuse(1)
    town.approve(2)
    assert [told.state for told in past(town, 1).told] == ["refused"]
    assert town.store.reviews.undo("staff-1", AT) == submission(2)
    assert town.store.reviews.undo("staff-1", AT) == submission(1)
    assert past(town, 1).state == "unreviewed"
    assert past(town, 1).told == ()
    assert town.store.records.resolve("code-1") == "already_photographed"
    assert ids(town, "li") == []  # they have it again
    assert town.store.reviews.undo("staff-1", AT) is None


def test_what_was_sent_on_is_not_taken_back(town: Town) -> None:
    receive(town, 1, 2)
    town.approve(1)
    assert town.store.reviews.undo("staff-1", AT + timedelta(seconds=UNDO_SECONDS + 1)) is None
    town.refuse(2)
    receive(town, 12, of_student=2)  # the student has come again
    assert town.store.reviews.undo("staff-1", AT) is None


def test_an_approved_photo_may_be_refused_later(town: Town) -> None:
    receive(town, 1)
    with pytest.raises(Overtaken, match="not approved"):
        town.store.reviews.revoke("ma", submission(1), AT, reason="clothes")
    town.approve(1)
    town.store.reviews.revoke("staff-1", submission(1), AT, reason="clothes", note="a uniform")
    assert past(town, 1).state == "refused"
    assert [said.verdict for said in past(town, 1).said] == ["refused", "approved"]
    assert town.store.reviews.undo("staff-1", AT) == submission(1)
    assert past(town, 1).state == "approved"


def test_nobody_speaks_of_a_photo_that_there_is_none(town: Town) -> None:
    with pytest.raises(UsageError, match="no such photo"):
        town.store.reviews.decide("ma", submission(9), "approved", AT)


def test_what_waits_is_counted_and_what_was_said_is_audited(town: Town) -> None:
    receive(town, 1, 2, 3)
    town.approve(1)
    town.refuse(2)
    town.store.reviews.undo("staff-1", AT)
    with town.store.database.connection() as db:
        assert waiting(db) == 2
        audited = db.execute(select(AUDIT.c.action, AUDIT.c.subject).order_by(AUDIT.c.number)).all()
        assert db.execute(select(func.count()).select_from(NOTICE)).scalar_one() == 0
        states = db.execute(select(PHOTO.c.state).order_by(PHOTO.c.number)).scalars().all()
    assert [(row.action, row.subject) for row in audited] == [
        ("photo.approve", str(submission(1))),
        ("photo.refuse", str(submission(2))),
        ("photo.undo", str(submission(2))),
    ]
    assert states == ["approved", "unreviewed", "unreviewed"]
