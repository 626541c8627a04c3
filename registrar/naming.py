"""What an export's files are called, and what makes a name impossible or taken."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from protocol.provenance import FILE_SUFFIX
from protocol.student import Student
from registrar.errors import UsageError
from registrar.roster import is_abnormal

LIST = "photos.csv"
"""The list of all photos, which lies beside them."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A way to name students' files."""

    term: str
    """What a student is named by, as a message says it."""
    stem: Callable[[Student], str]
    """The name of a student's files without suffix; empty where the student has none."""


def _student_no(student: Student) -> str:
    return "" if is_abnormal(student.student_no) else student.student_no


BY_STUDENT_NO = Naming("student number", _student_no)
"""`<student_no>.jpg`, as the register takes them."""

NAMING = BY_STUDENT_NO


@dataclass(frozen=True, slots=True)
class StudentFiles:
    """Where a student's files lie."""

    photo: Path
    provenance: Path


class ExportNames:
    """The names in one export's folder: each belongs to one record."""

    def __init__(self, folder: Path, naming: Naming = NAMING) -> None:
        self.list = folder / LIST
        self._folder = folder
        self._naming = naming
        self._owners: dict[str, str] = {}

    def files(self, student: Student) -> StudentFiles:
        """Name a student's files.

        Raises UsageError where the student cannot be named so, or another record has the name.
        """
        term, stem = self._naming.term, self._naming.stem(student)
        if not stem:
            raise UsageError(f"record {student.record_id}: has no {term}; mend the roster")
        if "/" in stem or "\0" in stem:
            raise UsageError(
                f"record {student.record_id}: its {term} {stem!r} cannot be a file's name;"
                " mend the roster"
            )
        photo = self._folder / f"{stem}.jpg"
        owner = self._owners.setdefault(stem, student.record_id)
        if owner != student.record_id:
            raise UsageError(
                f"{photo}: records {owner} and {student.record_id} have one {term}; mend the roster"
            )
        return StudentFiles(photo, self._folder / f"{stem}{FILE_SUFFIX}")
