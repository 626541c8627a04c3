"""Enrolment at the booth: it brings its key to the registrar by a one-time code."""

from nacl.signing import SigningKey
from pydantic import ValidationError

from kiosk.errors import SyncError, UsageError
from kiosk.sync.errors import Forged, NotEnrolled, Unreachable
from kiosk.sync.line import Line
from kiosk.sync.signed_line import read_problem
from protocol.enrolment import EnrolmentAnswer, code_key, make_request, read_code
from protocol.request import PREFIX

PATIENCE = (5.0, 15.0)
"""Seconds for a connection and for an answer, while somebody stands before the booth."""


def enrol(
    url: str, code: str, key: SigningKey, patience: tuple[float, float] = PATIENCE
) -> EnrolmentAnswer:
    """Have the registrar at `url` serve this booth, by its key, from now on.

    The same booth may ask again with the same code: it may not have heard the answer. Raises
    UsageError for what is no code or address, NotEnrolled where the code is good no more, Forged
    where somebody stands in between, Unreachable.
    """
    try:
        known = read_code(code)
    except ValueError as error:
        raise UsageError(f"{code}: {error}; read it off the registrar's page again") from error
    line = Line(url, timeout=patience, deadline=sum(patience))
    try:
        body = make_request(known, key).model_dump_json().encode()
        headers = {"Content-Type": "application/json"}
        answer = line.ask("POST", f"{PREFIX}/enrol", body, headers)
    finally:
        line.close()
    if answer.status != 200:
        problem = read_problem(line, answer)
        kind: type[SyncError] = NotEnrolled if problem.error == "code_unknown" else Unreachable
        raise kind(line.say(problem.detail))
    try:
        enrolled = EnrolmentAnswer.model_validate_json(answer.content)
    except ValidationError as error:
        raise Unreachable(line.say("answers, but not as a registrar does")) from error
    if not enrolled.is_proved(code_key(known), bytes(key.verify_key)):
        raise Forged(
            line.say(
                "who answers does not know the code: somebody stands in between; ask the"
                " registrar's staff"
            )
        )
    return enrolled
