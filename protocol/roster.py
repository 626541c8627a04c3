"""Whose a capture code is, asked of the registrar."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field, TypeAdapter

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
    "comparison_failed",
    "resubmissions_used",
    "not_admitted",
]
"""Why the registrar does not admit the student behind a capture code. photo_approved: a person has
looked at the photo and let it pass; before that it is already_photographed. comparison_failed: the
national comparison refused it afterwards, which the registry settles. resubmissions_used: as many
photos were refused as may be replaced without asking. not_admitted: for a reason that this release
has no word for."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The student was photographed as often as they may be, and may come again then."""

    until: AwareDatetime


@dataclass(frozen=True, slots=True)
class Alias:
    """What the roster answers to the key of a plain code: the capture code of whom it means."""

    capture_code: str = field(repr=False)


Resolution = Student | CodeRefusal
"""What the roster answers: the student who may be photographed, or why there is none."""

Answer = Resolution | Wait
"""What the registrar answers to a question."""


def _read_refusal(said: Any) -> Any:
    """A newer registrar may have more words than a booth; none of them admits anybody."""
    return "not_admitted" if isinstance(said, str) and said not in _WORDS else said


_WORDS = frozenset(get_args(CodeRefusal))
_Refusal = Annotated[CodeRefusal, BeforeValidator(_read_refusal)]

RESOLUTION: TypeAdapter[Resolution] = TypeAdapter(Student | _Refusal)
ALIAS: TypeAdapter[Alias] = TypeAdapter(Alias)
ANSWER: TypeAdapter[Answer] = TypeAdapter(Student | _Refusal | Wait)


class Question(WireType):
    """Whose is this capture code? It travels in a body, so that no log of paths keeps it."""

    capture_code: Annotated[str, Field(min_length=1, max_length=LONGEST_CODE, pattern=WITHOUT_NUL)]
    standardisation: UUID | None = None
    """Under which one is begun for who is admitted; None: nobody is to be photographed now."""
    told: Annotated[tuple[ToldStandardisation, ...], Field(max_length=MOST_TOLD)] = ()
    """How those before ended, which the registrar has not heard of yet: it counts them first."""
