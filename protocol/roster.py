"""Whose a capture code is, asked of the registrar."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter

from protocol.capture_code import LONGEST_CODE
from protocol.standardisation import MOST_TOLD, ToldStandardisation
from protocol.student import Student
from protocol.wire import WITHOUT_NUL, WireType

CodeRefusal = Literal[
    "code_unknown",
    "already_photographed",
    "photo_approved",
    "record_abnormal",
    "other_institution",
    "decryptor_failed",
]
"""Why the registrar does not admit the student behind a capture code. photo_approved: a person has
looked at the photo and let it pass; before that it is already_photographed."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The student was photographed as often as they may be, and may come again then."""

    until: AwareDatetime


Resolution = Student | CodeRefusal
"""What the roster answers: the student who may be photographed, or why there is none."""

Answer = Resolution | Wait
"""What the registrar answers to a question."""

RESOLUTION: TypeAdapter[Resolution] = TypeAdapter(Resolution)
ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)


class Question(WireType):
    """Whose is this capture code? It travels in a body, so that no log of paths keeps it."""

    capture_code: Annotated[str, Field(min_length=1, max_length=LONGEST_CODE, pattern=WITHOUT_NUL)]
    standardisation: UUID | None = None
    """Under which one is begun for who is admitted; None: nobody is to be photographed now."""
    told: Annotated[tuple[ToldStandardisation, ...], Field(max_length=MOST_TOLD)] = ()
    """How those before ended, which the registrar has not heard of yet: it counts them first."""
