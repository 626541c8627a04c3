"""A booth enrols itself by a code that goes over no wire, and nobody else does by it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from nacl.signing import SigningKey

from protocol.enrolment import (
    EnrolmentAnswer,
    EnrolmentRequest,
    code_key,
    make_request,
    read_code,
)
from registrar.enrolment import CODE_GOOD, answer_enrolment, offer_enrolment
from registrar.enrolment_routes import ATTEMPTS, LARGEST_REQUEST
from registrar.errors import UsageError
from registrar.serve import Server
from tests.town import BOOTH, Town

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "registrar") as serving:
        yield serving


def offer(server: Server, booth_id: str = "booth-7", at: datetime | None = None) -> str:
    """A code for a booth, as read off the page."""
    with server.store.database.transaction() as db:
        return read_code(offer_enrolment(db, booth_id, "tom", at or datetime.now(UTC)))


def ask(server: Server, request: EnrolmentRequest) -> requests.Response:
    body = request.model_dump_json()
    return requests.post(f"{server.url}v1/enrol", data=body, timeout=10)


def test_a_booth_brings_its_key_and_learns_the_registrars(server: Server) -> None:
    code, key = offer(server), SigningKey.generate()
    answer = EnrolmentAnswer.model_validate_json(ask(server, make_request(code, key)).content)
    assert answer.is_proved(code_key(code), bytes(key.verify_key))
    assert answer.booth_id == "booth-7"
    assert answer.registrar_public_key == bytes(server.keys.vault.public_key)
    assert answer.registrar_verify_key == bytes(server.keys.signing_key.verify_key)
    assert server.store.booths.served() == {"booth-7": key.verify_key}


def test_the_same_booth_may_ask_again_and_no_other_by_its_code(server: Server) -> None:
    code, key = offer(server), SigningKey.generate()
    for _ in range(2):
        assert ask(server, make_request(code, key)).status_code == 200
    refused = ask(server, make_request(code, SigningKey.generate()))
    assert refused.status_code == 403
    assert refused.json()["error"] == "code_unknown"


def test_a_code_is_good_for_a_day(server: Server) -> None:
    code, key = offer(server, at=NOW), SigningKey.generate()
    request = make_request(code, key)
    late = NOW + CODE_GOOD + timedelta(seconds=1)
    assert answer_enrolment(server.store, server.keys, request, late) is None
    assert answer_enrolment(server.store, server.keys, request, NOW + CODE_GOOD / 2) is not None


def test_who_reads_along_can_put_in_no_key_of_their_own(server: Server) -> None:
    code, key, other = offer(server), SigningKey.generate(), SigningKey.generate()
    seen = make_request(code, key)
    swapped = seen.model_copy(update={"verify_key": bytes(other.verify_key)})
    signature = other.sign(swapped.message).signature
    assert ask(server, swapped.model_copy(update={"signature": signature})).status_code == 403
    answer = EnrolmentAnswer.model_validate_json(ask(server, seen).content)
    forged = answer.model_copy(update={"registrar_public_key": bytes(other.verify_key)})
    assert not forged.is_proved(code_key(code), bytes(key.verify_key))
    assert not answer.is_proved(code_key(code), bytes(other.verify_key))


def test_a_name_that_is_taken_gets_no_code(server: Server, tmp_path: Path) -> None:
    Town(server, tmp_path / "booth")
    with pytest.raises(UsageError, match="is enrolled already"):
        offer(server, BOOTH)


def test_a_code_may_be_typed_as_people_do() -> None:
    assert read_code("abcd efgh jkmn pqrs") == "ABCDEFGHJKMNPQRS"
    assert read_code("ABCD-EFGH-JKMN-PQ0O") == "ABCDEFGHJKMNPQ00"
    with pytest.raises(ValueError, match="16 letters"):
        read_code("ABCD")


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"{}", 400), (b"x" * (LARGEST_REQUEST + 1), 413)]
)
def test_rubbish_enrols_nobody(server: Server, body: bytes, status: int) -> None:
    assert requests.post(f"{server.url}v1/enrol", data=body, timeout=10).status_code == status


def test_who_tries_codes_must_wait(server: Server) -> None:
    request = make_request("0" * 16, SigningKey.generate())
    statuses = [ask(server, request).status_code for _ in range(ATTEMPTS + 1)]
    assert set(statuses[:-1]) == {403}
    assert statuses[-1] == 429
