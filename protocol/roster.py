"""Whose a capture code is, asked of the registrar."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from protocol.capture_code import LONGEST_CODE
from protocol.student import Student
from protocol.wire import WITHOUT_NUL, WireType

CodeRefusal = Literal["code_unknown", "already_photographed", "photo_approved", "record_abnormal"]
"""Why the registrar does not admit the student behind a capture code. photo_approved: a person has
looked at the photo and let it pass; before that it is already_photographed."""

Resolution = Student | CodeRefusal
"""The answer: the student who may be photographed, or why there is none."""

RESOLUTION: TypeAdapter[Resolution] = TypeAdapter(Resolution)


class Question(WireType):
    """Whose is this capture code? It travels in a body, so that no log of paths keeps it."""

    capture_code: Annotated[str, Field(min_length=1, max_length=LONGEST_CODE, pattern=WITHOUT_NUL)]
