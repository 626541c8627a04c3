"""A student, as the roster knows them and as they confirm themselves on screen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Student:
    """One record of study (学籍). All texts are as the registrar holds them."""

    record_id: str
    """The registrar's key of the record; it names nobody."""
    name: str
    student_no: str
    institution_code: str
    institution: str
    college: str
    refused: str | None = None
    """Why the photo before was refused, by the reason's name; None where none was."""
    offline_from: int | None = None
    """In s since 1970: from when on a booth may photograph them without asking the registrar; None:
    at any time."""
    granted: tuple[str, ...] = ()
    """What staff have granted them beforehand, by the names in `protocol.grants`."""
